//  A header field's value with parameters: `form-data; name="photo"`. Source: RFC 9110 §5.6.6.

/// What stands before the first semicolon, and the parameters behind it.
struct FieldValue: Equatable, Sendable {
    /// Without parameters and surrounding spaces, in lower case.
    let essence: String
    private var parameters: [String: String] = [:]

    /// Reads a field leniently: what is no parameter is skipped, of two with one name the first counts.
    init(_ field: String) {
        var rest = field.utf8[...]
        essence = Self.text(Self.trimmed(Self.taken(&rest, until: UInt8(ascii: ";")))).lowercased()
        while !rest.isEmpty {
            rest.removeFirst()
            let name = Self.trimmed(rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") })
            rest = rest.drop { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ";") }
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            rest = rest.drop(while: Self.isBlank)
            let value = Self.value(&rest)
            let key = Self.text(name).lowercased()
            if parameters[key] == nil { parameters[key] = value }
        }
    }

    /// The value of a parameter; its name in lower case.
    subscript(name: String) -> String? { parameters[name] }

    /// Takes a token or a quoted text, up to the next semicolon. A backslash only escapes a quotation mark, because
    /// browsers send paths of files as they are.
    private static func value(_ rest: inout Substring.UTF8View) -> String {
        guard rest.first == UInt8(ascii: "\"") else { return text(trimmed(taken(&rest, until: UInt8(ascii: ";")))) }
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "\"") {
                rest.removeFirst()
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes.append(byte)
            }
        }
        _ = taken(&rest, until: UInt8(ascii: ";"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func taken(_ rest: inout Substring.UTF8View, until end: UInt8) -> Substring.UTF8View {
        let piece = rest.prefix { $0 != end }
        rest = rest.dropFirst(piece.count)
        return piece
    }

    private static func trimmed(_ piece: Substring.UTF8View) -> Substring.UTF8View {
        var piece = piece.drop(while: isBlank)
        while let last = piece.last, isBlank(last) { piece.removeLast() }
        return piece
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func text(_ piece: Substring.UTF8View) -> String { String(decoding: piece, as: UTF8.self) }
}
