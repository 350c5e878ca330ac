//  A resource's service at work for one call: units of work, commits, and another try when somebody was faster.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// What a Resource sees of everything behind it.
package struct BoundService {
    package let resource: ResourceDefinition
    let kit: Kit
    let scope: Scope
    let call: Call

    /// How often a change is tried again because another commit came between reading and writing.
    private static let attempts = 32

    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    package func read(_ id: DocumentID) throws(APIError) -> StoredDocument {
        let stored = try kit.store.read { store throws(StoreError) in try store.document(id, in: scope) }
        guard let stored, !stored.isDeleted, stored.type == resource.documentType else {
            throw .badIdentifier(id.text)
        }
        return stored
    }

    /// Returns one page of a view, or all of it.
    package func list(_ request: ListRequest, _ view: ListView? = nil, within: String? = nil) throws(APIError) -> Reply
    {
        guard let view = view ?? resource.views.first else { throw .notFound }
        let scope = view.isSystemWide ? Scope.system : scope
        let reader = ListReader(store: kit.store, scope: scope, view: resource.storeName(of: view, within: within))
        return try reader.read(request)
    }

    /// Returns the number of rows of a view.
    package func count(_ view: ListView, within: String? = nil) throws(APIError) -> Int {
        let scope = view.isSystemWide ? Scope.system : scope
        let name = resource.storeName(of: view, within: within)
        return try kit.store.read { store throws(StoreError) in try store.count(of: name, in: scope) }
    }

    package func create(_ fields: JSONObject) throws(APIError) -> StoredDocument {
        try transact { operation throws(APIError) in try resource.service.create(fields, in: operation) }
    }

    package func replace(_ id: DocumentID, with fields: JSONObject) throws(APIError) -> StoredDocument {
        try transact { operation throws(APIError) in try resource.service.replace(id, with: fields, in: operation) }
    }

    package func merge(_ patch: JSONObject, into id: DocumentID) throws(APIError) -> StoredDocument {
        try transact { operation throws(APIError) in try resource.service.merge(patch, into: id, in: operation) }
    }

    /// - Returns: the document as it was.
    package func delete(_ id: DocumentID) throws(APIError) -> StoredDocument {
        try transact { operation throws(APIError) in try resource.service.delete(id, in: operation) }
    }

    /// Runs a unit of work and commits it.
    ///
    /// Without `If-Match` the last write wins, so a change that another commit overtook is made again on top of it.
    private func transact(
        _ body: (Operation) throws(APIError) -> StoredDocument
    ) throws(APIError) -> StoredDocument {
        guard let schema = kit.schemas[resource.name] else { throw .internalFault("no schema \(resource.name)") }
        for _ in 0..<Self.attempts {
            let work = UnitOfWork(
                scope: scope,
                caller: call.caller,
                requestID: call.requestID,
                time: call.time,
                store: kit.store
            )
            let stored = try body(Operation(resource, schema, work, kit, call.conditions))
            if work.changes.isEmpty { return stored }
            do {
                try kit.store.commit(work.changes)
                return stored
            } catch .conflict(_, let current) where call.conditions.ifMatch != nil {
                throw .preconditionFailed(current: current?.description)
            } catch .conflict {
                continue
            } catch .notUnique(let keys) {
                throw resource.violation(of: keys)
            } catch {
                throw APIError(error)
            }
        }
        throw .conflict
    }
}

extension ResourceDefinition {
    /// What a client is told when somebody else took a value a moment ago: the same as if it had been taken before.
    fileprivate func violation(of keys: [UniqueKey]) -> APIError {
        var violations = Violations()
        for key in keys {
            // A key that is no field of the document, as a credential's, is taken together with one that is.
            guard let field = uniqueFields.first(where: { "\(name).\($0.path)" == key.name }) else { continue }
            violations.add(path: field.path, rule: "unique", message: field.message, cause: .string(key.value))
        }
        return violations.isEmpty ? .conflict : .validation(violations.json)
    }
}
