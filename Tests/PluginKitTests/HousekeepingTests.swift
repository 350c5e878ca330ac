//  What is kept for a time goes after that time, and the store does not grow with what was.

import DocumentStore
import PluginKit
import SQLiteStore
import TestServer
import Testing

@Suite struct HousekeepingTests {
    private static let day: Int64 = 86_400

    /// A month of a server's life: documents made, changed and deleted, logins ended, records and attachments left.
    private func live(_ server: TestServer, from time: Int64) throws {
        let account = server.master.account
        let token = try server.token(account, server.master.admin)
        for index in 0..<20 {
            let body = #"{"data":{"name":"menu \#(index)"}}"#
            let key = ["HTTP_IDEMPOTENCY_KEY": "key-\(time)-\(index)"]
            let made = try server.send("PUT", "/v2/accounts/\(account)/menus", body, token: token, fields: key)
            try #require(made.status == 201)
            let menu = "/v2/accounts/\(account)/menus/\(try made.id)"
            try #require(try server.send("PATCH", menu, ["timeout": 5_000], token).status == 200)
            try #require(try server.send("DELETE", menu, "", token: token).status == 200)
        }
        try #require(try server.send("DELETE", "/v2/token_auth", "", token: token).status == 200)
        _ = try server.store.storeAttachment(Array("sound of \(time)".utf8))
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: 2_000)
        try server.store.append(
            (0..<20).map { StoredRecord(scope: .system, kind: "cdr", time: time, id: .init("r\($0)"), body: bytes) }
        )
    }

    @Test func theStoreStopsGrowing() throws {
        // The file grows when the log is written back: here more than once a month.
        let server = try TestServer(storage: SQLiteStore.Options(checkpointPages: 100))
        try server.store.moveConsumer("relay", after: 0)
        var sizes: [Int] = []
        for month in 0..<24 {
            let now = TestServer.start + Int64(month) * 31 * Self.day
            try live(server, from: now)
            server.advance(by: 31 * Self.day)
            _ = try server.store.acknowledge(all: "relay", now: now)
            var retention = Retention()
            retention.pastRevisions = 20 * Self.day
            // A file's time is that of the machine.
            retention.attachments = -10
            let keeping = Housekeeping(
                store: server.store,
                revocations: server.kit.revocations,
                retention: retention,
                batch: 7
            )
            _ = try keeping.run(now: now + 31 * Self.day)
            sizes.append(server.store.reader.sizes.database)
        }
        let last = try server.store.reader.contents()
        // The master account, its administrator and the installation.
        #expect(last.kinds.map(\.documents).reduce(0, +) == 3)
        #expect(last.kinds.map(\.tombstones).reduce(0, +) == 0)
        #expect(last.events == 0 && last.pastRevisions == 0)
        #expect(last.records.count == 13)
        #expect(try server.store.collectAttachments(grace: -10) == 0)
        // Records of 13 months are kept.
        #expect(sizes[23] == sizes[16], "\(sizes)")
        #expect(try server.store.reader.check(project: server.kit.catalogue.projection) == [])
    }

    /// What is not old enough, or not delivered, stays.
    @Test func whatIsStillNeededStays() throws {
        let server = try TestServer()
        try server.store.moveConsumer("relay", after: 0)
        try live(server, from: TestServer.start)
        let before = try server.store.reader.contents()
        let keeping = Housekeeping(store: server.store, revocations: server.kit.revocations, retention: Retention())
        #expect(try keeping.run(now: TestServer.start + 60).isEmpty)
        #expect(try server.store.reader.contents().kinds == before.kinds)
        let later = try keeping.run(now: TestServer.start + 40 * Self.day).map(\.name)
        #expect(later == ["tombstones", "replies", "revoked_tokens"])
        // Nobody has had the events.
        #expect(try server.store.reader.contents().events == before.events)
    }

    @Test func anEndedTokenStaysEndedForAsLongAsItWouldLive() throws {
        let server = try TestServer()
        let account = server.master.account
        let token = try server.token(account, server.master.admin)
        try #require(try server.send("DELETE", "/v2/token_auth", "", token: token).status == 200)
        let keeping = Housekeeping(store: server.store, revocations: server.kit.revocations, retention: Retention())
        #expect(try keeping.run(now: TestServer.start + 39_000).isEmpty)
        server.advance(by: 39_000)
        #expect(try server.get("/v2/accounts/\(account)", token).status == 401)
    }

    @Test func aRunThatIsInterruptedIsGoneOnWith() throws {
        let server = try TestServer()
        try live(server, from: TestServer.start)
        let keeping = Housekeeping(
            store: server.store,
            revocations: server.kit.revocations,
            retention: Retention(),
            batch: 3
        )
        let now = TestServer.start + 40 * Self.day
        #expect(try keeping.run(now: now) { false }.map(\.count) == [3])
        _ = try keeping.run(now: now)
        #expect(try server.store.reader.contents().kinds.allSatisfy { $0.tombstones == 0 })
    }
}

extension SQLiteStore {
    /// Delivers everything to a consumer.
    fileprivate func acknowledge(all consumer: String, now: Int64) throws(StoreError) -> Bool {
        guard let events = try claimEvents(for: consumer, by: "test", now: now, lease: 60, limit: 10_000),
            let last = events.last
        else { return false }
        return try acknowledgeEvents(through: last.sequence, for: consumer, by: "test")
    }
}
