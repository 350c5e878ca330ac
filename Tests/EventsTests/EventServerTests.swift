//  The events socket: reading in order, one holder a consumer, waiting without asking, and nobody else's events.

import DocumentStore
import Foundation
import Glibc
import JSON
import PluginKit
import SQLiteStore
import Synchronization
import TestServer
import Testing

@testable import Events

@Suite struct EventServerTests {
    @Test func aConsumerReadsOnWhereItAcknowledged() throws {
        let fixture = try EventsFixture()
        let user = try fixture.makeUser()
        for value in 0..<4 { try fixture.edit(user, value) }
        let last = try fixture.lastSequence()
        let client = try fixture.client()
        let all = try client.read("amqp", by: "p1", limit: 100, seconds: 0).events
        #expect(all.map(\.sequence) == Array(1...last))
        #expect(
            try client.read("amqp", by: "p1", after: last - 2, limit: 1, seconds: 0).events.map(\.sequence) == [
                last - 1
            ]
        )
        try client.acknowledge(last - 1, of: "amqp", by: "p1")
        #expect(try client.read("amqp", by: "p1", limit: 100, seconds: 0).events == all.suffix(1))
        #expect(try client.tail(after: 0, limit: 100, seconds: 0) == all)
    }

    @Test func anEventTellsWhoseAccountIsAbove() throws {
        let fixture = try EventsFixture()
        _ = try fixture.makeUser()
        let batch = try fixture.client().read("webhooks", by: "p1", limit: 100, seconds: 0)
        #expect(batch.ancestors[fixture.tenant.account] == [fixture.server.master.account])
        // Of one that was deleted, too.
        let child = try fixture.server.makeTenant("Child", below: fixture.tenant)
        let path = "/v2/accounts/\(child.account)"
        let token = fixture.server.master.adminToken
        #expect(try fixture.server.send("DELETE", path, token: token).status == 200)
        let later = try fixture.client().tail(after: 0, limit: 100, seconds: 0)
        #expect(later.last?.event.name == "account_deleted")
        let above = try fixture.server.kit.directory.ancestors(of: child.account)
        #expect(above == [fixture.server.master.account, fixture.tenant.account])
    }

    @Test func whoWaitsIsAnsweredByTheNextCommit() throws {
        let fixture = try EventsFixture()
        let user = try fixture.makeUser()
        let last = try fixture.lastSequence()
        let answers = Mutex<[Int64: [RecordedEvent]]>([:])
        let isWaiting = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)
        for (after, isTail) in [(last, false), (last, true)] {
            Thread {
                defer { hasEnded.signal() }
                guard let client = try? fixture.client() else { return }
                isWaiting.signal()
                let events =
                    isTail
                    ? try? client.tail(after: after, limit: 9, seconds: 50)
                    : try? client.read("amqp", by: "p1", after: after, limit: 9, seconds: 50).events
                answers.withLock { $0[isTail ? 1 : 0] = events }
            }.start()
        }
        isWaiting.wait()
        isWaiting.wait()
        let began = ContinuousClock.now
        try fixture.edit(user, 1)
        hasEnded.wait()
        hasEnded.wait()
        #expect(ContinuousClock.now - began < .seconds(20))
        let all = answers.withLock { $0 }
        #expect(all[0]?.map(\.sequence) == [last + 1] && all[1]?.map(\.sequence) == [last + 1])
    }

    @Test func aConsumerHasOneHolderUntilItLeaves() throws {
        let fixture = try EventsFixture()
        _ = try fixture.makeUser()
        let second = try fixture.client()
        do {
            let first = try fixture.client()
            _ = try first.read("amqp", by: "p1", limit: 1, seconds: 0)
            #expect(throws: EventClientError.held) { try second.read("amqp", by: "p2", limit: 1, seconds: 0) }
            #expect(throws: EventClientError.held) { try second.acknowledge(1, of: "amqp", by: "p2") }
            _ = try second.read("reload", by: "p2", limit: 1, seconds: 0)
            withExtendedLifetime(first) {}
        }
        // The connection has gone, and with it the lease.
        try eventually("the consumer is free") {
            (try? second.read("amqp", by: "p2", limit: 1, seconds: 0).events.count) == 1
        }
    }

    @Test func whatWasDeliveredIsDeliveredAgainFromANumberOn() throws {
        let fixture = try EventsFixture()
        let user = try fixture.makeUser()
        for value in 0..<4 { try fixture.edit(user, value) }
        let last = try fixture.lastSequence()
        let relay = try fixture.client()
        _ = try relay.read("amqp", by: "p1", limit: 100, seconds: 0)
        try relay.acknowledge(last, of: "amqp", by: "p1")
        let other = try fixture.client()
        try other.replay("amqp", after: last - 2)
        // Who was reading on in another place has to begin anew.
        #expect(throws: EventClientError.self) { try relay.read("amqp", by: "p1", after: last, limit: 9, seconds: 0) }
        let again = try fixture.client().read("amqp", by: "p2", limit: 100, seconds: 0).events
        #expect(again.map(\.sequence) == [last - 1, last])
        #expect(throws: EventClientError.self) { try other.replay("amqp", after: last + 1) }
        #expect(throws: EventClientError.self) { try other.replay("nobody", after: 0) }
        #expect(try other.status()["consumers"]?.object?.map(\.key) == ["amqp"])
    }

    @Test func aPeerThatIsNotAdmittedReadsNothing() throws {
        let fixture = try EventsFixture(admits: false)
        #expect(throws: EventClientError.self) { try fixture.client().tail(after: 0, limit: 1, seconds: 0) }
        #expect(throws: EventClientError.self) { try fixture.client().hooks() }
    }

    @Test func whatIsNoCommandIsAnsweredAndHarmsNobody() throws {
        let fixture = try EventsFixture()
        _ = try fixture.makeUser()
        let client = try fixture.client()
        #expect(throws: EventClientError.refused("this is no command")) {
            try client.read("not a name", by: "p1", limit: 1, seconds: 0)
        }
        #expect(try client.tail(after: 0, limit: 1, seconds: 0).count == 1)
    }

    @Test func aReaderThatDoesNotReadKeepsNobodyWaiting() throws {
        let fixture = try EventsFixture()
        let user = try fixture.makeUser()
        for value in 0..<200 { try fixture.edit(user, value) }
        let slow = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(slow) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: fixture.socket.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(slow, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        let commands = Array(String(repeating: "tail 0 5000 0\n", count: 50).utf8)
        #expect(send(slow, commands, commands.count, 0) == commands.count)
        #expect(try fixture.client().tail(after: 0, limit: 1, seconds: 0).count == 1)
    }

    @Test func theStatusSaysWhoLagsAndWhoFails() throws {
        let fixture = try EventsFixture()
        _ = try fixture.makeUser()
        let client = try fixture.client()
        _ = try client.read("amqp", by: "p1", limit: 1, seconds: 0)
        try client.acknowledge(1, of: "amqp", by: "p1")
        for _ in 0..<2 { try client.report(failure: "the broker\nis down", of: "amqp") }
        let status = try client.status()
        let last = Int(try fixture.lastSequence())
        #expect(status["last"]?.int == last)
        #expect(
            status["consumers"]?["amqp"] == [
                "acknowledged": 1, "lag": .number(JSONNumber(last - 1)), "failures": 2, "reason": "the broker is down",
            ]
        )
        // One that never came so far as to acknowledge is seen too.
        try client.report(failure: "no network", of: "webhooks")
        #expect(try fixture.events.consumers().map(\.name) == ["amqp", "webhooks"])
        #expect(try client.status()["consumers"]?["webhooks"]?["lag"]?.int == last)
        try client.forget("webhooks")
        try client.forget("amqp")
        #expect(try client.status()["consumers"] == [:])
    }

    @Test func aChangeThatFailsIsToldToNobody() throws {
        let fixture = try EventsFixture()
        let user = try fixture.makeUser()
        let last = try fixture.lastSequence()
        let (server, token) = (fixture.server, fixture.tenant.adminToken)
        let nested: JSON = ["first_name": "A", "last_name": "B", "lines": [["name": "Desk"], ["name": 1]]]
        let requests: [(String, String, JSON)] = [
            ("PUT", fixture.path("users"), nested),
            ("PUT", fixture.path("users"), ["first_name": "A"]),
            ("PATCH", fixture.path("users", user), ["email": 1]),
            ("DELETE", fixture.path("users", "nobody"), .null),
        ]
        for (method, path, data) in requests {
            #expect(try server.send(method, path, data, token).status >= 400)
        }
        // What changes nothing either.
        #expect(try server.send("PATCH", fixture.path("users", user), ["last_name": "User"], token).status == 200)
        #expect(try fixture.client().tail(after: last, limit: 9, seconds: 0).isEmpty)
        try fixture.edit(user, 1)
        #expect(try fixture.client().tail(after: last, limit: 9, seconds: 0).map(\.sequence) == [last + 1])
    }
}

@Suite struct ChangesTests {
    @Test func anAccountsEventsAreReadInPages() throws {
        let fixture = try EventsFixture()
        let other = try fixture.server.makeTenant("Other")
        let user = try fixture.makeUser()
        let start = try fixture.lastSequence()
        for value in 0..<5 {
            try fixture.edit(user, value)
            _ = try fixture.server.put(
                "/v2/accounts/\(other.account)/menus",
                ["name": .string("m\(value)")],
                other.adminToken
            )
        }
        var since = String(start)
        var seen: [JSON] = []
        while true {
            let path = fixture.path("changes") + "?since=\(since)&page_size=2"
            let answer = try fixture.server.get(path, fixture.tenant.adminToken)
            #expect(answer.status == 200)
            seen += answer.rows
            guard let next = answer.json["next_start_key"]?.string else { break }
            since = next
        }
        #expect(seen.map { $0["name"]?.string } == Array(repeating: "user_edited", count: 5))
        #expect(seen.allSatisfy { $0["account_id"]?.string == fixture.tenant.account })
        #expect(seen.allSatisfy { $0["changed"] == ["x_note"] && $0["reloads"] == ["dialplan", "queues", "sip"] })
        #expect(Set(seen.compactMap { $0["event_id"]?.string }).count == 5)
        let sequences = seen.compactMap { $0["sequence"]?.int }
        #expect(sequences == sequences.sorted() && Set(sequences).count == 5)
    }

    @Test func onlyAdministratorsOfTheAccountRead() throws {
        let fixture = try EventsFixture()
        let other = try fixture.server.makeTenant("Other")
        let user = try fixture.server.token(fixture.tenant.account, fixture.makeUser())
        for token in [other.adminToken, user] {
            #expect(try fixture.server.get(fixture.path("changes"), token).status == 403)
        }
        #expect(try fixture.server.get(fixture.path("changes") + "?since=x", fixture.tenant.adminToken).status == 400)
    }

    @Test func whoIsTooLateIsToldSo() throws {
        let fixture = try EventsFixture()
        _ = try fixture.makeUser()
        fixture.server.advance(by: 100)
        let user = try fixture.makeUser()
        let last = try fixture.lastSequence()
        let kept = last - 1
        #expect(try fixture.server.store.purgeEvents(before: TestServer.start + 1, limit: 999) == Int(kept))
        try fixture.edit(user, 1)
        let token = fixture.tenant.adminToken
        let late = try fixture.server.get(fixture.path("changes") + "?since=1", token)
        #expect(late.status == 400)
        #expect(late.data["since"]?["gone"]?["target"]?.int == Int(kept))
        #expect(try fixture.server.get(fixture.path("changes") + "?since=\(kept)", token).rows.count == 2)
    }
}
