//  Reads what the inside of a checked string means.

/// The UTF-8 of one character, its first byte lowest.
struct PackedCharacter {
    var bytes: UInt32
    var count: Int

    init(_ scalar: UInt32) {
        switch scalar {
        case ..<0x80:
            bytes = scalar
            count = 1
        case ..<0x800:
            bytes = (0xC0 | scalar >> 6) | (0x80 | scalar & 0x3F) << 8
            count = 2
        case ..<0x1_0000:
            bytes = (0xE0 | scalar >> 12) | (0x80 | scalar >> 6 & 0x3F) << 8 | (0x80 | scalar & 0x3F) << 16
            count = 3
        default:
            bytes = (0xF0 | scalar >> 18) | (0x80 | scalar >> 12 & 0x3F) << 8
            bytes |= (0x80 | scalar >> 6 & 0x3F) << 16 | (0x80 | scalar & 0x3F) << 24
            count = 4
        }
    }

    /// Takes the first byte away, or returns nil when none is left.
    mutating func popFirst() -> UInt8? {
        guard count > 0 else { return nil }
        defer {
            bytes >>= 8
            count -= 1
        }
        return UInt8(truncatingIfNeeded: bytes)
    }
}

/// Returns the character that the checked escape at `start` means, and the offset behind it.
func unescape(_ bytes: Span<UInt8>, at start: Int) -> (character: PackedCharacter, end: Int) {
    let scalar: UInt32
    switch bytes[start + 1] {
    case UInt8(ascii: "b"): scalar = 0x08
    case UInt8(ascii: "f"): scalar = 0x0C
    case UInt8(ascii: "n"): scalar = 0x0A
    case UInt8(ascii: "r"): scalar = 0x0D
    case UInt8(ascii: "t"): scalar = 0x09
    case Ascii.lowerU:
        let unit = codeUnit(bytes, at: start + 2)
        // A checked text has no high surrogate without its low one.
        guard case 0xD800...0xDBFF = unit else { return (PackedCharacter(unit), start + 6) }
        let low = codeUnit(bytes, at: start + 8)
        return (PackedCharacter(0x1_0000 + (unit & 0x3FF) << 10 + low & 0x3FF), start + 12)
    case let character: scalar = UInt32(character)
    }
    return (PackedCharacter(scalar), start + 2)
}

/// Returns the value of the four checked hexadecimal digits at `start`.
private func codeUnit(_ bytes: Span<UInt8>, at start: Int) -> UInt32 {
    (start..<start + 4).reduce(0) { unit, offset in unit << 4 | (hexadecimalValue(bytes[offset]) ?? 0) }
}

/// Passes over a checked string whose opening quote stands before `start`; returns the offset of its closing quote.
@inline(__always)
func passString(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, isEscaped: Bool) {
    var end = stringEnd(in: bytes, from: start)
    guard bytes[end] != Ascii.quote else { return (end, false) }
    while bytes[end] == Ascii.backslash { end = stringEnd(in: bytes, from: end + 2) }
    return (end, true)
}

/// Returns the offset of the first quote or backslash at or after `start`, or the count.
@inline(__always)
private func stringEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
    firstOffset(in: bytes, from: start) { word in
        Word.marks(word, equalTo: Ascii.quote) | Word.marks(word, equalTo: Ascii.backslash)
    }
}

/// Appends what the inside of a checked string means, in UTF-8.
func appendUnescaped(_ bytes: Span<UInt8>, _ inside: Range<Int>, to text: inout [UInt8]) {
    let inside = bytes.extracting(inside)
    var offset = 0
    while true {
        let end = firstOffset(in: inside, from: offset) { word in Word.marks(word, equalTo: Ascii.backslash) }
        inside.extracting(offset..<end).withUnsafeBufferPointer { text.append(contentsOf: $0) }
        guard end < inside.count else { return }
        var escape = unescape(inside, at: end)
        while let byte = escape.character.popFirst() { text.append(byte) }
        offset = escape.end
    }
}

/// The UTF-8 bytes that a checked key means, one by one.
struct UnescapingReader {
    private var offset: Int
    private let end: Int
    private var character = PackedCharacter(0)

    init(_ span: KeySpan) {
        offset = span.start
        end = span.end
        character.count = 0
    }

    mutating func next(_ bytes: Span<UInt8>) -> UInt8? {
        if let byte = character.popFirst() { return byte }
        guard offset < end else { return nil }
        let byte = bytes[offset]
        guard byte == Ascii.backslash else {
            offset += 1
            return byte
        }
        (character, offset) = unescape(bytes, at: offset)
        return character.popFirst()
    }
}
