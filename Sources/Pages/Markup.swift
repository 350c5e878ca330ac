//  HTML whose text is escaped as it is put in.

import Mustache

/// A piece of a page.
///
/// Text that is put into it is escaped, another piece is not, so everything is escaped once:
///
///     let cell: Markup = "<td>\(Markup.link(name, path))"
struct Markup: Sendable {
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var isEmpty: Bool { bytes.isEmpty }

    /// A piece that was made elsewhere, with care; nothing that a person typed.
    init(trusted text: String) { bytes = Array(text.utf8) }

    /// A piece of no more than text.
    init(_ text: String) { append(text: text) }

    /// Appends what is written in the program, which costs less than a piece of it.
    mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    static func += (left: inout Markup, right: Markup) { left.bytes += right.bytes }

    static func + (left: Markup, right: Markup) -> Markup {
        var both = left
        both += right
        return both
    }
}

extension Markup: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup: Markup = Markup(trusted: "")

        init(literalCapacity: Int, interpolationCount: Int) {
            markup.bytes.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { markup.bytes.append(contentsOf: literal.utf8) }
        mutating func appendInterpolation(_ text: String) { markup.append(text: text) }
        mutating func appendInterpolation(_ other: Markup) { markup += other }
    }

    init(stringLiteral text: String) { self.init(trusted: text) }

    init(stringInterpolation interpolation: StringInterpolation) { self = interpolation.markup }
}

/// A template names a piece in three braces, and nothing but pieces: there the library escapes nothing.
extension Markup: MustacheCustomRenderable {
    var renderText: String { text }
    var isNull: Bool { false }
}

extension Sequence where Element == Markup {
    func joined() -> Markup { reduce(into: Markup(trusted: "")) { $0 += $1 } }
}

// MARK: Pieces that many pages have

extension Markup {
    /// Text as a link, if it leads somewhere.
    static func link(_ text: String, _ href: String?) -> Markup {
        href.map { "<a href=\"\($0)\">\(text)</a>" } ?? Markup(text)
    }

    /// What a `select` offers.
    static func options(_ options: some Sequence<(String, String)>, chosen: String) -> Markup {
        options.reduce(into: Markup(trusted: "")) { markup, option in
            let mark: Markup = option.0 == chosen ? " selected" : ""
            markup += "<option value=\"\(option.0)\"\(mark)>\(option.1)</option>"
        }
    }

    /// What a form carries along unseen.
    static func hidden(_ name: String, _ value: String) -> Markup {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    /// A line of a list of names and what is said of each.
    static func line(_ label: Markup, _ content: Markup) -> Markup {
        "<div><dt>\(label)</dt><dd>\(content)</dd></div>\n"
    }
}

// MARK: Escaping

/// Text in HTML, escaped without regard to characters: what a character looks like to a person does not matter to a
/// browser, and a mark that joins with a `<` leaves it a `<`.
struct HTMLText: MustacheContentType {
    func escapeText(_ text: String) -> String { text.isPlain ? text : Markup(text).text }
}

extension Markup {
    /// Appends text as HTML writes it.
    mutating func append(text: String) {
        if text.isPlain {
            bytes.append(contentsOf: text.utf8)
            return
        }
        let span = text.utf8.span
        var index = 0
        while index < span.count {
            let byte = span[index]
            index += 1
            switch byte {
            case _ where byte.isPlain: bytes.append(byte)
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            case UInt8(ascii: "\""): append("&quot;")
            case UInt8(ascii: "'"): append("&#39;")
            case 0xC2 where index < span.count && span[index] >= 0xA0: bytes.append(byte)
            // Source: WHATWG HTML, "Parse errors": control characters, U+0080 to U+009F too, are no text of a page.
            default:
                append("\u{FFFD}")
                if byte == 0xC2 { index += 1 }
            }
        }
    }
}

extension String {
    /// Whether HTML writes it as it is; false too where only a longer look could tell.
    fileprivate var isPlain: Bool {
        let bytes = utf8.span
        for index in bytes.indices where !bytes[index].isPlain { return false }
        return true
    }
}

extension UInt8 {
    /// Whether it is no part of a character that has to be escaped: those are ASCII, or begin with C2 (U+0080 to U+00BF).
    fileprivate var isPlain: Bool {
        switch self {
        case 0x09, 0x0A, 0x0C, 0x0D, 0x20, 0x21, 0x23...0x25, 0x28...0x3B, 0x3D, 0x3F...0x7E: true
        case 0x80...0xC1, 0xC3...0xFF: true
        default: false
        }
    }
}
