//  Bytes that a client sent as base64 text. Source: RFC 4648 §4, RFC 2397.

/// Decodes base64 as it comes, with or without `data:image/png;base64,` before it. Line breaks and spaces are skipped.
struct Base64Decoder {
    /// The media type that stood before the bytes.
    private(set) var mediaType: String?
    /// The beginning, until it is known whether it is text or the words before it; nil from then on.
    private var beginning: [UInt8]? = []
    private var bits: UInt32 = 0
    private var count = 0
    private var padding = 0
    private var digits = 0
    private var isFinished = false

    private static let scheme = Array("data:".utf8)
    /// The longest words before the bytes.
    private static let longestHeader = 512

    /// Returns the next bytes of a text that comes in pieces; nil at its end.
    ///
    /// - Throws: `.validation` at `file` if it is none; what `source` throws.
    mutating func next(_ source: () throws(APIError) -> [UInt8]?) throws(APIError) -> [UInt8]? {
        while !isFinished {
            let bytes: [UInt8]
            if let piece = try source() {
                bytes = try decode(piece)
            } else {
                isFinished = true
                bytes = try finish()
            }
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }

    /// Returns the bytes of a piece of the text, which may be none yet.
    private mutating func decode(_ piece: [UInt8]) throws(APIError) -> [UInt8] {
        guard let begun = beginning else { return try bytes(of: piece) }
        let text = begun + piece
        guard text.starts(with: Self.scheme) || Self.scheme.starts(with: text) else {
            beginning = nil
            return try bytes(of: text)
        }
        guard let comma = text.prefix(Self.longestHeader).firstIndex(of: UInt8(ascii: ",")) else {
            guard text.count < Self.longestHeader else { throw Self.malformed }
            beginning = text
            return []
        }
        beginning = nil
        let words = String(decoding: text[..<comma], as: UTF8.self)
        guard words.hasSuffix(";base64") else { throw Self.malformed }
        let type = FieldValue(String(words.dropFirst(Self.scheme.count).dropLast(7))).essence
        mediaType = type.isEmpty ? nil : type
        return try bytes(of: text[(comma + 1)...])
    }

    /// Returns what was held back, at the end of the text.
    private mutating func finish() throws(APIError) -> [UInt8] {
        let rest = beginning ?? []
        beginning = nil
        guard !rest.starts(with: Self.scheme) else { throw Self.malformed }
        let last = try bytes(of: rest)
        // Padding may be missing, but what is there must be right, and no digit may stand alone.
        guard digits % 4 != 1, padding == 0 || (digits + padding) % 4 == 0 && padding <= 2 else {
            throw Self.malformed
        }
        return last
    }

    private mutating func bytes(of text: some Collection<UInt8>) throws(APIError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        for byte in text where !Self.isBlank(byte) {
            if byte == UInt8(ascii: "=") {
                guard padding < 3 else { throw Self.malformed }
                padding += 1
                continue
            }
            guard padding == 0, let value = Self.value(of: byte) else { throw Self.malformed }
            digits = (digits + 1) & 3
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }

    private static let malformed = APIError.invalid("file", rule: "encoding", "failed to decode base64 data")

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
