//  Writes JSON text, piece by piece or from a value.

/// How JSON text is laid out.
package enum JSONStyle: Sendable {
    /// Without any whitespace.
    case compact
    /// A line for each member and element, four spaces deeper for each level.
    case pretty
}

/// Writes one JSON text into bytes.
///
/// The caller keeps the order of calls that makes a text: inside an object a key before each value.
package struct JSONWriter {
    /// What is written so far.
    package private(set) var bytes: [UInt8] = []
    private let style: JSONStyle
    private var depth = 0
    /// Whether the container that is being written has nothing in it yet.
    private var isAtStart = true
    private var isAfterKey = false

    package init(style: JSONStyle = .compact, reservingCapacity capacity: Int = 0) {
        self.style = style
        bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() { begin(Ascii.openBrace) }
    package mutating func endObject() { end(Ascii.closeBrace) }
    package mutating func beginArray() { begin(Ascii.openBracket) }
    package mutating func endArray() { end(Ascii.closeBracket) }

    package mutating func key(_ key: String) {
        separate()
        write(quoting: key)
        bytes.append(Ascii.colon)
        if style == .pretty { bytes.append(Ascii.space) }
        isAfterKey = true
    }

    package mutating func string(_ value: String) {
        separate()
        write(quoting: value)
    }

    package mutating func number(_ value: JSONNumber) {
        separate()
        bytes.append(contentsOf: value.text.utf8)
    }

    package mutating func int(_ value: Int) { number(JSONNumber(value)) }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (key, value) in members {
                self.key(key)
                self.value(value)
            }
            endObject()
        }
    }

    /// Writes one value that is JSON text already, such as a stored document; it must have been checked.
    ///
    /// The compact style copies it as it is. The pretty style lays it out anew from its tokens, without building it.
    package mutating func raw(_ text: [UInt8]) {
        guard style == .pretty else {
            separate()
            bytes.append(contentsOf: text)
            return
        }
        layOut(text.span)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        isAtStart = true
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        if !isAtStart { breakLine() }
        bytes.append(bracket)
        isAtStart = false
    }

    /// Writes what stands between the last token and the next one.
    @inline(__always)
    private mutating func separate() {
        if isAfterKey {
            isAfterKey = false
            return
        }
        if !isAtStart { bytes.append(Ascii.comma) }
        isAtStart = false
        if depth > 0 { breakLine() }
    }

    @inline(__always)
    private mutating func breakLine() {
        guard style == .pretty else { return }
        bytes.append(Ascii.lineFeed)
        for _ in 0..<max(depth * 4, 0) { bytes.append(Ascii.space) }
    }

    /// Writes the tokens of a checked text in the style of this writer.
    private mutating func layOut(_ text: Span<UInt8>) {
        var offset = 0
        while true {
            offset = skipWhitespace(in: text, from: offset)
            guard offset < text.count else { return }
            let start = offset
            offset += 1
            switch text[start] {
            case Ascii.openBrace, Ascii.openBracket: begin(text[start])
            case Ascii.closeBrace, Ascii.closeBracket: end(text[start])
            case Ascii.comma: continue
            case Ascii.colon:
                bytes.append(contentsOf: [Ascii.colon, Ascii.space])
                isAfterKey = true
            case Ascii.quote:
                offset = passString(text, from: offset).end + 1
                copy(text, start..<offset)
            default:
                while offset < text.count, isPartOfScalar(text[offset]) { offset += 1 }
                copy(text, start..<offset)
            }
        }
    }

    /// Copies one token that is a string, a number or a literal.
    private mutating func copy(_ text: Span<UInt8>, _ range: Range<Int>) {
        separate()
        text.extracting(range).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    private mutating func write(quoting text: String) {
        bytes.append(Ascii.quote)
        let span = text.utf8.span
        var offset = 0
        while true {
            let end = firstOffset(in: span, from: offset) { word in
                Word.marks(word, equalTo: Ascii.quote) | Word.marks(word, equalTo: Ascii.backslash)
                    | Word.marksOfControls(word)
            }
            append(span, offset..<end)
            guard end < span.count else { break }
            writeEscape(of: span[end])
            offset = end + 1
        }
        bytes.append(Ascii.quote)
    }

    private mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
        text.extracting(range).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    private mutating func writeEscape(of byte: UInt8) {
        bytes.append(Ascii.backslash)
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case Ascii.quote, Ascii.backslash: bytes.append(byte)
        default:
            bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}

extension JSON {
    /// The value as JSON text in UTF-8.
    package func bytes(_ style: JSONStyle = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style, reservingCapacity: 128)
        writer.value(self)
        return writer.bytes
    }

    /// The value as JSON text.
    package func text(_ style: JSONStyle = .compact) -> String {
        String(decoding: bytes(style), as: UTF8.self)
    }

    /// The compact text with the keys of each object in the order of their UTF-8 bytes; equal values give equal bytes.
    package func canonicalBytes() -> [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func canonical(_ value: JSON) {
        switch value {
        case .array(let elements):
            beginArray()
            for element in elements { canonical(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                self.key(key)
                canonical(value)
            }
            endObject()
        case .null, .bool, .number, .string: self.value(value)
        }
    }
}
