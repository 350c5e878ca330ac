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

    @Test func aHolderThatLetsGoNeedNotBeWaitedFor() throws {
        let store = try storeWithEvents(3)
        #expect(try claim(store, by: "p1", now: 100) == [1, 2, 3])
        _ = try store.acknowledgeEvents(through: 1, for: "relay", by: "p1")
        try store.releaseConsumer("relay", by: "p2")
        #expect(try claim(store, by: "p2", now: 100) == nil)
        try store.releaseConsumer("relay", by: "p1")
        #expect(try claim(store, by: "p2", now: 100) == [2, 3])
    }

    @Test func aScopeHasItsOwnEventsInOrder() throws {
        let store = try StoreFixture().store
        for (index, scope) in [account, otherAccount, account, .system, account].enumerated() {
            var write = DocumentWrite.named("n", DocumentID("u\(index)"))
            write.document.scope = scope
            write.projection = Projection()
            try store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        }
        #expect(try store.events(after: 0, limit: 9, in: account).map(\.sequence) == [1, 3, 5])
        #expect(try store.events(after: 1, limit: 1, in: account).map(\.sequence) == [3])
        #expect(try store.events(after: 0, limit: 9, in: .system).map(\.sequence) == [4])
        #expect(try store.latestEvents(limit: 2, in: account).map(\.sequence) == [5, 3])
    }

    @Test func whoWaitsForEventsIsCalledAfterACommitThatTellsSome() throws {
        let store = try StoreFixture().store
        let (calls, seen) = (Counter(), Counter())
        store.whenEventsCome {
            calls.add()
            // What is told of can be read already.
            if (try? store.events(after: 0, limit: 9).count) == 1 { seen.add() }
        }
        try store.create(.named("silent", "u1"))
        #expect(calls.value == 0)
        let write = DocumentWrite.named("n", "u2")
        try store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        #expect(calls.value == 1 && seen.value == 1)
        let refused = ChangeSet(writes: [write], events: [.created(write.document)])
        #expect(throws: StoreError.self) { try store.commit(refused) }
        #expect(calls.value == 1)
    }

    @Test func theStatusSaysHowFarEachConsumerIs() throws {
        let store = try storeWithEvents(5)
        try store.moveConsumer("webhooks", after: 5)
        try store.moveConsumer("amqp", after: 2)
        let status = try store.status()
        #expect(status.last == 5)
        #expect(status.consumers.map(\.name) == ["amqp", "webhooks"])
        #expect(status.consumers.map(\.acknowledged) == [2, 5])
        #expect(status.consumers.map(\.lag) == [3, 0])
    }
}
