//  Replies to requests that clients may repeat, kept in the store for a day.

import Bytes
import Crypto
import DocumentStore
import Gateway
import JSON

/// Keeps replies as documents of the callers' accounts, of a type that no endpoint shows.
///
/// A claim is committed before anything is done, and the reply after; a process that ends between them leaves a claim
/// whose outcome nobody knows, and repeating is refused as long as it is kept. Each claim removes some that are too old
/// or too many, so that an account holds a bounded number.
package struct StoredReplies: ReplyArchive {
    /// How long a reply is kept, in seconds.
    package static let lifetime: Int64 = 86_400
    /// How many replies an account has at the most.
    package static let limit = 1_000

    static let type = "kept_reply"
    private static let view = "kept_replies"
    /// How many documents a claim removes at the most.
    private static let removedAtOnce = 8
    private static let attempts = 32

    private let store: any DocumentStore

    package init(store: any DocumentStore) { self.store = store }

    package func claim(_ request: RepeatableRequest) throws(APIError) -> KeptReply? {
        for _ in 0..<Self.attempts {
            let known = try document(request)
            if let known, !known.isDeleted, known.created > request.time - Self.lifetime {
                return try Self.reply(in: known, to: request)
            }
            var writes = try surplus(request, besides: id(request))
            writes.append(write(request, nil, replacing: known?.revision))
            // Whoever was faster claimed the key, or removed the same old claims.
            if try commit(writes) { return nil }
        }
        throw .keyInUse
    }

    package func keep(_ reply: KeptReply, to request: RepeatableRequest) throws(APIError) {
        guard let claim = try document(request) else { return }
        _ = try commit([write(request, reply, replacing: claim.revision)])
    }

    package func release(_ request: RepeatableRequest) throws(APIError) {
        guard let claim = try document(request) else { return }
        _ = try commit([Self.removal(of: claim, time: request.time)])
    }

    // MARK: Documents

    private func id(_ request: RepeatableRequest) -> DocumentID { DocumentID(Self.digest(Array(request.name.utf8))) }

    private func document(_ request: RepeatableRequest) throws(APIError) -> StoredDocument? {
        try store.read { store throws(StoreError) in try store.document(id(request), in: scope(request)) }
    }

    private func scope(_ request: RepeatableRequest) -> Scope { .account(DocumentID(request.account)) }

    private func write(_ request: RepeatableRequest, _ reply: KeptReply?, replacing: Revision?) -> DocumentWrite {
        var fields: JSONObject = ["request": .string(Self.digest(request.content))]
        if let reply {
            var kept: JSONObject = ["is_created": .bool(reply.isCreated)]
            kept["value"] = reply.value.flatMap { try? JSON(parsing: $0) }
            kept["revision"] = reply.revision.map { .string($0) }
            kept["location"] = reply.location.map { .string($0) }
            fields["reply"] = .object(kept)
        }
        let content = JSON.object(fields).bytes()
        let document = StoredDocument(
            id: id(request),
            scope: scope(request),
            type: Self.type,
            revision: Revision(after: replacing, content: content, Array(String(request.time).utf8)),
            created: request.time,
            modified: request.time,
            body: Array("{}".utf8),
            privateBody: content
        )
        return DocumentWrite(document, replacing: replacing, projection: Self.projection(of: document))
    }

    /// A row under the time of the request.
    static func projection(of document: StoredDocument) -> Projection {
        let key = CollationKey(.number(JSONNumber(Int(document.created))))
        return Projection(rows: [ListRow(scope: document.scope, view: view, key: key, summary: Array("{}".utf8))])
    }

    /// The removal of the oldest replies of the account that are too old, or too many.
    private func surplus(_ request: RepeatableRequest, besides own: DocumentID) throws(APIError) -> [DocumentWrite] {
        let scope = scope(request)
        let query = ListQuery(view: Self.view, order: .ascending, limit: Self.removedAtOnce, includesDocuments: true)
        let (oldest, count) = try store.read { store throws(StoreError) in
            (try store.page(query, in: scope).entries.compactMap(\.document), try store.count(of: Self.view, in: scope))
        }
        return oldest.enumerated().filter { position, document in
            document.id != own
                && (document.created <= request.time - Self.lifetime || count - position >= Self.limit)
        }.map { Self.removal(of: $0.element, time: request.time) }
    }

    private static func removal(of document: StoredDocument, time: Int64) -> DocumentWrite {
        var tombstone = document
        tombstone.isDeleted = true
        tombstone.modified = time
        tombstone.privateBody = Array("{}".utf8)
        tombstone.revision = Revision(after: document.revision, content: tombstone.privateBody)
        return DocumentWrite(tombstone, replacing: document.revision, projection: Projection())
    }

    private static func reply(
        in document: StoredDocument,
        to request: RepeatableRequest
    ) throws(APIError) -> KeptReply {
        let fields = try? JSON(parsing: document.privateBody)
        guard fields?["request"]?.string == digest(request.content) else { throw .keyReused }
        guard let reply = fields?["reply"] else { throw .keyInUse }
        return KeptReply(
            value: reply["value"]?.bytes(),
            isCreated: reply["is_created"]?.bool ?? false,
            revision: reply["revision"]?.string,
            location: reply["location"]?.string
        )
    }

    /// - Returns: whether it was committed; false if another commit came first.
    private func commit(_ writes: [DocumentWrite]) throws(APIError) -> Bool {
        do {
            try store.commit(ChangeSet(writes: writes))
            return true
        } catch .conflict {
            return false
        } catch {
            throw APIError(error)
        }
    }

    private static func digest(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes).prefix(16)) }
}
