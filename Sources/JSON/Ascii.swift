//  The characters that carry meaning in JSON, as bytes.

enum Ascii {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let dot: UInt8 = 0x2E
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let upperE: UInt8 = 0x45
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let lowerE: UInt8 = 0x65
    static let lowerF: UInt8 = 0x66
    static let lowerN: UInt8 = 0x6E
    static let lowerT: UInt8 = 0x74
    static let lowerU: UInt8 = 0x75
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D
}

/// Returns the offset of the first byte at or after `start` that is not whitespace, or the count.
///
/// Source: RFC 8259 §2.
@inline(__always)
func skipWhitespace(in bytes: Span<UInt8>, from start: Int) -> Int {
    var offset = start
    while offset < bytes.count {
        let byte = bytes[offset]
        guard
            byte == Ascii.space || byte == Ascii.lineFeed || byte == Ascii.carriageReturn || byte == Ascii.tab
        else { break }
        offset += 1
    }
    return offset
}

/// Whether a byte of a checked number or literal goes on with it.
@inline(__always)
func isPartOfScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case Ascii.comma, Ascii.closeBrace, Ascii.closeBracket: false
    default: byte > Ascii.space
    }
}

/// Returns the value of a hexadecimal digit, or nil.
@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte &- 0x30)
    case 0x41...0x46: UInt32(byte &- 0x37)
    case 0x61...0x66: UInt32(byte &- 0x57)
    default: nil
    }
}
