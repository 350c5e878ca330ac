//  The order of things when a document is created, changed or deleted.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// Business logic of a resource: coordinates validator, DAO and notifier; knows neither HTTP nor storage.
///
/// Every step is the default of this protocol. A plugin that needs another order, or more, conforms a type of its own
/// and writes that step; `prepare` and `complete` are where most differ.
package protocol CRUDService: Sendable {
    func create(_ fields: JSONObject, in operation: Operation) throws(APIError) -> StoredDocument
    func replace(_ id: DocumentID, with fields: JSONObject, in operation: Operation) throws(APIError) -> StoredDocument
    func merge(_ patch: JSONObject, into id: DocumentID, in operation: Operation) throws(APIError) -> StoredDocument
    /// - Returns: the document as it was.
    func delete(_ id: DocumentID, in operation: Operation) throws(APIError) -> StoredDocument

    /// Fills in what a client may leave out, before anything is checked.
    func prepare(_ change: inout Change, in operation: Operation) throws(APIError)

    /// Adds what follows from valid data: what is derived and kept among the private fields.
    func complete(_ change: inout Change, in operation: Operation) throws(APIError)
}

/// A resource with nothing special about it.
package struct StandardCRUDService: CRUDService {
    package init() {}
}

extension CRUDService {
    package func create(_ fields: JSONObject, in operation: Operation) throws(APIError) -> StoredDocument {
        let new = Document(scope: operation.work.scope, type: operation.resource.documentType, fields: fields)
        return try save(Change(old: nil, new: new), in: operation)
    }

    package func replace(
        _ id: DocumentID,
        with fields: JSONObject,
        in operation: Operation
    ) throws(APIError) -> StoredDocument {
        let old = try operation.find(id)
        var new = old
        new.fields = fields
        return try save(Change(old: old, new: new), in: operation)
    }

    package func merge(
        _ patch: JSONObject,
        into id: DocumentID,
        in operation: Operation
    ) throws(APIError) -> StoredDocument {
        let old = try operation.find(id)
        var new = old
        new.fields = JSON.object(old.fields).merging(.object(patch)).object ?? old.fields
        return try save(Change(old: old, new: new), in: operation)
    }

    package func delete(_ id: DocumentID, in operation: Operation) throws(APIError) -> StoredDocument {
        let old = try operation.find(id)
        _ = try operation.write(Change(old: old, new: nil))
        return try old.asStored()
    }

    package func prepare(_ change: inout Change, in operation: Operation) {}

    package func complete(_ change: inout Change, in operation: Operation) {}

    /// Validate, write, tell. A change that changes nothing stores nothing and tells nobody.
    package func save(_ change: Change, in operation: Operation) throws(APIError) -> StoredDocument {
        var change = change
        try prepare(&change, in: operation)
        try operation.check(&change)
        try complete(&change, in: operation)
        return try operation.write(change)
    }
}

/// The parts of one resource at work on one request.
package struct Operation {
    package let resource: ResourceDefinition
    package let work: UnitOfWork
    /// For what a plugin derives: credentials.
    package let kit: Kit
    private let conditions: Conditions
    private let schema: Schema

    init(_ resource: ResourceDefinition, _ schema: Schema, _ work: UnitOfWork, _ kit: Kit, _ conditions: Conditions) {
        self.resource = resource
        self.schema = schema
        self.work = work
        self.kit = kit
        self.conditions = conditions
    }

    /// Returns the document that the request is about.
    ///
    /// - Throws: `.badIdentifier`; `.preconditionFailed` if the client named another revision.
    package func find(_ id: DocumentID) throws(APIError) -> Document {
        let document = try resource.dao.find(id, resource, in: work)
        try conditions.check(current: document.revision?.description)
        return document
    }

    /// Normalises a change, fills in defaults and checks all rules.
    ///
    /// - Throws: `.validation` with everything that is wrong.
    package func check(_ change: inout Change) throws(APIError) {
        for normalisation in resource.normalisations {
            guard var fields = change.new?.fields else { break }
            normalisation.apply(to: &fields)
            change.new?.fields = fields
        }
        try DeclaredRules(resource: resource, schema: schema).check(&change, work)
    }

    /// Writes a change and tells of it; a change that changes nothing does neither.
    package func write(_ change: Change) throws(APIError) -> StoredDocument {
        if let old = change.old, change.new != nil, !change.isReal { return try old.asStored() }
        let stored = try resource.dao.write(change, resource, in: work)
        let names = resource.notifier.eventNames(for: change, type: resource.documentType)
        work.tell(names, of: stored, changed: change.changedFields)
        return stored
    }
}

extension Document {
    /// - Throws: `.internalFault` if nothing is stored.
    fileprivate func asStored() throws(APIError) -> StoredDocument {
        guard let stored else { throw .internalFault("the document \(id) is new") }
        return stored
    }
}
