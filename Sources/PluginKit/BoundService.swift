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

    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    package func read(_ id: DocumentID) throws(APIError) -> Published {
        let unit = unit(subject: nil, Memo())
        return try resource.published(resource.dao.find(id, in: Records(resource, unit)), unit)
    }

    /// Returns one page of a view, or all of it.
    package func list(
        _ request: ListRequest,
        _ view: ListView? = nil,
        within: String? = nil
    ) throws(APIError) -> Reply {
        guard let view = view ?? resource.views.first else { throw .notFound }
        let scope = view.isSystemWide ? Scope.system : scope
        let reader = ListReader(store: kit.store, scope: scope, view: view.storeName(resource.name, within: within))
        guard !view.counted.isEmpty else { return try reader.read(request) { $0 } }
        let documents = Reader(unit(subject: nil, Memo()))
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

    /// Changes what only the server knows of a document, on the document as it is when that is committed.
    ///
    /// - Parameters:
    ///   - notices: what is told of it.
    ///   - body: is called again if somebody was faster.
    package func amend(
        _ id: DocumentID,
        telling notices: [Notice] = [],
        _ body: (inout Document) throws(APIError) -> Void
    ) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in
            let old = try work.find(id)
            var new = old
            try body(&new)
            return try work.amend(Change(old: old, new: new), telling: notices)
        }
    }

    /// Changes documents of several accounts in one commit, for the services that know how; outside of any account only.
    ///
    /// - Parameter body: is called again if somebody was faster; gives the document to show.
    package func changeAccounts(_ body: (Work) throws(APIError) -> Document) throws(APIError) -> Published {
        precondition(scope == .system, "one account's service changes that account")
        return try transact(nil, body)
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
            let unit = unit(subject: subject.map { ($0, call.conditions) }, memo)
            let document = try body(Work(resource, in: unit, kit))
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
                case .conflict, .notUnique, .missing, .referenced, .occupied, .changed: overtaken = error
                default: throw APIError(error)
                }
            }
        }
        throw APIError(overtaken)
    }

    private func unit(subject: (id: DocumentID, conditions: Conditions)?, _ memo: Memo) -> UnitOfWork {
        UnitOfWork(
            scope: scope,
            caller: call.caller,
            requestID: call.requestID,
            time: call.time,
            subject: subject,
            memo: memo,
            store: kit.store
        )
    }
}
