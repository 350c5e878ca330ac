//  What a schema asks, in the form in which it is checked.

import JSON

/// The number of a node in its set.
typealias NodeID = Int

/// A schema or a schema inside one: what must hold for a value.
struct SchemaNode: Sendable {
    var keywords: [Keyword] = []
}

/// One thing that must hold for a value.
enum Keyword: Sendable {
    case type(ValueType, text: String)
    case disallow(ValueType, text: String)
    case values(Set<JSON>, listed: JSON)
    case reference(NodeID)

    case minimum(JSONDecimal, isExclusive: Bool, JSONNumber)
    case maximum(JSONDecimal, isExclusive: Bool, JSONNumber)
    case multipleOf(JSONDecimal)
    case divisibleBy(JSONDecimal, JSONNumber)

    case minLength(Int)
    case maxLength(Int)
    case pattern(Pattern)
    case format(Format, name: String)

    /// The schemas of the first elements, and of all others.
    case items([NodeID], others: Others)
    case minItems(Int)
    case maxItems(Int)
    case uniqueItems

    case required([String])
    case minProperties(Int)
    case maxProperties(Int)
    case members(Members)
    case propertyDependency(String, needs: [String])
    case schemaDependency(String, NodeID)

    case allOf([NodeID])
    case anyOf([NodeID])
    case oneOf([NodeID])
    case not(NodeID)

    /// The value is the data of a module whose schema is named by this prefix and the sibling `module`.
    case moduleData(prefix: String)
    /// The value is the name of a module that has a schema.
    case moduleName(prefix: String)
    /// The value is a regular expression.
    case regularExpression
    /// The caller checks the value.
    case marked(name: String)

    /// What holds for elements or members that have no schema of their own.
    enum Others: Sendable {
        case allowed
        case forbidden
        case schema(NodeID)
    }

    /// `properties`, `patternProperties` and `additionalProperties`, which only mean something together.
    struct Members: Sendable {
        var properties: [Property] = []
        var patterns: [(pattern: Pattern, node: NodeID)] = []
        var others = Others.allowed
        /// The keys of `properties`.
        var keys: Set<JSONKey> = []
    }

    struct Property: Sendable {
        let key: String
        let node: NodeID
        /// The `default` of a schema that also has a `type` which allows it.
        let defaultValue: JSON?
        /// What a missing property is set to: the default with its own defaults, when it is valid.
        var fill: JSON?
    }
}

extension Keyword {
    /// The nodes that this keyword applies to the very value that it is applied to.
    var inPlace: [NodeID] {
        switch self {
        case .reference(let node), .schemaDependency(_, let node), .not(let node): [node]
        case .allOf(let nodes), .anyOf(let nodes), .oneOf(let nodes): nodes
        default: []
        }
    }
}
