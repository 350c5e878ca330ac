//  From the fields of a form to a document: text becomes what the schema asks for.

import JSON
import JSONSchema

extension SchemaShape {
    /// Returns what the fields of a form mean for a value of this schema, or nil if nobody filled them in.
    ///
    /// A field that is left empty is no value, and a group of such is none either. Members named by numbers are the
    /// elements of an array, as are the lines of a text. Text stays where a number or a truth value belongs: validation
    /// makes it one, or says why not.
    package func read(_ fields: JSON) -> JSON? {
        switch fields {
        case .string(let text): read(text)
        case .object(let members): read(members)
        case .null: nil
        case .bool, .number, .array: fields
        }
    }

    private func read(_ text: String) -> JSON? {
        if text.isEmpty { return nil }
        let types = types
        let begin = text.first { !$0.isWhitespace }
        if begin == "{" && types.contains("object") || begin == "[" && types.contains("array"),
            let value = try? JSON(parsing: Array(text.utf8))
        {
            return value
        }
        if types.contains("string") {
            if types.contains("boolean"), text == "true" || text == "false" { return .bool(text == "true") }
            return .string(text.replacing("\r\n", with: "\n"))
        }
        guard types == ["array"], items?.types.isDisjoint(with: ["array", "object"]) != false else {
            return .string(text)
        }
        let lines = text.split { $0.isNewline }.map { String($0.trimmingBlanks) }.filter { !$0.isEmpty }
        return lines.isEmpty ? nil : .array(lines.map { .string($0) })
    }

    private func read(_ members: JSONObject) -> JSON? {
        if types == ["array"] {
            let numbered = members.compactMap { name, value in Int(name).map { (number: $0, value: value) } }
            guard numbered.count == members.count else { return .object(members) }
            let elements = numbered.sorted { $0.number < $1.number }.compactMap { _, value in
                items.map { $0.read(value) } ?? Self.unread(value)
            }
            return elements.isEmpty ? nil : .array(elements)
        }
        var read = JSONObject()
        for (name, value) in members { read[name] = member(name).map { $0.read(value) } ?? Self.unread(value) }
        return read.isEmpty && !members.isEmpty ? nil : .object(read)
    }

    /// A field of which the schema says nothing.
    private static func unread(_ value: JSON) -> JSON? { value == "" ? nil : value }
}

extension SchemaShape {
    /// Reads the fields of a form; an empty form is an empty document.
    fileprivate var reader: @Sendable (JSON) -> JSON {
        { fields in read(fields) ?? [:] }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        var text = drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension RouteContent {
    /// What the fields of a form mean where this goes in.
    func readForm(_ plugin: String, _ schemas: SchemaSet) -> (@Sendable (JSON) -> JSON)? {
        switch self {
        case .collection(let schema), .document(let schema), .index(_, let schema), .settings(let schema):
            return SchemaShape(schema, in: schemas)?.reader
        case .anything, .rows:
            return SchemaShape(plugin, in: schemas)?.reader
        case .elements(let field, let schema):
            let shape = SchemaShape(schema, in: schemas)
            return { fields in Self.elements(of: field, in: fields) { element in shape?.reader(element) ?? element } }
        case .links(_, let field): return { fields in Self.elements(of: field, in: fields) { $0 } }
        case .link, .file: return nil
        }
    }

    /// Fields that are numbered, as the elements of an array.
    private static func elements(of field: String, in fields: JSON, _ read: (JSON) -> JSON) -> JSON {
        guard let members = fields[field]?.object else { return fields }
        return .object([field: .array(members.map { read($0.value) })])
    }
}
