//  Finds schemas by the references that name them.

import JSON

/// A place inside a document of schemas.
struct SchemaLocation: Hashable, Sendable {
    /// The number of the document in its set.
    let document: Int
    /// The way from its root.
    var pointer: [String] = []

    func appending(_ steps: String...) -> SchemaLocation {
        SchemaLocation(document: document, pointer: pointer + steps)
    }
}

/// A schema, where it stands, and what its references are relative to.
struct LocatedSchema: Sendable {
    let source: JSON
    let location: SchemaLocation
    let base: URIReference
}

/// Every schema of a set that has a URI: the documents by their names, and what has an `id`.
///
/// Source: JSON Schema draft 4, core, §7.
struct SchemaIndex {
    private let dialect: SchemaDialect
    private var schemas: [URIReference: LocatedSchema] = [:]

    init(_ dialect: SchemaDialect) {
        self.dialect = dialect
    }

    /// Adds a document by its name, and everything with an `id` inside it.
    mutating func add(_ source: JSON, name: String, document: Int) -> LocatedSchema {
        let location = SchemaLocation(document: document)
        let base = URIReference(name).resource
        let root = LocatedSchema(source: source, location: location, base: self.base(of: source, in: base))
        schemas[base] = root
        addIdentified(source, at: location, in: base)
        return root
    }

    /// Returns the schema that a reference at a place with the given base means, or nil.
    func schema(by reference: String, from place: URIReference) -> LocatedSchema? {
        var target = URIReference(reference).resolved(against: place)
        if target.fragment == "" { target.fragment = nil }
        if let schema = schemas[target] { return schema }
        guard let fragment = target.fragment.flatMap(percentDecoded), fragment.hasPrefix("/") else { return nil }
        guard var found = schemas[target.resource] else { return nil }
        for step in fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            // Source: RFC 6901 §4: ~1 before ~0.
            let step = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = found.source.value(at: JSONPath(elements: [step])) else { return nil }
            found = LocatedSchema(
                source: next,
                location: found.location.appending(step),
                base: base(of: next, in: found.base)
            )
        }
        return found
    }

    /// What references inside a schema are relative to.
    func base(of schema: JSON, in outer: URIReference) -> URIReference {
        identifier(of: schema, in: outer)?.resource ?? outer
    }

    private func identifier(of schema: JSON, in outer: URIReference) -> URIReference? {
        guard let id = schema["id"]?.string else { return nil }
        if !dialect.evaluatesReferenceSiblings, schema["$ref"]?.string != nil { return nil }
        var identifier = URIReference(id).resolved(against: outer)
        if identifier.fragment == "" { identifier.fragment = nil }
        return identifier
    }

    private mutating func addIdentified(_ schema: JSON, at location: SchemaLocation, in outer: URIReference) {
        guard let members = schema.object, location.pointer.count <= JSON.maximumDepth else { return }
        let base = self.base(of: schema, in: outer)
        if let identifier = identifier(of: schema, in: outer) {
            schemas[identifier] = LocatedSchema(source: schema, location: location, base: base)
        }
        // Only where schemas stand: an `id` in an `enum` is a value.
        for (keyword, value) in members {
            switch keyword {
            case "properties", "patternProperties", "definitions", "dependencies":
                for (key, value) in value.object ?? [:] {
                    addIdentified(value, at: location.appending(keyword, key), in: base)
                }
            case "items", "allOf", "anyOf", "oneOf":
                addIdentified(value, at: location.appending(keyword), in: base)
                for (position, value) in (value.array ?? []).enumerated() {
                    addIdentified(value, at: location.appending(keyword, String(position)), in: base)
                }
            case "additionalItems", "additionalProperties", "not":
                addIdentified(value, at: location.appending(keyword), in: base)
            default:
                break
            }
        }
    }
}
