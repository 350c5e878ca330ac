//  I8: two documents never hold one unique key.

import DocumentStore
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct UniqueKeyTests {
    private func key(_ value: String, in scope: Scope = account) -> UniqueKey {
        UniqueKey(scope: scope, name: "key", value: value)
    }

    @Test func everyTakenKeyIsReported() throws {
        let store = try StoreFixture().store
        try store.create(.named("Ann", "u1", keys: ["a", "b"]))
        let error = storeError { () throws(StoreError) in
            try store.create(.named("Bea", "u2", keys: ["a", "free", "b"]))
        }
        #expect(error == .notUnique([key("a"), key("b")]))
        #expect(try store.holder(of: key("free")) == nil)
    }

    @Test func aDocumentKeepsItsOwnKey() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1", keys: ["a"]))
        try store.create(.named("Bea", "u1", replacing: first.revision, keys: ["a"]))
        #expect(try store.holder(of: key("a")) == first.address)
    }

    @Test func documentsOfOneChangeSetExchangeTheirKeys() throws {
        let store = try StoreFixture().store
        let one = try store.create(.named("Ann", "u1", keys: ["a"]))
        let two = try store.create(.named("Bea", "u2", keys: ["b"]))
        try store.commit(
            ChangeSet(writes: [
                .named("Ann", "u1", replacing: one.revision, keys: ["b"]),
                .named("Bea", "u2", replacing: two.revision, keys: ["a"]),
            ])
        )
        #expect(try store.holder(of: key("a")) == two.address)
        #expect(try store.holder(of: key("b")) == one.address)
    }

    @Test func twoDocumentsOfOneChangeSetCannotShareAKey() throws {
        let store = try StoreFixture().store
        let error = storeError { () throws(StoreError) in
            try store.commit(
                ChangeSet(writes: [.named("Ann", "u1", keys: ["a"]), .named("Bea", "u2", keys: ["a"])])
            )
        }
        #expect(error == .notUnique([key("a")]))
    }

    @Test func aDeletedDocumentGivesItsKeyBack() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1", keys: ["a"]))
        try store.create(.tombstone(of: first))
        try store.create(.named("Bea", "u2", keys: ["a"]))
        #expect(try store.holder(of: key("a"))?.id == "u2")
    }

    @Test func keysOfDifferentScopesDoNotMeet() throws {
        let store = try StoreFixture().store
        try store.create(.named("Ann", "u1", keys: ["a"]))
        try store.create(.named("Bea", "u1", in: otherAccount, keys: ["a"]))
        #expect(try store.holder(of: key("a"))?.scope == account)
        #expect(try store.holder(of: key("a", in: otherAccount))?.scope == otherAccount)
    }

    @Test func oneOfManyRacingCreatesWins() throws {
        let store = try StoreFixture().store
        for round in 0..<100 {
            let losers = Mutex<[StoreError]>([])
            concurrently(8) { thread in
                let error = storeError { () throws(StoreError) in
                    try store.create(.named("n", DocumentID("u-\(round)-\(thread)"), keys: ["k\(round)"]))
                }
                if let error { losers.withLock { $0.append(error) } }
            }
            #expect(losers.withLock { $0 } == Array(repeating: .notUnique([key("k\(round)")]), count: 7))
        }
    }
}
