//  Bytes that a client sent as base64 text. Source: RFC 4648 §4, RFC 2397.

enum Base64Body {
    /// Decodes base64, with or without `data:image/png;base64,` before it. Line breaks and spaces are skipped.
    ///
    /// - Returns: the bytes, and the media type that stood before them.
    /// - Throws: `.validation` at `file`.
    static func decode(_ text: some Collection<UInt8>) throws(APIError) -> (content: [UInt8], mediaType: String?) {
        guard text.starts(with: "data:".utf8) else { return (try bytes(of: text), nil) }
        let header = text.prefix(512).prefix { $0 != UInt8(ascii: ",") }
        let words = String(decoding: header, as: UTF8.self)
        guard words.hasSuffix(";base64"), header.count < text.count else { throw malformed }
        let type = FieldValue(String(words.dropFirst(5).dropLast(7))).essence
        return (try bytes(of: text.dropFirst(header.count + 1)), type.isEmpty ? nil : type)
    }

    private static func bytes(of text: some Sequence<UInt8>) throws(APIError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        var digits = 0
        for byte in text where !isBlank(byte) {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { throw malformed }
            digits += 1
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        // Padding may be missing, but what is there must be right, and no digit may stand alone.
        guard digits % 4 != 1, padding == 0 || (digits + padding) % 4 == 0 && padding <= 2 else { throw malformed }
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
