//  Makes sure that a change leaves no document with errors in it.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// The rules of a resource that its schema and its unique fields do not express.
///
/// A validator sees the old and the new state and can look documents up; it has no way to write.
package protocol Validator: Sendable {
    /// Returns everything that is wrong with a change, or nothing.
    func violations(of change: Change, _ lookup: Lookup) throws(APIError) -> Violations
}

/// A resource whose schema and unique fields say everything.
package struct NoFurtherRules: Validator {
    package init() {}

    package func violations(of change: Change, _ lookup: Lookup) -> Violations { Violations() }
}

/// What a validator may know beside the change itself: reading, and who asks.
package struct Lookup {
    private let work: UnitOfWork

    init(_ work: UnitOfWork) { self.work = work }

    /// Who asks, or nil if the server itself does.
    package var caller: Caller? { work.caller }

    /// Returns the document of the account, or nil.
    package func document(_ id: DocumentID, type: String) throws(APIError) -> Document? {
        guard let stored = try work.stored(id), stored.type == type else { return nil }
        return try Document(stored)
    }

    /// Returns who holds a unique key, or nil.
    package func holder(of key: UniqueKey) throws(APIError) -> DocumentAddress? { try work.holder(of: key) }
}

/// The rules that follow from the declaration: schema and unique fields. All violations are found at once.
struct DeclaredRules {
    let resource: ResourceDefinition
    let schema: Schema

    /// Checks a change and fills in the defaults of the schema.
    ///
    /// - Throws: `.validation` with every violation, those of `validator` among them.
    func check(_ change: inout Change, _ work: UnitOfWork) throws(APIError) {
        guard var new = change.new else { return }
        let result = schema.validate(.object(new.fields))
        if let fields = result.value.object { new.fields = fields }
        change.new = new
        var violations = result.violations
        for field in resource.uniqueFields {
            guard let key = field.key(of: new, resource.name), let holder = try work.holder(of: key),
                holder.id != new.id
            else { continue }
            violations.add(path: field.path, rule: "unique", message: field.message, cause: .string(key.value))
        }
        violations.merge(try resource.validator.violations(of: change, Lookup(work)))
        if !violations.isEmpty { throw .validation(violations.json) }
    }
}
