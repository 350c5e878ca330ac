//  I1, I2, I3: a commit is atomic, durable when it returns, and shares its sync.

import Dispatch
import DocumentStore
import Foundation
import JSON
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct CommitTests {
    @Test func aCommitMakesDocumentRowsKeysReferencesAndEventsTrueTogether() throws {
        let store = try StoreFixture().store
        let write = DocumentWrite.named("Ann", "u1", keys: ["ann"], references: ["d1"])
        try store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))

        #expect(try store.document("u1", in: account) == write.document)
        let page = try store.page(ListQuery(view: "listing", limit: 10), in: account)
        #expect(page.entries.map(\.address) == [write.document.address])
        #expect(page.entries.map(\.summary) == [write.document.body])
        #expect(try store.count(of: "listing", in: account) == 1)
        let key = UniqueKey(scope: account, name: "key", value: "ann")
        #expect(try store.holder(of: key) == write.document.address)
        #expect(
            try store.references(to: "d1", in: account, limit: 10)
                == [IncomingReference(field: "target", source: "u1", sourceType: "user")]
        )
        #expect(try store.events(after: 0, limit: 10).map(\.event) == [.created(write.document)])
    }

    /// The last write of each change set is refused; nothing of the first ones may stay.
    static let refused: [(String, ChangeSet)] = [
        ("stale revision", ChangeSet(writes: [.named("new", "n1", keys: ["n"]), .named("x", "u1", replacing: nil)])),
        ("taken key", ChangeSet(writes: [.named("new", "n1", keys: ["n"]), .named("x", "u2", keys: ["ann"])])),
        (
            "missing document",
            ChangeSet(
                writes: [.named("new", "n1", keys: ["n"])],
                preconditions: [.exists(DocumentAddress("u9", in: account))]
            )
        ),
    ]

    @Test(arguments: refused)
    func aRefusedCommitLeavesNothingBehind(reason: String, changes: ChangeSet) throws {
        let store = try StoreFixture().store
        let ann = try store.create(.named("Ann", "u1", keys: ["ann"]))
        var changes = changes
        changes.events = [.created(ann)]
        #expect(storeError { () throws(StoreError) in try store.commit(changes) }?.isRefusal == true)

        #expect(try store.document("n1", in: account) == nil)
        #expect(try store.document("u1", in: account) == ann)
        #expect(try store.names() == ["u1"])
        #expect(try store.count(of: "listing", in: account) == 1)
        #expect(try store.holder(of: UniqueKey(scope: account, name: "key", value: "n")) == nil)
        #expect(try store.events(after: 0, limit: 10).isEmpty)
        #expect(store.statistics.refusals == 1)
    }

    @Test func anEditReplacesWhatTheDocumentWroteBefore() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1", keys: ["ann", "both"], references: ["d1", "d2"]))
        try store.create(
            .named("Bea", "u1", replacing: first.revision, keys: ["bea", "both"], references: ["d2", "d3"])
        )

        let entries = try store.page(ListQuery(view: "listing", limit: 10), in: account).entries
        #expect(entries.map(\.key) == [CollationKey([.string("Bea")])])
        #expect(try store.count(of: "listing", in: account) == 1)
        for (value, isHeld) in [("ann", false), ("bea", true), ("both", true)] {
            #expect((try store.holder(of: UniqueKey(scope: account, name: "key", value: value)) != nil) == isHeld)
        }
        for (target, count) in [("d1", 0), ("d2", 1), ("d3", 1)] {
            #expect(try store.references(to: DocumentID(target), in: account, limit: 10).count == count)
        }
    }

    @Test func aSummaryChangesInItsPlace() throws {
        let store = try StoreFixture().store
        var write = DocumentWrite.named("Ann", "u1")
        try store.create(write)
        write = .named("Ann", "u1", replacing: write.document.revision)
        write.projection.rows[0].summary = Array(#"{"id":"u1","enabled":true}"#.utf8)
        try store.create(write)
        let entries = try store.page(ListQuery(view: "listing", limit: 10), in: account).entries
        #expect(entries.map(\.summary) == [write.projection.rows[0].summary])
        #expect(try store.count(of: "listing", in: account) == 1)
    }

    @Test func rowsWithOneKeyAreOneRow() throws {
        let store = try StoreFixture().store
        var write = DocumentWrite.named("Ann", "u1")
        write.projection.rows += write.projection.rows
        try store.create(write)
        #expect(try store.count(of: "listing", in: account) == 1)
        #expect(try store.names() == ["u1"])
    }

    /// keeps I3: what fails harms nobody, and what waits together is synced together.
    @Test func unitsThatWaitTogetherShareOneSyncAndFailAlone() throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        try store.create(.named("Ann", "u0", keys: ["taken"]))
        let before = store.statistics
        let refused = Mutex<Set<Int>>([])

        store.whileTheWriterIsBusy(expecting: 64) {
            concurrently(64) { index in
                let key = index.isMultiple(of: 8) ? "taken" : "k\(index)"
                let error = storeError { () throws(StoreError) in
                    try store.create(.named("n\(index)", DocumentID("u-\(index)"), keys: [key]))
                }
                if error != nil { refused.withLock { _ = $0.insert(index) } }
            }
        }

        #expect(refused.withLock { $0 } == Set(stride(from: 0, to: 64, by: 8)))
        let after = store.statistics
        #expect(after.refusals - before.refusals == 8)
        #expect(after.commits - before.commits == 57)  // 56 and the one that kept the writer busy
        #expect(after.syncs - before.syncs == 2)
        #expect(try store.names().count == 57)
    }

    @Test func aLoneCommitHasASyncOfItsOwn() throws {
        let store = try StoreFixture().store
        for index in 0..<10 { try store.create(.named("n", DocumentID("u\(index)"))) }
        #expect(store.statistics.syncs == 10)
        #expect(store.statistics.commits == 10)
    }

    @Test func eventsAreNumberedInTheOrderOfCommits() throws {
        let store = try StoreFixture().store
        concurrently(8) { thread in
            for index in 0..<20 {
                let write = DocumentWrite.named("n", DocumentID("u-\(thread)-\(index)"))
                let event = Event.created(write.document)
                _ = storeError { () throws(StoreError) in
                    try store.commit(ChangeSet(writes: [write], events: [event, event]))
                }
            }
        }
        let events = try store.events(after: 0, limit: 1_000)
        #expect(events.map(\.sequence) == Array(1...320))
        for pair in stride(from: 0, to: 320, by: 2) {
            #expect(events[pair].event == events[pair + 1].event)
        }
        #expect(try store.events(after: 318, limit: 10).map(\.sequence) == [319, 320])
        #expect(try store.events(after: 0, limit: 3).map(\.sequence) == [1, 2, 3])
    }

    @Test func anEmptyChangeSetCostsNoSync() throws {
        let store = try StoreFixture().store
        try store.commit(ChangeSet())
        #expect(store.statistics.syncs == 0)
    }
}

extension SQLiteStore {
    /// Keeps the writer waiting until `count` units queue up behind it, which `body` must bring about.
    func whileTheWriterIsBusy(expecting count: Int, _ body: () -> Void) {
        let entered = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        Thread { [self] in
            try? writer.perform { [writer] _ in
                entered.signal()
                while writer.waiting < count { sched_yield() }
            }
            ended.signal()
        }.start()
        entered.wait()
        body()
        ended.wait()
    }
}
