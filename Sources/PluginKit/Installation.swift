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

    private static let address = DocumentAddress(DocumentID("installation"), in: .system)

    /// Returns the installation of a store, or nil in a new one.
    package static func read(from store: any DocumentStore) throws(APIError) -> Installation? {
        let stored = try store.read { store throws(StoreError) in
            try store.document(address.id, in: address.scope)
        }
        guard let stored else { return nil }
        guard let body = try? JSON(parsing: stored.body), let id = body["installation"]?.string,
            let master = body["master_account"]?.string
        else { throw .internalFault("the installation's document is damaged") }
        return Installation(id: id, masterAccount: DocumentID(master))
    }

    /// Writes the installation of a new store.
    ///
    /// - Parameter time: Unix seconds.
    package static func create(in store: any DocumentStore, time: Int64) throws(APIError) -> Installation {
        let installation = Installation(id: DocumentID.random().text, masterAccount: .random())
        let body = JSON.object([
            "id": .string(address.id.text),
            "installation": .string(installation.id),
            "master_account": .string(installation.masterAccount.text),
        ]).bytes()
        let document = StoredDocument(
            id: address.id,
            scope: address.scope,
            type: "installation",
            revision: Revision(after: nil, content: body),
            created: time,
            modified: time,
            body: body
        )
        let write = DocumentWrite(document, replacing: nil, projection: Projection())
        do {
            try store.commit(ChangeSet(writes: [write]))
        } catch {
            throw APIError(error)
        }
        return installation
    }
}
