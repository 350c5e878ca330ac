//  Makes nodes of schemas, and finds everything that is wrong with them.

import JSON

/// One compilation of a set of schemas.
///
/// Source: JSON Schema draft 4, validation, §5.
struct SchemaCompiler {
    private let dialect: SchemaDialect
    private var index: SchemaIndex
    private var documents: [(name: String, schema: LocatedSchema)] = []
    private(set) var nodes: [SchemaNode] = []
    /// The node of each place that was compiled or is being compiled.
    private var known: [SchemaLocation: NodeID] = [:]
    private var locations: [SchemaLocation] = []
    private(set) var problems: [SchemaError.Problem] = []

    /// How deep defaults may bring further defaults.
    private static let maximumDefaultDepth = 8

    init(_ dialect: SchemaDialect) {
        self.dialect = dialect
        index = SchemaIndex(dialect)
    }

    /// Adds a schema, before any is compiled.
    mutating func add(name: String, source: JSON) {
        if documents.contains(where: { $0.name == name }) {
            problems.append(SchemaError.Problem(schema: name, place: "", reason: .duplicateName))
            return
        }
        let schema = index.add(source, name: name, document: documents.count)
        documents.append((name, schema))
    }

    /// Compiles all schemas and returns their roots by name.
    mutating func compile() -> [String: NodeID] {
        var roots: [String: NodeID] = [:]
        for (name, schema) in documents { roots[name] = node(schema) }
        if problems.isEmpty { findCircles() }
        if problems.isEmpty { fillDefaults(roots) }
        return roots
    }

    private mutating func report(_ location: SchemaLocation, _ reason: SchemaError.Reason) {
        let steps = location.pointer.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }
        let name = documents[location.document].name
        problems.append(SchemaError.Problem(schema: name, place: steps.joined(), reason: reason))
    }

    /// Returns the node of a schema, compiling it when this is the first time that something asks for it.
    private mutating func node(_ schema: LocatedSchema) -> NodeID {
        if let node = known[schema.location] { return node }
        let id = nodes.count
        known[schema.location] = id
        nodes.append(SchemaNode())
        locations.append(schema.location)
        guard schema.source.object != nil else {
            report(schema.location, .notAnObject)
            return id
        }
        guard schema.location.pointer.count <= JSON.maximumDepth else {
            report(schema.location, .tooDeep)
            return id
        }
        var reader = KeywordReader(schema)
        let keywords = keywords(&reader)
        for (keyword, reason) in reader.problems {
            report(schema.location.appending(keyword), reason)
        }
        nodes[id].keywords = keywords
        return id
    }

    private mutating func keywords(_ reader: inout KeywordReader) -> [Keyword] {
        let reference = reader.string("$ref").map { self.reference(to: $0, &reader) } ?? []
        if !reference.isEmpty, !dialect.evaluatesReferenceSiblings { return reference }
        // The type comes first: what it coerces, the others see.
        var keywords = reader.typeKeywords() + reference + reader.valueKeywords()
        keywords += reader.numberKeywords()
        keywords += reader.stringKeywords(dialect)
        keywords += arrayKeywords(&reader)
        keywords += objectKeywords(&reader)
        keywords += combinators(&reader)
        if dialect.knowsExtensions {
            let name = documents[reader.schema.location.document].name
            keywords += reader.extensionKeywords(schemaName: name)
        }
        return keywords
    }

    private mutating func reference(to reference: String, _ reader: inout KeywordReader) -> [Keyword] {
        guard let target = index.schema(by: reference, from: reader.schema.base) else {
            reader.report("$ref", .unresolvedReference(reference))
            return []
        }
        return [.reference(node(target))]
    }

    private mutating func arrayKeywords(_ reader: inout KeywordReader) -> [Keyword] {
        var keywords: [Keyword] = []
        if let items = reader.source["items"] {
            if items.object != nil {
                keywords.append(.items([], others: .schema(node(child(reader.schema, items, "items")))))
            } else if let schemas = reader.schemas("items") {
                keywords.append(.items(schemas.map { node($0, reader) }, others: others("additionalItems", &reader)))
            }
        }
        if let count = reader.count("minItems") { keywords.append(.minItems(count)) }
        if let count = reader.count("maxItems") { keywords.append(.maxItems(count)) }
        if reader.flag("uniqueItems") { keywords.append(.uniqueItems) }
        return keywords
    }

    private mutating func objectKeywords(_ reader: inout KeywordReader) -> [Keyword] {
        var keywords: [Keyword] = []
        if let names = reader.names("required") { keywords.append(.required(names)) }
        if let count = reader.count("minProperties") { keywords.append(.minProperties(count)) }
        if let count = reader.count("maxProperties") { keywords.append(.maxProperties(count)) }
        if let members = members(&reader) { keywords.append(.members(members)) }
        for (key, value) in reader.object("dependencies") ?? [:] {
            if value.object != nil {
                keywords.append(.schemaDependency(key, node(child(reader.schema, value, "dependencies", key))))
            } else if let names = value.array?.compactMap(\.string), names.count == value.array?.count {
                keywords.append(.propertyDependency(key, needs: names))
            } else {
                reader.report(
                    "dependencies",
                    .malformed(keyword: "dependencies", expected: "schemas or lists of names")
                )
            }
        }
        return keywords
    }

    private mutating func members(_ reader: inout KeywordReader) -> Keyword.Members? {
        var members = Keyword.Members()
        for (key, value) in reader.object("properties") ?? [:] {
            let node = node(child(reader.schema, value, "properties", key))
            let property = Keyword.Property(key: key, node: node, defaultValue: defaultValue(of: value))
            members.properties.append(property)
            members.keys.insert(JSONKey(key))
        }
        for (source, value) in reader.object("patternProperties") ?? [:] {
            guard let pattern = reader.pattern(source, keyword: "patternProperties") else { continue }
            members.patterns.append((pattern, node(child(reader.schema, value, "patternProperties", source))))
        }
        members.others = others("additionalProperties", &reader)
        if case .allowed = members.others, members.properties.isEmpty, members.patterns.isEmpty { return nil }
        return members
    }

    /// The default of a schema that also has a type which allows it.
    private func defaultValue(of schema: JSON) -> JSON? {
        guard let value = schema["default"], let type = schema["type"] else { return nil }
        let names = (type.array ?? [type]).compactMap(\.string)
        let types = names.compactMap(ValueType.named).reduce(into: ValueType()) { $0.formUnion($1) }
        return types.contains(valueOf: value) ? value : nil
    }

    private mutating func combinators(_ reader: inout KeywordReader) -> [Keyword] {
        var keywords: [Keyword] = []
        if let schemas = reader.schemas("allOf") { keywords.append(.allOf(schemas.map { node($0, reader) })) }
        if let schemas = reader.schemas("anyOf") { keywords.append(.anyOf(schemas.map { node($0, reader) })) }
        if let schemas = reader.schemas("oneOf") { keywords.append(.oneOf(schemas.map { node($0, reader) })) }
        if let schema = reader.source["not"] { keywords.append(.not(node(child(reader.schema, schema, "not")))) }
        return keywords
    }

    private mutating func others(_ keyword: String, _ reader: inout KeywordReader) -> Keyword.Others {
        switch reader.source[keyword] {
        case nil, .bool(true): return .allowed
        case .bool(false): return .forbidden
        case let schema? where schema.object != nil: return .schema(node(child(reader.schema, schema, keyword)))
        case .some:
            reader.report(keyword, .malformed(keyword: keyword, expected: "a boolean or a schema"))
            return .allowed
        }
    }

    /// The node of an element of a list that the reader has found.
    private mutating func node(_ element: (steps: [String], source: JSON), _ reader: KeywordReader) -> NodeID {
        node(child(reader.schema, element.source, element.steps))
    }

    private func child(_ schema: LocatedSchema, _ source: JSON, _ steps: String...) -> LocatedSchema {
        child(schema, source, steps)
    }

    private func child(_ schema: LocatedSchema, _ source: JSON, _ steps: [String]) -> LocatedSchema {
        let location = SchemaLocation(document: schema.location.document, pointer: schema.location.pointer + steps)
        return LocatedSchema(source: source, location: location, base: index.base(of: source, in: schema.base))
    }

    /// Reports nodes that apply to a value because they apply to it: checking them would never end.
    private mutating func findCircles() {
        enum Mark { case new, open, done }
        var marks = Array(repeating: Mark.new, count: nodes.count)
        for start in nodes.indices where marks[start] == .new {
            // Each node with the ones that are still to be looked at; the stack is the way to the current one.
            var way = [(node: start, rest: inPlace(start))]
            marks[start] = .open
            while let (node, rest) = way.last {
                guard let next = rest.first else {
                    marks[node] = .done
                    way.removeLast()
                    continue
                }
                way[way.count - 1].rest.removeFirst()
                switch marks[next] {
                case .new:
                    marks[next] = .open
                    way.append((next, inPlace(next)))
                case .open:
                    let name = documents[locations[next].document].name
                    report(
                        locations[node],
                        .circularReference(name + "#/" + locations[next].pointer.joined(separator: "/"))
                    )
                case .done:
                    break
                }
            }
        }
    }

    private func inPlace(_ node: NodeID) -> [NodeID] { nodes[node].keywords.flatMap(\.inPlace) }

    /// Works out what missing properties are set to.
    ///
    /// A default brings the defaults of its own missing properties, so this is repeated until nothing changes.
    private mutating func fillDefaults(_ roots: [String: NodeID]) {
        var changed: [NodeID] = []
        for _ in 0..<SchemaCompiler.maximumDefaultDepth {
            let schemas = CompiledSchemas(nodes: nodes, roots: roots)
            changed = nodes.indices.filter { fillDefaults(of: $0, schemas) }
            if changed.isEmpty { return }
        }
        for node in changed { report(locations[node], .endlessDefault) }
    }

    /// Works out the defaults of the properties of one node once; returns whether one changed.
    private mutating func fillDefaults(of node: NodeID, _ schemas: CompiledSchemas) -> Bool {
        var isChanged = false
        for (position, keyword) in nodes[node].keywords.enumerated() {
            guard case .members(var members) = keyword else { continue }
            for (number, property) in members.properties.enumerated() {
                let fill = property.defaultValue.flatMap { schemas.filled($0, by: property.node) }
                guard fill != property.fill else { continue }
                members.properties[number].fill = fill
                isChanged = true
            }
            nodes[node].keywords[position] = .members(members)
        }
        return isChanged
    }
}
