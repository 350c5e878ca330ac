//  A schema as a form sees it: what a value is called, of which type it is, what it holds.

import JSON

/// One schema with everything that it refers to, and the way to those inside it.
///
/// It is for showing values and reading what people type; whether a value is valid, validation says alone.
package struct SchemaShape: Sendable {
    /// The keywords, those beside a reference before those behind it.
    package let keywords: JSONObject
    private let set: SchemaSet
    /// The name of the schema that its references are relative to.
    private let document: String

    /// Returns nil if there is no such schema.
    package init?(_ name: String, in set: SchemaSet) {
        guard let schema = set[name] else { return nil }
        self.init(schema.source, document: name, set)
    }

    private init(_ source: JSON, document: String, _ set: SchemaSet) {
        var keywords = source.object ?? JSONObject()
        var document = document
        // A reference that leads to itself is followed as far as it can mean anything.
        for _ in 0..<8 {
            guard let reference = keywords.removeValue(forKey: "$ref")?.string else { break }
            let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if !parts[0].isEmpty { document = parts[0] }
            let steps = parts.count > 1 ? parts[1].split(separator: "/").map(String.init) : []
            guard let target = set[document]?.source.value(at: JSONPath(elements: steps))?.object else { break }
            for (keyword, value) in target where keywords[keyword] == nil { keywords[keyword] = value }
        }
        self.keywords = keywords
        self.document = document
        self.set = set
    }

    package var title: String? { keywords["title"]?.string }

    package var text: String? { keywords["description"]?.string }

    /// The names of the types that a value may have; empty if the schema does not care.
    package var types: Set<String> {
        if let one = keywords["type"]?.string { return [one] }
        if let several = keywords["type"]?.array { return Set(several.compactMap(\.string)) }
        if keywords["properties"] != nil { return ["object"] }
        if keywords["items"] != nil { return ["array"] }
        if let values = keywords["enum"]?.array, values.allSatisfy({ $0.string != nil }) { return ["string"] }
        return choices.reduce(into: []) { $0.formUnion($1.types) }
    }

    /// The schemas of which one must hold.
    package var choices: [SchemaShape] {
        (keywords["oneOf"]?.array ?? keywords["anyOf"]?.array ?? []).map { SchemaShape($0, document: document, set) }
    }

    /// The members that have a schema of their own, in order.
    package var properties: [(name: String, shape: SchemaShape)] {
        (keywords["properties"]?.object ?? JSONObject()).map {
            ($0.key, SchemaShape($0.value, document: document, set))
        }
    }

    /// The names of the members that must be there.
    package var required: [String] { (keywords["required"]?.array ?? []).compactMap(\.string) }

    /// The schema of the elements, if all have one.
    package var items: SchemaShape? {
        guard let items = keywords["items"], items.object != nil else { return nil }
        return SchemaShape(items, document: document, set)
    }

    /// The schema of members whose names are the documents' own.
    package var furtherMembers: SchemaShape? {
        let pattern = keywords["patternProperties"]?.object?.first { _ in true }?.value
        guard let source = pattern ?? keywords["additionalProperties"], source.object != nil else { return nil }
        return SchemaShape(source, document: document, set)
    }

    /// The schema of a member, or nil if the schema says nothing about it.
    package func member(_ name: String) -> SchemaShape? {
        guard let source = keywords["properties"]?[name] else { return furtherMembers }
        return SchemaShape(source, document: document, set)
    }

    /// The schema of what is at a path, or nil if the schema says nothing about it.
    package func value(at path: JSONPath) -> SchemaShape? {
        var shape: SchemaShape? = self
        for element in path.elements {
            shape = shape?.types == ["array"] ? shape?.items : shape?.member(element)
        }
        return shape
    }
}
