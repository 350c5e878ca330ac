//  Builds the value of a text that JSONScanner has checked.

extension JSON {
    /// Reads a text.
    ///
    /// Refused, beyond what RFC 8259 forbids: keys that occur twice in an object, halves of surrogate pairs, NUL in a
    /// key, a byte order mark, more than `maximumDepth` levels.
    ///
    /// - Parameter maximumValues: how many values the text may have, itself and those inside others. A value takes some
    ///   ten times the memory of the two bytes that it can be written in.
    package init(parsing bytes: Span<UInt8>, maximumValues: Int = .max) throws(JSONError) {
        try JSON.check(bytes, maximumValues: maximumValues)
        var builder = JSONBuilder()
        self = builder.value(bytes)
    }

    package init(parsing bytes: [UInt8], maximumValues: Int = .max) throws(JSONError) {
        try self.init(parsing: bytes.span, maximumValues: maximumValues)
    }

    package init(parsing bytes: ArraySlice<UInt8>) throws(JSONError) {
        try self.init(parsing: bytes.span)
    }

    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: text.utf8.span)
    }

    /// Checks a text by the rules of `init(parsing:)` without building its value.
    package static func check(_ bytes: Span<UInt8>, maximumValues: Int = .max) throws(JSONError) {
        var scanner = JSONScanner(maximumValues: maximumValues)
        do {
            try scanner.scan(bytes)
        } catch {
            throw error.located(in: bytes)
        }
    }

    package static func check(_ bytes: [UInt8]) throws(JSONError) {
        try check(bytes.span)
    }

    package static func check(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
        try check(bytes.span)
    }
}

/// Reads a checked text from front to back.
struct JSONBuilder {
    private var offset = 0
    /// Where the bytes of a string with escapes are gathered.
    private var scratch: [UInt8] = []

    /// Reads the value that begins at the offset; the depth is bounded by the check.
    mutating func value(_ bytes: Span<UInt8>) -> JSON {
        offset = skipWhitespace(in: bytes, from: offset)
        switch bytes[offset] {
        case Ascii.quote: return .string(string(bytes))
        case Ascii.openBrace: return .object(object(bytes))
        case Ascii.openBracket: return .array(array(bytes))
        case Ascii.lowerT:
            offset += 4
            return .bool(true)
        case Ascii.lowerF:
            offset += 5
            return .bool(false)
        case Ascii.lowerN:
            offset += 4
            return .null
        default: return .number(number(bytes))
        }
    }

    private mutating func object(_ bytes: Span<UInt8>) -> JSONObject {
        var members: [JSONObject.Element] = []
        // One allocation for most objects, instead of one each time the room doubles.
        members.reserveCapacity(8)
        offset = skipWhitespace(in: bytes, from: offset + 1)
        while bytes[offset] != Ascii.closeBrace {
            if bytes[offset] == Ascii.comma { offset = skipWhitespace(in: bytes, from: offset + 1) }
            let key = string(bytes)
            offset = skipWhitespace(in: bytes, from: offset) + 1
            members.append((key, value(bytes)))
            offset = skipWhitespace(in: bytes, from: offset)
        }
        offset += 1
        return JSONObject(distinct: members)
    }

    private mutating func array(_ bytes: Span<UInt8>) -> [JSON] {
        var elements: [JSON] = []
        offset = skipWhitespace(in: bytes, from: offset + 1)
        while bytes[offset] != Ascii.closeBracket {
            if bytes[offset] == Ascii.comma { offset += 1 }
            elements.append(value(bytes))
            offset = skipWhitespace(in: bytes, from: offset)
        }
        offset += 1
        return elements
    }

    private mutating func number(_ bytes: Span<UInt8>) -> JSONNumber {
        let start = offset
        offset = numberEnd(in: bytes, from: start) ?? start
        return JSONNumber(validText: text(bytes.extracting(start..<offset)))
    }

    private mutating func string(_ bytes: Span<UInt8>) -> String {
        let start = offset + 1
        let string = passString(bytes, from: start)
        offset = string.end + 1
        guard string.isEscaped else { return text(bytes.extracting(start..<string.end)) }
        scratch.removeAll(keepingCapacity: true)
        appendUnescaped(bytes, start..<string.end, to: &scratch)
        return text(scratch.span)
    }

    /// A string of bytes that are known to be UTF-8.
    @inline(__always)
    private func text(_ bytes: Span<UInt8>) -> String {
        String(copying: UTF8Span(unchecked: bytes))
    }
}
