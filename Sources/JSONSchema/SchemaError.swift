//  Why schemas cannot be used.

/// Everything that is wrong with a set of schemas.
package struct SchemaError: Error, Equatable, Sendable {
    /// One thing that is wrong, and where.
    package struct Problem: Equatable, Sendable {
        /// The name of the schema.
        package let schema: String
        /// The place in the schema, as a JSON pointer: `/properties/name/type`.
        package let place: String
        package let reason: Reason
    }

    package enum Reason: Equatable, Sendable {
        case notAnObject
        case duplicateName
        /// The keyword's value has not the form that the specification asks for.
        case malformed(keyword: String, expected: String)
        case unknownType(String)
        case pattern(String, PatternError)
        case unresolvedReference(String)
        /// A schema that applies to a value only by way of applying to that value.
        case circularReference(String)
        case tooDeep
        /// A default of a property that brings a default of the same property, and so on.
        case endlessDefault
    }

    package let problems: [Problem]
}

extension SchemaError: CustomStringConvertible {
    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension SchemaError.Problem: CustomStringConvertible {
    package var description: String { "schema \(schema), at \(place.isEmpty ? "its root" : place): \(reason.sentence)" }
}

extension SchemaError.Reason {
    fileprivate var sentence: String {
        switch self {
        case .notAnObject: "a schema must be an object"
        case .duplicateName: "another schema has this name"
        case .malformed(let keyword, let expected): "\(keyword) must be \(expected)"
        case .unknownType(let name): "there is no type \(name)"
        case .pattern(let pattern, let error): "\(error.message): \(pattern)"
        case .unresolvedReference(let reference): "nothing is known by the reference \(reference)"
        case .circularReference(let reference):
            "the reference \(reference) leads back to itself without a step into the value"
        case .tooDeep: "schemas nest too deep"
        case .endlessDefault: "a default brings itself along, without end"
        }
    }
}
