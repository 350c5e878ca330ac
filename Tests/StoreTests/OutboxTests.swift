//  Consumers get every event at least once, in the order of commits.

import DocumentStore
import Testing

@testable import SQLiteStore

@Suite struct OutboxTests {
    private func storeWithEvents(_ count: Int) throws -> SQLiteStore {
        let store = try StoreFixture().store
        for index in 0..<count {
            let write = DocumentWrite.named("n", DocumentID("u\(index)"))
            var event = Event.created(write.document)
            event.time = Int64(index)
            try store.commit(ChangeSet(writes: [write], events: [event]))
        }
        return store
    }

    private func claim(
        _ store: SQLiteStore,
        by holder: String = "p1",
        now: Int64 = 100,
        limit: Int = 100
    ) throws -> [Int64]? {
        try store.claimEvents(for: "relay", by: holder, now: now, lease: 30, limit: limit)?.map(\.sequence)
    }

    @Test func whatIsNotAcknowledgedIsGivenAgain() throws {
        let store = try storeWithEvents(5)
        #expect(try claim(store, limit: 3) == [1, 2, 3])
        #expect(try claim(store, limit: 3) == [1, 2, 3])
        #expect(try store.acknowledgeEvents(through: 2, for: "relay", by: "p1"))
        #expect(try claim(store) == [3, 4, 5])
        #expect(try store.acknowledgeEvents(through: 5, for: "relay", by: "p1"))
        #expect(try claim(store) == [])
        // An acknowledgement that comes late takes nothing back.
        #expect(try store.acknowledgeEvents(through: 1, for: "relay", by: "p1"))
        #expect(try claim(store) == [])
        #expect(try store.lastSequence() == 5)
    }

    @Test func oneHolderAtATimeAndTheNextTakesOverWhenTheLeaseEnds() throws {
        let store = try storeWithEvents(3)
        #expect(try claim(store, by: "p1", now: 100) == [1, 2, 3])
        #expect(try claim(store, by: "p2", now: 129) == nil)
        #expect(try claim(store, by: "p1", now: 120) == [1, 2, 3])
        #expect(try claim(store, by: "p2", now: 149) == nil)
        #expect(try claim(store, by: "p2", now: 150) == [1, 2, 3])
        #expect(try !store.acknowledgeEvents(through: 3, for: "relay", by: "p1"))
        #expect(try store.acknowledgeEvents(through: 1, for: "relay", by: "p2"))
        #expect(try claim(store, by: "p2", now: 150) == [2, 3])
    }

    @Test func eachConsumerHasItsOwnPlace() throws {
        let store = try storeWithEvents(3)
        #expect(try claim(store) == [1, 2, 3])
        try store.moveConsumer("webhook", after: 2)
        let events = try store.claimEvents(for: "webhook", by: "p9", now: 1, lease: 1, limit: 9)
        #expect(events?.map(\.sequence) == [3])
        #expect(try store.consumers() == ["relay": 0, "webhook": 2])
        try store.removeConsumer("webhook")
        #expect(try store.consumers() == ["relay": 0])
    }

    @Test func aConsumerThatIsMovedBackGetsEventsAgain() throws {
        let store = try storeWithEvents(4)
        _ = try claim(store)
        _ = try store.acknowledgeEvents(through: 4, for: "relay", by: "p1")
        try store.moveConsumer("relay", after: 1)
        #expect(try claim(store, by: "p2") == [2, 3, 4])
    }

    @Test func eventsGoWhenTheyAreOldAndEveryConsumerHasThem() throws {
        let store = try storeWithEvents(6)
        _ = try claim(store)
        _ = try store.acknowledgeEvents(through: 4, for: "relay", by: "p1")
        try store.moveConsumer("webhook", after: 3)
        #expect(try store.purgeEvents(before: 2, limit: 9) == 2)
        #expect(try store.purgeEvents(before: 100, limit: 9) == 1)
        #expect(try store.events(after: 0, limit: 9).map(\.sequence) == [4, 5, 6])
        try store.removeConsumer("webhook")
        try store.removeConsumer("relay")
        #expect(try store.purgeEvents(before: 100, limit: 2) == 2)
        #expect(try store.purgeEvents(before: 100, limit: 2) == 1)
        // A sequence is never used twice.
        let write = DocumentWrite.named("n", "new")
        try store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        #expect(try store.events(after: 0, limit: 9).map(\.sequence) == [7])
    }
}
