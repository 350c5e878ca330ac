//  A resource's service at work for one call: units of work, commits, and another try when somebody was faster.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// What a Resource sees of everything behind it.
package struct BoundService {
    let resource: ResourceDefinition
    let kit: Kit
    let scope: Scope
    let call: Call

    /// How often a change is tried again because another commit came between reading and writing.
    private static let attempts = 32

    /// The id of the document that the path names.
    package func documentID() throws(APIError) -> DocumentID { try call.id(resource.documentType) }

    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    package func read(_ id: DocumentID) throws(APIError) -> Published {
        let unit = try unit(subject: nil, Memo())
        let stored = try resource.dao.find(id, in: Records(resource, unit))
        if let parent, try !parent.owns(Document(stored)) { throw .badIdentifier(id.text) }
        return try resource.published(stored, unit)
    }

    /// Returns the document with what no client sees.
    func find(_ id: DocumentID) throws(APIError) -> Document {
        try Work(resource, in: unit(subject: nil, Memo()), kit, below: parent).find(id)
    }

    /// Returns one page of a view, or all of it.
    package func list(
        _ request: ListRequest,
        _ view: ListView? = nil,
        within: String? = nil
    ) throws(APIError) -> Reply {
        let isOwn = view == nil
        guard let view = view ?? resource.views.first else { throw .notFound }
        let documents = Reader(try unit(subject: nil, Memo()))
        let within = within ?? (isOwn ? parent?.id.text : nil)
        let scope = view.isSystemWide ? Scope.system : scope
        let reader = ListReader(store: kit.store, scope: scope, view: view.storeName(resource.name, within: within))
        guard !view.counted.isEmpty else { return try reader.read(request) { $0 } }
        return try reader.read(request) { row throws(APIError) in
            guard var fields = (try? JSON(parsing: row))?.object, let id = fields["id"]?.string else { return row }
            for field in view.counted {
                fields[field.name] = .number(JSONNumber(try field.count(DocumentID(id), documents)))
            }
            return JSON.object(fields).bytes()
        }
    }

    package func create(_ fields: JSONObject) throws(APIError) -> Published {
        try transact(nil) { work throws(APIError) in try work.create(fields) }
    }

    package func replace(_ id: DocumentID, with fields: JSONObject) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in try work.replace(id, with: fields) }
    }

    package func merge(_ patch: JSONObject, into id: DocumentID) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in try work.merge(patch, into: id) }
    }

    /// - Returns: the document as it was.
    package func delete(_ id: DocumentID) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in try work.delete(id) }
    }

    /// Runs a unit of work and commits it.
    ///
    /// When somebody was faster it runs again on what is stored then: without `If-Match` the last write wins, and where
    /// a rule is broken now, the rules say which.
    func transact(
        _ subject: DocumentID?,
        _ body: (Work) throws(APIError) -> Document
    ) throws(APIError) -> Published {
        let memo = Memo()
        var overtaken = StoreError.conflict(DocumentAddress(subject ?? DocumentID(""), in: scope), current: nil)
        for _ in 0..<Self.attempts {
            let unit = try unit(subject: subject.map { ($0, call.conditions) }, memo)
            let document = try body(Work(resource, in: unit, kit, below: parent))
            guard let stored = document.stored else { throw .internalFault("a document that nobody wrote") }
            let changes = unit.changes
            // Before the commit: what is shown of a document that is deleted is what it was.
            let published = try resource.published(stored, unit)
            if changes.isEmpty { return published }
            do {
                try kit.store.commit(changes)
                return published
            } catch {
                switch error {
                case .conflict, .notUnique, .missing, .referenced, .occupied: overtaken = error
                default: throw APIError(error)
                }
            }
        }
        throw APIError(overtaken)
    }

    /// The parent in the path, if the documents belong to one.
    private var parent: PathParent? { resource.parent(in: call) }

    /// - Throws: `.badIdentifier` for a parent in the path that does not exist, or does not belong to its own.
    private func unit(
        subject: (id: DocumentID, conditions: Conditions)?,
        _ memo: Memo
    ) throws(APIError) -> UnitOfWork {
        let unit = UnitOfWork(
            scope: scope,
            caller: call.caller,
            requestID: call.requestID,
            time: call.time,
            subject: subject,
            memo: memo,
            store: kit.store
        )
        if let parent { try require(parent, unit) }
        return unit
    }

    private func require(_ parent: PathParent, _ unit: UnitOfWork) throws(APIError) {
        guard let resource = kit.catalogue[type: parent.parentage.type] else { throw .notFound }
        let grandparent = resource.parent(in: call)
        if let grandparent { try require(grandparent, unit) }
        let stored = try resource.dao.find(parent.id, in: Records(resource, unit))
        if let grandparent, try !grandparent.owns(Document(stored)) { throw .badIdentifier(parent.id.text) }
    }
}
