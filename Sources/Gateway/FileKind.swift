//  What the first bytes of a file say of its type. Source: WHATWG, "MIME Sniffing" §6, and the formats' own texts.

/// Formats of sounds, pictures and documents that can be told by how they begin.
enum FileKind: Sendable {
    case png, jpeg, gif, webp, bmp, tiff, icon, svg, isoMedia
    case wav, mpegAudio, ogg, flac, aac, amr, au, aiff, midi, webm
    case pdf, flv, mpegVideo

    /// How many bytes at the beginning are looked at, at the most.
    static let beginning = 512

    /// The format that a media type names; nil for one that has no mark of its own, or that nobody here knows.
    init?(mediaType: String) {
        guard let kind = Self.names[mediaType] else { return nil }
        self = kind
    }

    /// Whether two media types name one format: `audio/mp3` and `audio/mpeg`.
    static func areSame(_ one: String, _ other: String) -> Bool {
        guard one != other else { return true }
        func family(_ type: String) -> Substring { type.prefix { $0 != "/" } }
        guard let kind = FileKind(mediaType: one), kind == FileKind(mediaType: other) else { return false }
        return family(one) == family(other)
    }

    private static let names: [String: FileKind] = [
        "image/png": .png, "image/jpeg": .jpeg, "image/jpg": .jpeg, "image/pjpeg": .jpeg, "image/gif": .gif,
        "image/webp": .webp, "image/bmp": .bmp, "image/x-ms-bmp": .bmp, "image/tiff": .tiff, "image/x-icon": .icon,
        "image/vnd.microsoft.icon": .icon, "image/svg+xml": .svg, "image/avif": .isoMedia, "image/heic": .isoMedia,
        "image/heif": .isoMedia, "audio/wav": .wav, "audio/x-wav": .wav, "audio/wave": .wav, "audio/vnd.wave": .wav,
        "audio/mpeg": .mpegAudio, "audio/mp3": .mpegAudio, "audio/mpeg3": .mpegAudio, "audio/x-mpeg": .mpegAudio,
        "audio/x-mp3": .mpegAudio, "audio/x-mpeg-3": .mpegAudio, "audio/ogg": .ogg, "audio/opus": .ogg,
        "audio/vorbis": .ogg, "audio/x-ogg": .ogg, "video/ogg": .ogg, "audio/flac": .flac, "audio/x-flac": .flac,
        "audio/aac": .aac, "audio/x-aac": .aac, "audio/aacp": .aac, "audio/amr": .amr, "audio/basic": .au,
        "audio/aiff": .aiff, "audio/x-aiff": .aiff, "audio/midi": .midi, "audio/webm": .webm, "audio/mp4": .isoMedia,
        "audio/m4a": .isoMedia, "audio/x-m4a": .isoMedia, "audio/3gpp": .isoMedia, "application/pdf": .pdf,
        "video/webm": .webm, "video/mp4": .isoMedia, "video/quicktime": .isoMedia, "video/3gpp": .isoMedia,
        "video/x-flv": .flv, "video/mpeg": .mpegVideo, "video/h264": .mpegVideo,
    ]

    /// How names of such files end.
    fileprivate var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        case .gif: "gif"
        case .webp: "webp"
        case .bmp: "bmp"
        case .tiff: "tiff"
        case .icon: "ico"
        case .svg: "svg"
        case .isoMedia: "mp4"
        case .wav: "wav"
        case .mpegAudio: "mp3"
        case .ogg: "ogg"
        case .flac: "flac"
        case .aac: "aac"
        case .amr: "amr"
        case .au: "au"
        case .aiff: "aiff"
        case .midi: "mid"
        case .webm: "webm"
        case .pdf: "pdf"
        case .flv: "flv"
        case .mpegVideo: "mpg"
        }
    }

    /// Whether a file of the format can begin so.
    ///
    /// - Parameter bytes: the first `beginning` bytes, or all if there are fewer.
    func canBegin(with bytes: [UInt8]) -> Bool {
        func has(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
        func begins(_ signature: UInt8...) -> Bool { bytes.starts(with: signature) }
        switch self {
        case .png: return begins(0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A)
        case .jpeg: return begins(0xFF, 0xD8, 0xFF)
        case .gif: return has("GIF87a") || has("GIF89a")
        case .webp: return has("RIFF") && has("WEBP", at: 8)
        case .bmp: return has("BM")
        case .tiff: return begins(0x49, 0x49, 0x2A, 0) || begins(0x4D, 0x4D, 0, 0x2A)
        case .icon: return begins(0, 0, 1, 0)
        case .svg:
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let text = bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
            return text.first { $0 != 0x20 && !(0x09...0x0D).contains($0) } == UInt8(ascii: "<")
        case .isoMedia: return ["ftyp", "moov", "mdat", "wide", "free"].contains { has($0, at: 4) }
        case .wav: return (has("RIFF") || has("RF64")) && has("WAVE", at: 8)
        case .mpegAudio:
            // A frame of any layer, or the tag that players put before the first.
            return has("ID3") || bytes.count > 1 && bytes[0] == 0xFF && bytes[1] & 0xE0 == 0xE0 && bytes[1] & 0x06 != 0
        case .ogg: return has("OggS")
        case .flac: return has("fLaC")
        case .aac: return has("ADIF") || bytes.count > 1 && bytes[0] == 0xFF && bytes[1] & 0xF6 == 0xF0
        case .amr: return has("#!AMR")
        case .au: return has(".snd")
        case .aiff: return has("FORM") && (has("AIFF", at: 8) || has("AIFC", at: 8))
        case .midi: return has("MThd")
        case .webm: return begins(0x1A, 0x45, 0xDF, 0xA3)
        case .pdf: return has("%PDF-")
        case .flv: return has("FLV")
        case .mpegVideo: return begins(0, 0, 1) || begins(0, 0, 0, 1)
        }
    }
}

/// How the names of files of a media type end, without the dot; nil for a type that nobody here knows.
package func fileExtension(of mediaType: String) -> String? { FileKind(mediaType: mediaType)?.fileExtension }
