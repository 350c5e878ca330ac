//  One attempt to do what a request asks: what it read, and what shall become true together.

import DocumentStore
import Gateway
import Identity

/// Reads of one scope and the changes that one commit will make. It lives on one thread, for one attempt.
///
/// Plugins see who asks and when; reading and writing is the business of the kit's own parts.
package final class UnitOfWork {
    package let scope: Scope
    /// Who asks, or nil if the server itself does.
    package let caller: Caller?
    package let requestID: String
    /// Unix seconds.
    package let time: Int64
    private let store: any DocumentStore
    private(set) var changes = ChangeSet()

    init(scope: Scope, caller: Caller?, requestID: String, time: Int64, store: any DocumentStore) {
        self.scope = scope
        self.caller = caller
        self.requestID = requestID
        self.time = time
        self.store = store
    }

    /// The document as this unit of work left it, else as it is stored; nil if there is none or it is deleted.
    func stored(_ id: DocumentID) throws(APIError) -> StoredDocument? {
        let address = DocumentAddress(id, in: scope)
        if let staged = changes.writes.last(where: { $0.document.address == address })?.document {
            return staged.isDeleted ? nil : staged
        }
        let stored = try store.read { store throws(StoreError) in try store.document(id, in: scope) }
        return stored?.isDeleted == false ? stored : nil
    }

    /// - Throws: `.badIdentifier` unless it exists and is of this type.
    func stored(_ id: DocumentID, type: String) throws(APIError) -> StoredDocument {
        guard let document = try stored(id), document.type == type else { throw .badIdentifier(id.text) }
        return document
    }

    func holder(of key: UniqueKey) throws(APIError) -> DocumentAddress? {
        try store.read { store throws(StoreError) in try store.holder(of: key) }
    }

    /// Makes the commit fail with `.badIdentifier` if another one deletes this document first.
    package func requireExistence(of document: DocumentID, in scope: Scope) {
        changes.preconditions.insert(.exists(DocumentAddress(document, in: scope)))
    }

    func stage(_ write: DocumentWrite) { changes.writes.append(write) }

    func tell(_ names: [String], of document: StoredDocument, changed: [String]) {
        changes.events += names.map { name in
            Event(
                name: name,
                scope: document.scope,
                document: document.id,
                type: document.type,
                revision: document.revision,
                changed: changed,
                actor: actor,
                requestID: requestID,
                time: time
            )
        }
    }

    private var actor: String {
        guard let principal = caller?.principal else { return "system" }
        return principal.userID.map { "user:\($0)" } ?? "account:\(principal.accountID)"
    }
}
