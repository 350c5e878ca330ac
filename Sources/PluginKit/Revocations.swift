//  Tokens that were ended before their time, by a logout.

import DocumentStore
import Gateway
import Identity
import JSON
import Synchronization

/// The ids of ended tokens: on disk, because a logout outlives a restart, and in memory, because every request asks.
package final class Revocations: Sendable {
    private static let view = "revoked_tokens"
    static let type = "revoked_token"

    private let store: any DocumentStore
    /// Held for the set access only, never across I/O.
    private let tokenIDs: Mutex<Set<String>>
    /// How many there are: most often none, and then nobody needs the lock.
    private let count: Atomic<Int>

    /// Reads the ids of tokens that would be accepted yet.
    ///
    /// - Parameter now: Unix seconds, less the time by which clocks may be apart.
    package init(store: any DocumentStore, now: Int64) throws(StoreError) {
        self.store = store
        var ids: Set<String> = []
        var start: ListPosition? = ListPosition(key: CollationKey(.number(JSONNumber(Int(now)))))
        while let position = start {
            let query = ListQuery(view: Self.view, order: .ascending, start: position, limit: 1_000)
            let page = try store.page(query, in: .system)
            ids.formUnion(page.entries.map(\.address.id.text))
            start = page.next
        }
        count = Atomic(ids.count)
        tokenIDs = Mutex(ids)
    }

    /// A row under the time when the token would have ended by itself.
    ///
    /// - Throws: `.corrupt` if the document does not say when.
    static func projection(of document: StoredDocument) throws(StoreError) -> Projection {
        guard let expires = (try? JSON(parsing: document.body))?["expires"]?.int else {
            throw .corrupt("The revoked token \(document.id) does not say when it expires.")
        }
        let key = CollationKey(.number(JSONNumber(expires)))
        return Projection(rows: [ListRow(scope: .system, view: view, key: key, summary: document.body)])
    }

    package func contains(_ tokenID: String) -> Bool {
        count.load(ordering: .acquiring) > 0 && tokenIDs.withLock { $0.contains(tokenID) }
    }

    /// Forgets tokens that nobody would accept any more.
    func forget(_ tokenIDs: [String]) {
        self.tokenIDs.withLock { known in
            known.subtract(tokenIDs)
            count.store(known.count, ordering: .releasing)
        }
    }

    /// Ends a token; it is ended on disk when this returns.
    package func add(_ tokenID: String, of principal: Principal, call: Call) throws(APIError) {
        let expires = Int(principal.expires ?? call.time)
        let body = JSON.object([
            "id": .string(tokenID), "account_id": .string(principal.accountID), "expires": .number(JSONNumber(expires)),
        ]).bytes()
        let document = StoredDocument(
            id: DocumentID(tokenID),
            scope: .system,
            type: Self.type,
            revision: Revision(after: nil, content: body),
            created: call.time,
            modified: call.time,
            body: body
        )
        do {
            let write = DocumentWrite(document, replacing: nil, projection: try Self.projection(of: document))
            try store.commit(ChangeSet(writes: [write]))
        } catch .conflict {
            // Two logouts with one token: the other one ended it.
        } catch {
            throw APIError(error)
        }
        tokenIDs.withLock { tokenIDs in
            tokenIDs.insert(tokenID)
            count.store(tokenIDs.count, ordering: .releasing)
        }
    }
}
