//  I5: a write names the revision that it replaces.

import DocumentStore
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct RevisionTests {
    @Test func aStaleRevisionIsRefusedWithTheCurrentOne() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1"))
        let second = try store.create(.named("Bea", "u1", replacing: first.revision))
        let error = storeError { () throws(StoreError) in
            try store.create(.named("Cay", "u1", replacing: first.revision))
        }
        #expect(error == .conflict(first.address, current: second.revision))
        #expect(try store.document("u1", in: account) == second)
    }

    @Test func anIDThatExistsIsNotCreatedAgain() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1"))
        let error = storeError { () throws(StoreError) in try store.create(.named("Bea", "u1")) }
        #expect(error == .conflict(first.address, current: first.revision))
    }

    @Test func aDocumentThatIsNotThereCannotBeReplaced() throws {
        let store = try StoreFixture().store
        let revision = Revision(after: nil, content: [])
        let error = storeError { () throws(StoreError) in
            try store.create(.named("Ann", "u1", replacing: revision))
        }
        #expect(error == .conflict(DocumentAddress("u1", in: account), current: nil))
    }

    @Test func oneOfManyWritersWinsEachRevision() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("0", "u1"))
        let wins = Mutex(0)
        let updates = 2_000
        concurrently(8) { thread in
            var attempts = 0
            while attempts < updates {
                attempts += 1
                guard let current = try? store.document("u1", in: account) else { return }
                let error = storeError { () throws(StoreError) in
                    try store.create(.named("\(thread)-\(attempts)", "u1", replacing: current.revision))
                }
                switch error {
                case nil: wins.withLock { $0 += 1 }
                case .conflict(first.address, let newer): #expect(newer != current.revision)
                case let other?: Issue.record("\(other)")
                }
            }
        }
        let last = try #require(try store.document("u1", in: account))
        // Every acknowledged write is one generation: none was lost, and no revision was replaced twice.
        #expect(last.revision.generation == 1 + wins.withLock { $0 })
        #expect(store.statistics.commits == last.revision.generation)
    }
}
