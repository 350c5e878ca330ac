//  What rules and computed fields may know beside the document itself: reading, and who asks.

import DocumentStore
import Gateway

/// Reads documents of one account; there is no way to write through it.
package struct Reader {
    private let unit: UnitOfWork
    /// Whether the commit rests on what is read: it begins again if a document that was read, or who names one, is
    /// another meanwhile.
    private let isBinding: Bool

    init(_ unit: UnitOfWork, isBinding: Bool = false) {
        self.unit = unit
        self.isBinding = isBinding
    }

    /// Who asks, or nil if the server itself does.
    package var caller: Caller? { unit.caller }

    /// Returns the document of the account, or nil.
    package func document(_ id: DocumentID, type: String) throws(APIError) -> Document? {
        guard let stored = try unit.stored(id), stored.type == type else { return nil }
        if isBinding { unit.require(.unchanged(stored.address, stored.revision)) }
        return try Document(stored)
    }

    /// Returns the document of an account above, or nil; for what accounts show of those.
    package func account(_ id: DocumentID) throws(APIError) -> Document? {
        try unit.stored(id, in: .account(id)).map { stored throws(APIError) in try Document(stored) }
    }

    /// Returns the ids of the documents of a resource's view; for views that one change has to read whole.
    package func ids<Resource: ResourcePlugin>(
        _ resource: Resource.Type,
        _ view: ListView,
        within: String
    ) throws(APIError) -> [DocumentID] {
        let scope = view.isSystemWide ? Scope.system : unit.scope
        return try unit.ids(view.storeName(resource.name, within: within), in: scope)
    }

    /// Returns the document of the account, whatever kind it is of, or nil.
    package func document(_ id: DocumentID) throws(APIError) -> Document? {
        guard let stored = try unit.stored(id) else { return nil }
        if isBinding { unit.require(.unchanged(stored.address, stored.revision)) }
        return try Document(stored)
    }

    /// Returns which document of a resource holds a value of a unique field that has no divider, or nil.
    ///
    /// - Parameter scope: nil for that of the unit of work.
    package func holder<Resource: ResourcePlugin>(
        of value: String,
        _ field: UniqueField,
        _ resource: Resource.Type,
        in scope: Scope? = nil
    ) throws(APIError) -> DocumentAddress? {
        try unit.holder(of: field.key(value, in: scope ?? unit.scope, resource.name))
    }

    /// Returns the bytes of a file of a document, or nil if they are not there.
    package func bytes(of file: Attachment) throws(APIError) -> [UInt8]? { try unit.bytes(of: file.digest) }

    /// Returns who holds a key that a resource gives its documents.
    package func holder(of key: UniqueKey) throws(APIError) -> DocumentAddress? { try unit.holder(of: key) }

    /// Returns the first rows of a resource's view as they were stored before this unit of work, in ascending order.
    package func rows<Resource: ResourcePlugin>(
        _ resource: Resource.Type,
        _ view: ListView? = nil,
        within: String? = nil,
        limit: Int = 1_000
    ) throws(APIError) -> [JSONObject] {
        let view = view ?? resource.list
        let scope = view.isSystemWide ? Scope.system : unit.scope
        return try unit.rows(view.storeName(resource.name, within: within), in: scope, limit: limit)
    }

    /// Returns the number of rows of a resource's view.
    package func count<Resource: ResourcePlugin>(
        _ resource: Resource.Type,
        _ view: ListView? = nil,
        within: String? = nil
    ) throws(APIError) -> Int {
        let view = view ?? resource.list
        let scope = view.isSystemWide ? Scope.system : unit.scope
        return try unit.count(view.storeName(resource.name, within: within), in: scope)
    }

    /// Returns the ids of the documents of one kind that name a document, at most 1,000.
    package func referrers(of id: DocumentID, type: String, field: FieldPath) throws(APIError) -> [DocumentID] {
        let limit = 1_000
        let references = try unit.references(to: id, limit: limit)
        let sources = references.filter { $0.sourceType == type && $0.field == field.description }.map(\.source)
        // Of more than can be read, nothing can be said.
        if isBinding, references.count < limit {
            let target = DocumentAddress(id, in: unit.scope)
            unit.require(.referrers(of: target, type: type, field: field.description, are: Set(sources)))
        }
        return sources
    }

    /// Returns the ids of the left documents that an association links to a right one, at most 1,000; the first linked
    /// first, if the association orders them.
    package func lefts<Association: AssociationPlugin>(
        of right: DocumentID,
        _ association: Association.Type
    ) throws(APIError) -> [DocumentID] {
        try Link(association).lefts(of: right, self)
    }
}
