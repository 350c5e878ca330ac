//  Schemas that refer to each other by name.

import JSON

/// Compiled schemas by name.
///
/// Compiling is done once; afterwards the set never changes and can be shared by all threads.
package struct SchemaSet: Sendable {
    private let schemas: CompiledSchemas
    private let sources: [(name: String, source: JSON)]

    /// Compiles all schemas.
    ///
    /// A `$ref` is a name of this set, relative to the name (or `id`) of the schema that has it, with a JSON pointer
    /// behind `#` or without. `http://json-schema.org/draft-04/schema` is always known.
    ///
    /// - Throws: everything that is wrong with all of them.
    package init(
        _ sources: [(name: String, source: JSON)],
        dialect: SchemaDialect = .crossbar
    ) throws(SchemaError) {
        var compiler = SchemaCompiler(dialect)
        for (name, source) in sources { compiler.add(name: name, source: source) }
        if !sources.contains(where: { $0.name == MetaSchema.name }) {
            compiler.add(name: MetaSchema.name, source: MetaSchema.draft4)
        }
        let roots = compiler.compile()
        guard compiler.problems.isEmpty else { throw SchemaError(problems: compiler.problems) }
        schemas = CompiledSchemas(nodes: compiler.nodes, roots: roots)
        self.sources = sources
    }

    /// The names in the order in which the schemas were given.
    package var names: [String] { sources.map(\.name) }

    package subscript(name: String) -> Schema? {
        guard let root = schemas.roots[name], let source = sources.first(where: { $0.name == name })?.source else {
            return nil
        }
        return Schema(name: name, source: source, root: root, schemas: schemas)
    }
}

/// One schema of a set.
package struct Schema: Sendable {
    package let name: String
    /// The schema as it was written.
    package let source: JSON
    private let root: NodeID
    private let schemas: CompiledSchemas

    init(name: String, source: JSON, root: NodeID, schemas: CompiledSchemas) {
        self.name = name
        self.source = source
        self.root = root
        self.schemas = schemas
    }

    /// Checks a value, fills in defaults and coerces types.
    ///
    /// Cost: a 4 KB document of a user takes some ten microseconds.
    package func validate(_ value: JSON, options: ValidationOptions = .crossbar) -> ValidationResult {
        schemas.validate(value, by: root, options)
    }
}

/// What a validation found and made.
package struct ValidationResult: Sendable {
    /// The value with its defaults and coercions.
    package var value: JSON
    /// Everything that is wrong with it.
    package var violations: Violations
}

/// The nodes of a set.
final class CompiledSchemas: Sendable {
    let nodes: [SchemaNode]
    let roots: [String: NodeID]

    init(nodes: [SchemaNode], roots: [String: NodeID]) {
        self.nodes = nodes
        self.roots = roots
    }

    func validate(_ value: JSON, by root: NodeID, _ options: ValidationOptions) -> ValidationResult {
        var validation = Validation(self, options, document: value)
        let changed = validation.check(value, by: root)
        return ValidationResult(value: changed ?? value, violations: validation.violations)
    }

    /// Returns a default with its own defaults, or nil when it is not valid.
    func filled(_ value: JSON, by node: NodeID) -> JSON? {
        let result = validate(value, by: node, ValidationOptions(fillsDefaults: true, coercesTypes: false))
        return result.violations.isEmpty ? result.value : nil
    }
}
