//  The order of things when a document is created, read, changed or deleted.

import DocumentStore
import Gateway
import JSON

/// Business logic of a resource: coordinates rules, DAO and notifier; knows neither HTTP nor storage.
///
/// Every step is a default of this protocol. A plugin that needs another order, or more, conforms a type of its own
/// and writes that step; `prepare` and `complete` are where most differ.
package protocol CRUDService: Sendable {
    /// - Throws: `.validation` with everything that is wrong.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document

    /// - Throws: `.badIdentifier`, `.preconditionFailed`, `.validation`.
    func replace(_ id: DocumentID, with fields: JSONObject, in work: Work) throws(APIError) -> Document

    /// Merges a patch, in which null removes.
    ///
    /// - Throws: `.badIdentifier`, `.preconditionFailed`, `.validation`.
    func merge(_ patch: JSONObject, into id: DocumentID, in work: Work) throws(APIError) -> Document

    /// - Returns: the document as it was.
    /// - Throws: `.badIdentifier`, `.preconditionFailed`, `.validation` if something still needs it.
    func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document

    /// Makes a deleted document again. It passes everything that a new one has to pass; what a deletion forgets for
    /// good, such as a password, stays forgotten.
    ///
    /// - Parameter deleted: as its tombstone keeps it, without links.
    /// - Throws: `.validation` with everything that is wrong with it now.
    func restore(_ deleted: Document, in work: Work) throws(APIError) -> Document

    /// Fills in what a client may leave out, before anything is checked.
    func prepare(_ change: inout Change, in work: Work) throws(APIError)

    /// Adds what follows from valid data: what is derived and kept among the private fields.
    func complete(_ change: inout Change, in work: Work) throws(APIError)
}

/// A resource with nothing special about it.
package struct StandardCRUDService: CRUDService {
    package init() {}
}

extension CRUDService {
    package func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        let document = try work.save(Change(old: nil, new: work.document(fields)))
        return try work.link(document, asIn: fields)
    }

    package func replace(_ id: DocumentID, with fields: JSONObject, in work: Work) throws(APIError) -> Document {
        let old = try work.find(id)
        var new = old
        new.fields = fields
        return try work.save(Change(old: old, new: new))
    }

    package func merge(_ patch: JSONObject, into id: DocumentID, in work: Work) throws(APIError) -> Document {
        let old = try work.find(id)
        var new = old
        new.fields = JSON.object(old.fields).merging(.object(patch)).object ?? old.fields
        return try work.save(Change(old: old, new: new))
    }

    package func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document {
        let old = try work.find(id)
        let deleted = try work.save(Change(old: old, new: nil))
        try work.settleReferences(to: old)
        return deleted
    }

    package func restore(_ deleted: Document, in work: Work) throws(APIError) -> Document {
        try work.save(.restoration(of: deleted))
    }

    package func prepare(_ change: inout Change, in work: Work) {}

    package func complete(_ change: inout Change, in work: Work) {}
}
