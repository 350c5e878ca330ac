//  Checks that a text is JSON as it is accepted here, in one pass and without building anything.
//
//  Everything that is refused is refused here. What reads a checked text afterwards (JSONBuilder, JSONWriter.raw)
//  relies on that and has no errors of its own.

/// One check of one text.
///
/// Cost: one look at each byte; an object of more than 64 keys also sorts them. Memory: 32 bytes for each key of the
/// objects that are open at the same time.
struct JSONScanner {
    private var keys = KeyLedger()
    /// How many values a text may have, itself and those inside others.
    private let maximumValues: Int

    init(maximumValues: Int = .max) { self.maximumValues = maximumValues }

    /// Passes over the whole text.
    mutating func scan(_ bytes: Span<UInt8>) throws(JSONFault) {
        // The open containers, the innermost in the lowest bit; a set bit is an object.
        var containers: UInt64 = 0
        var depth = 0
        var values = 0
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONFault(.byteOrderMark, at: 0)
        }
        var offset = skipWhitespace(in: bytes, from: 0)
        guard offset < bytes.count else { throw JSONFault(.noValue, at: offset) }

        value: while true {
            guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
            values += 1
            guard values <= maximumValues else { throw JSONFault(.tooManyValues, at: offset) }
            let first = bytes[offset]
            switch first {
            case Ascii.quote:
                offset = try scanString(bytes, from: offset + 1).end
            case Ascii.openBrace, Ascii.openBracket:
                guard depth < JSON.maximumDepth else { throw JSONFault(.tooDeep, at: offset) }
                depth += 1
                let isObject = first == Ascii.openBrace
                containers = containers << 1 | (isObject ? 1 : 0)
                if isObject { keys.open() }
                offset = skipWhitespace(in: bytes, from: offset + 1)
                let isEmpty =
                    offset < bytes.count && bytes[offset] == (isObject ? Ascii.closeBrace : Ascii.closeBracket)
                guard isEmpty else {
                    if isObject { offset = try scanKey(bytes, from: offset) }
                    continue value
                }
            case Ascii.minus, Ascii.zero...Ascii.nine:
                guard let end = numberEnd(in: bytes, from: offset) else { throw JSONFault(.invalidNumber, at: offset) }
                offset = end
            case Ascii.lowerT, Ascii.lowerF, Ascii.lowerN:
                offset = try scanLiteral(bytes, from: offset)
            default:
                throw JSONFault(.unexpectedByte(first), at: offset)
            }

            // Here a value has ended, or an empty container is about to.
            while true {
                offset = skipWhitespace(in: bytes, from: offset)
                guard depth > 0 else {
                    guard offset == bytes.count else { throw JSONFault(.trailingInput, at: offset) }
                    return
                }
                guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
                let isObject = containers & 1 == 1
                let byte = bytes[offset]
                if byte == Ascii.comma {
                    offset = skipWhitespace(in: bytes, from: offset + 1)
                    if isObject { offset = try scanKey(bytes, from: offset) }
                    continue value
                }
                guard byte == (isObject ? Ascii.closeBrace : Ascii.closeBracket) else {
                    throw JSONFault(.unexpectedByte(byte), at: offset)
                }
                if isObject { try keys.close(bytes) }
                containers >>= 1
                depth -= 1
                offset += 1
            }
        }
    }

    /// Passes over a key and its colon; returns where the value begins.
    @inline(__always)
    private mutating func scanKey(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        guard start < bytes.count else { throw JSONFault(.unexpectedEnd, at: start) }
        guard bytes[start] == Ascii.quote else { throw JSONFault(.unexpectedByte(bytes[start]), at: start) }
        let key = try scanString(bytes, from: start + 1)
        if key.hasNul { throw JSONFault(.nulInKey, at: start) }
        try keys.add(KeySpan(start: start + 1, end: key.end - 1, isEscaped: key.isEscaped), bytes)
        let offset = skipWhitespace(in: bytes, from: key.end)
        guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
        guard bytes[offset] == Ascii.colon else { throw JSONFault(.unexpectedByte(bytes[offset]), at: offset) }
        return skipWhitespace(in: bytes, from: offset + 1)
    }

    private func scanLiteral(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
        let rest: StaticString
        switch bytes[start] {
        case Ascii.lowerT: rest = "true"
        case Ascii.lowerF: rest = "false"
        default: rest = "null"
        }
        for step in 1..<rest.utf8CodeUnitCount {
            let offset = start + step
            guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
            guard bytes[offset] == rest.utf8Start[step] else {
                throw JSONFault(.unexpectedByte(bytes[offset]), at: offset)
            }
        }
        return start + rest.utf8CodeUnitCount
    }
}

// MARK: - Strings

/// A string that was passed over: the offset behind its closing quote, and what it holds.
struct ScannedString {
    var end: Int
    var isEscaped: Bool
    var hasNul: Bool
}

/// Passes over a string whose opening quote stands before `start`.
@inline(__always)
func scanString(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> ScannedString {
    var isEscaped = false
    var hasNul = false
    var offset = start
    while true {
        // The plain part: ASCII that means itself.
        offset = firstOffset(in: bytes, from: offset) { word in
            Word.marks(word, equalTo: Ascii.quote) | Word.marks(word, equalTo: Ascii.backslash)
                | Word.marksOfControls(word) | word & Word.highBits
        }
        guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
        let byte = bytes[offset]
        if byte == Ascii.quote { return ScannedString(end: offset + 1, isEscaped: isEscaped, hasNul: hasNul) }
        if byte >= 0x80 {
            offset = try scanMultibyte(bytes, from: offset)
        } else if byte == Ascii.backslash {
            isEscaped = true
            let escape = try scanEscape(bytes, from: offset)
            offset = escape.end
            if escape.isNul { hasNul = true }
        } else {
            throw JSONFault(.controlCharacter(byte), at: offset)
        }
    }
}

/// Passes over the characters beyond ASCII that begin at `start`.
///
/// Source: RFC 3629 §4: no overlong form, no surrogate, nothing above U+10FFFF.
private func scanMultibyte(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> Int {
    var offset = start
    while offset < bytes.count, bytes[offset] >= 0x80 {
        let lead = bytes[offset]
        let length: Int
        // Only the second byte is ever confined further than to a continuation byte.
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONFault(.invalidUTF8, at: offset)
        }
        guard
            length <= bytes.count - offset,
            second.contains(bytes[offset + 1]),
            length < 3 || bytes[offset + 2] & 0xC0 == 0x80,
            length < 4 || bytes[offset + 3] & 0xC0 == 0x80
        else { throw JSONFault(.invalidUTF8, at: offset) }
        offset += length
    }
    return offset
}

/// Passes over the escape, or the two escapes of a surrogate pair, whose backslash stands at `start`.
private func scanEscape(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> (end: Int, isNul: Bool) {
    guard start + 1 < bytes.count else { throw JSONFault(.unexpectedEnd, at: start + 1) }
    switch bytes[start + 1] {
    case Ascii.quote, Ascii.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
        UInt8(ascii: "r"), UInt8(ascii: "t"):
        return (start + 2, false)
    case Ascii.lowerU:
        let unit = try hexadecimalUnit(bytes, from: start)
        switch unit {
        case 0xD800...0xDBFF:
            let next = start + 6
            guard next + 1 < bytes.count, bytes[next] == Ascii.backslash, bytes[next + 1] == Ascii.lowerU else {
                throw JSONFault(.unpairedSurrogate, at: start)
            }
            guard case 0xDC00...0xDFFF = try hexadecimalUnit(bytes, from: next) else {
                throw JSONFault(.unpairedSurrogate, at: start)
            }
            return (start + 12, false)
        case 0xDC00...0xDFFF:
            throw JSONFault(.unpairedSurrogate, at: start)
        default:
            return (start + 6, unit == 0)
        }
    default:
        throw JSONFault(.invalidEscape, at: start)
    }
}

/// Returns the code unit that the escape `\uXXXX` at `start` means.
private func hexadecimalUnit(_ bytes: Span<UInt8>, from start: Int) throws(JSONFault) -> UInt32 {
    var unit: UInt32 = 0
    for offset in (start + 2)..<(start + 6) {
        guard offset < bytes.count else { throw JSONFault(.unexpectedEnd, at: offset) }
        guard let digit = hexadecimalValue(bytes[offset]) else { throw JSONFault(.invalidEscape, at: start) }
        unit = unit << 4 | digit
    }
    return unit
}
