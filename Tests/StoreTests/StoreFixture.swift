//  A store in a directory of its own, and short ways to write documents into it.

import DocumentStore
import Foundation
import JSON
import Synchronization

@testable import SQLiteStore

let account = Scope.account("a0000000000000000000000000000001")
let otherAccount = Scope.account("a0000000000000000000000000000002")

/// A directory that disappears with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A new store in a directory of its own; both go with the last reference to the store.
struct StoreFixture {
    let directory = TemporaryDirectory()
    let store: SQLiteStore
    let failures = Counter()

    init(_ options: SQLiteStore.Options = SQLiteStore.Options()) throws {
        let (directory, failures) = (directory, failures)
        store = try SQLiteStore(directory: directory.path, options: options) { _ in
            // The store keeps its directory for as long as it lives.
            withExtendedLifetime(directory) { failures.add() }
        }
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

/// Runs `body` on as many threads as `count`, and returns when all have ended.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        Thread {
            body(index)
            group.leave()
        }.start()
    }
    group.wait()
}

/// The error that `body` throws, or nil.
func storeError(_ body: () throws(StoreError) -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error
    }
}

extension DocumentID: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension DocumentWrite {
    /// A document with one row in the view `listing`, whose key is the name.
    static func named(
        _ name: String,
        _ id: DocumentID,
        in scope: Scope = account,
        type: String = "user",
        replacing: Revision? = nil,
        keys: [String] = [],
        references: [DocumentID] = [],
        view: String = "listing"
    ) -> DocumentWrite {
        let body = Array(#"{"id":"\#(id)","name":"\#(name)"}"#.utf8)
        let document = StoredDocument(
            id: id,
            scope: scope,
            type: type,
            revision: Revision(after: replacing, content: body),
            created: 1,
            modified: 2,
            body: body,
            privateBody: Array(#"{"secret":"\#(name)"}"#.utf8)
        )
        let projection = Projection(
            rows: [ListRow(scope: scope, view: view, key: CollationKey([.string(name)]), summary: body)],
            uniqueKeys: keys.map { UniqueKey(scope: scope, name: "key", value: $0) },
            references: references.map { OutgoingReference(field: "target", target: $0) }
        )
        return DocumentWrite(document, replacing: replacing, projection: projection)
    }

    /// A tombstone without rows, keys and references.
    static func tombstone(of document: StoredDocument) -> DocumentWrite {
        var next = document
        next.isDeleted = true
        next.modified += 1
        next.revision = Revision(after: document.revision, content: document.body)
        return DocumentWrite(next, replacing: document.revision, projection: Projection())
    }
}

extension Event {
    static func created(_ document: StoredDocument) -> Event {
        Event(
            id: "created-\(document.id)",
            name: "user_created",
            scope: document.scope,
            document: document.id,
            type: document.type,
            revision: document.revision,
            changed: ["name", "a\u{1F}\"b"],
            reloads: ["dialplan", "sip"],
            actor: "system",
            requestID: "r1",
            time: 7
        )
    }
}

extension SQLiteStore {
    @discardableResult
    func create(_ write: DocumentWrite) throws(StoreError) -> StoredDocument {
        try commit(ChangeSet(writes: [write]))
        return write.document
    }

    /// The names of all rows of a view, page after page.
    func names(
        _ view: String = "listing",
        in scope: Scope = account,
        order: ListQuery.Order = .ascending,
        pageSize: Int = 1_000
    ) throws -> [String] {
        var query = ListQuery(view: view, order: order, limit: pageSize)
        var ids: [String] = []
        repeat {
            let page = try page(query, in: scope)
            ids += page.entries.map(\.address.id.text)
            query.start = page.next
        } while query.start != nil
        return ids
    }
}
