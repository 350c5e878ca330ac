//  What an installation is once and for all: its id, and the account at the root of the tree.

import DocumentStore
import Gateway
import JSON

/// The constants of an installation; a document of the system.
package struct Installation: Sendable {
    /// 32 hexadecimal digits, opaque to clients.
    package let id: String
    /// The id of the account at the root. The account may not exist yet, if setting up was interrupted.
    package let masterAccount: DocumentID
    /// Whether the first documents were all made; what is complete is not set up again.
    package let isComplete: Bool

    static let type = "installation"
    private static let address = DocumentAddress(DocumentID("installation"), in: .system)

    /// Returns the installation of a store, or nil in a new one.
    package static func read(from store: any DocumentStore) throws(APIError) -> Installation? {
        let stored = try store.read { store throws(StoreError) in
            try store.document(address.id, in: address.scope)
        }
        guard let stored else { return nil }
        guard let body = try? JSON(parsing: stored.body), let id = body["installation"]?.string,
            let master = body["master_account"]?.string, let isComplete = body["complete"]?.bool
        else { throw .internalFault("the installation's document is damaged") }
        return Installation(id: id, masterAccount: DocumentID(master), isComplete: isComplete)
    }

    /// Writes the installation of a new store.
    ///
    /// - Parameter time: Unix seconds.
    package static func create(in store: any DocumentStore, time: Int64) throws(APIError) -> Installation {
        let installation = Installation(id: DocumentID.random().text, masterAccount: .random(), isComplete: false)
        try installation.write(to: store, replacing: nil, time: time)
        return installation
    }

    /// Notes that the first documents are all there.
    package func complete(in store: any DocumentStore, time: Int64) throws(APIError) {
        let stored = try store.read { store throws(StoreError) in
            try store.document(Self.address.id, in: Self.address.scope)
        }
        let complete = Installation(id: id, masterAccount: masterAccount, isComplete: true)
        try complete.write(to: store, replacing: stored, time: time)
    }

    private func write(to store: any DocumentStore, replacing old: StoredDocument?, time: Int64) throws(APIError) {
        let body = JSON.object([
            "id": .string(Self.address.id.text),
            "installation": .string(id),
            "master_account": .string(masterAccount.text),
            "complete": .bool(isComplete),
        ]).bytes()
        let document = StoredDocument(
            id: Self.address.id,
            scope: Self.address.scope,
            type: Self.type,
            revision: Revision(after: old?.revision, content: body),
            created: old?.created ?? time,
            modified: time,
            body: body
        )
        let write = DocumentWrite(document, replacing: old?.revision, projection: Projection())
        do {
            try store.commit(ChangeSet(writes: [write]))
        } catch {
            throw APIError(error)
        }
    }
}
