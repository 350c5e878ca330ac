//  I4: a reader never waits for a writer and sees the last commit.

import Dispatch
import DocumentStore
import Foundation
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct ReaderTests {
    @Test(arguments: [0, 64 << 20])
    func aReaderDoesNotWaitForTheWriter(cacheBytes: Int) throws {
        let store = try StoreFixture(SQLiteStore.Options(cacheBytes: cacheBytes)).store
        let first = try store.create(.named("Ann", "u1"))
        let entered = DispatchSemaphore(value: 0)
        let mayCommit = DispatchSemaphore(value: 0)
        let committed = DispatchSemaphore(value: 0)
        let second = DocumentWrite.named("Bea", "u1", replacing: first.revision)
        Thread {
            try? store.writer.perform { session throws(StoreError) in
                try session.apply(ChangeSet(writes: [second]))
                entered.signal()
                mayCommit.wait()
            }
            committed.signal()
        }.start()
        entered.wait()
        // The writer stands in the middle of a transaction; what it wrote cannot be seen.
        #expect(try store.document("u1", in: account) == first)
        #expect(try store.page(ListQuery(view: "listing", limit: 1), in: account).entries.first?.summary == first.body)
        mayCommit.signal()
        committed.wait()
        #expect(try store.document("u1", in: account) == second.document)
    }

    /// Readers of a document that is written all the time never go back, and never see less than what is acknowledged.
    @Test(arguments: [0, 20_000, 64 << 20])
    func noReaderGoesBackInTime(cacheBytes: Int) throws {
        let store = try StoreFixture(SQLiteStore.Options(cacheBytes: cacheBytes)).store
        try store.create(.named("0", "u1"))
        let acknowledged = Mutex(1)
        concurrently(5) { thread in
            if thread == 0 {
                for number in 1...500 {
                    guard let current = try? store.document("u1", in: account) else { return }
                    _ = try? store.create(.named("\(number)", "u1", replacing: current.revision))
                    acknowledged.withLock { $0 = number + 1 }
                }
                return
            }
            var last = 0
            while last < 501 {
                let atLeast = acknowledged.withLock { $0 }
                guard let document = try? store.document("u1", in: account) else {
                    Issue.record("The document is gone.")
                    return
                }
                #expect(document.revision.generation >= max(atLeast, last))
                last = document.revision.generation
            }
        }
    }

    @Test func theCacheKeepsToItsBudget() throws {
        let budget = 64_000
        let store = try StoreFixture(SQLiteStore.Options(cacheBytes: budget)).store
        for index in 0..<400 { try store.create(.named("n\(index)", DocumentID("u\(index)"))) }
        #expect(store.statistics.cachedBytes <= budget)
        #expect(store.statistics.cachedBytes > budget / 2)
        for index in 0..<400 { #expect(try store.document(DocumentID("u\(index)"), in: account) != nil) }
        #expect(store.statistics.cachedBytes <= budget)
        #expect(store.statistics.cacheMisses > 0)
    }

    @Test func aFullCacheKeepsWhatWasReadLast() throws {
        let store = try StoreFixture(SQLiteStore.Options(cacheBytes: 64_000)).store
        for index in 0..<400 { try store.create(.named("n\(index)", DocumentID("u\(index)"))) }
        for index in 0..<400 {
            _ = try store.document(DocumentID("u\(index)"), in: account)
            let before = store.statistics
            _ = try store.document(DocumentID("u\(index)"), in: account)
            _ = try store.document(DocumentID("u\(max(index - 20, 0))"), in: account)
            #expect(store.statistics.cacheHits == before.cacheHits + 2)
        }
    }

    @Test func aDocumentIsReadFromTheDatabaseOnce() throws {
        let fixture = try StoreFixture()
        try fixture.store.create(.named("Ann", "u1"))
        fixture.store.close()
        let store = try SQLiteStore(directory: fixture.directory.path) { _ in }
        for _ in 0..<3 { #expect(try store.document("u1", in: account) != nil) }
        #expect(store.statistics.cacheMisses == 1)
        #expect(store.statistics.cacheHits == 2)
        store.close()
    }

    @Test func aRefusedWriteDoesNotReachTheCache() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1", keys: ["a"]))
        try store.create(.named("Bea", "u2", keys: ["b"]))
        let stolen = DocumentWrite.named("Ann", "u1", replacing: first.revision, keys: ["b"])
        #expect(storeError { () throws(StoreError) in try store.create(stolen) } != nil)
        #expect(try store.document("u1", in: account) == first)
    }
}
