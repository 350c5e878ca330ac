//  Webhooks: told of each change in order, signed, patient with those who fail, and never sent where they must not go.

import DocumentStore
import Foundation
import PluginKit
import Plugins
import SQLiteStore
import Synchronization
import TestServer
import Testing

@testable import Events

@Suite("B14: webhooks") struct WebhookTests {
    private static let key = "a key that only both sides know"

    /// Loopback is allowed, because the receivers of these tests are there.
    private static func settings(_ change: (inout WebhookSettings) -> Void = { _ in }) throws -> WebhookSettings {
        var settings = WebhookSettings()
        settings.policy = NetworkPolicy(allowing: [try #require(Network("127.0.0.0/8"))])
        settings.retryDelay = 10
        change(&settings)
        return settings
    }

    @discardableResult
    private func makeHook(_ fixture: EventsFixture, _ uri: String, _ more: JSONObject = [:]) throws -> String {
        var hook: JSONObject = [
            "name": "Hook", "hook": "object", "uri": .string(uri), "format": "json",
            "security_settings": ["sha256_key": .string(Self.key)], "custom_data": ["type": "user"],
        ]
        for (name, value) in more { hook[name] = value }
        // What happened in the second before is not told.
        fixture.server.advance(by: 1)
        return try fixture.create("webhooks", .object(hook))
    }

    private func attempts(_ fixture: EventsFixture, _ hook: String? = nil) throws -> [JSON] {
        let path = hook.map { fixture.path("webhooks", $0, "attempts") } ?? fixture.path("webhooks", "attempts")
        return try fixture.server.get(path + "?paginate=false", fixture.tenant.adminToken).rows
    }

    @Test func everyChangeIsToldInOrderAndSigned() throws {
        let fixture = try EventsFixture()
        let receiver = try Receiver()
        let hook = try makeHook(fixture, receiver.address, ["custom_data": ["type": "user", "floor": "3"]])
        let user = try fixture.makeUser()
        try fixture.withRelay(webhooks: try Self.settings()) {
            for value in 0..<40 { try fixture.edit(user, value) }
            _ = try fixture.create("menus", ["name": "Main"])
            try eventually("all is told") { receiver.received.count == 41 }
            try eventually("all is listed") { try attempts(fixture, hook).count == 41 }
        }
        let requests = receiver.received
        #expect(
            requests.map { $0.json["action"]?.string } == ["doc_created"] + Array(repeating: "doc_edited", count: 40)
        )
        let sequences = requests.compactMap { $0.json["sequence"]?.int }
        #expect(sequences == sequences.sorted())
        #expect(requests.allSatisfy { $0.json["id"]?.string == user && $0.json["floor"] == "3" && $0.method == "POST" })
        for request in requests {
            let signature = try #require(request.fields["x-jackfield-signature"])
            let time = try #require(Int64(signature.dropFirst(2).prefix { $0 != "," }))
            #expect(signature == "t=\(time),v1=\(HookRequest.signature(of: request.body, time: time, key: Self.key))")
            #expect(request.fields["x-jackfield-event"] == request.json["event_id"]?.string)
        }
        let listed = try attempts(fixture)
        #expect(listed.count == 41 && listed.allSatisfy { $0["result"] == "success" && $0["response_code"] == 200 })
        // The latest first.
        #expect(listed.compactMap { $0["sequence"]?.int } == sequences.reversed())
    }

    @Test func aRelayThatBeginsAgainRepeatsNothingThatItReported() throws {
        let fixture = try EventsFixture()
        let receiver = try Receiver()
        let slow = try Receiver { _, _ in .nothing }
        try makeHook(fixture, receiver.address)
        // It holds the consumer's place back.
        try makeHook(fixture, slow.address)
        let user = try fixture.makeUser()
        for round in 1...3 {
            try fixture.withRelay(webhooks: try Self.settings()) {
                try fixture.edit(user, round)
                try eventually("it is told") { receiver.received.count == round + 1 }
                try eventually("it is listed") { try attempts(fixture).count == round + 1 }
            }
        }
        #expect(Set(receiver.received.compactMap { $0.json["event_id"]?.string }).count == 4)
    }

    /// What the receiver does, and what the list of attempts says of it.
    static let failures: [(name: String, reaction: Receiver.Reaction, reason: String)] = [
        ("500", .answer(500), "status 500"),
        ("redirection", .answer(302, fields: ["Location: http://127.0.0.1:1/"]), "redirections are not followed"),
        ("closed", .close, "Server returned nothing"),
        ("slow", .nothing, "Timeout was reached"),
    ]

    @Test(arguments: failures.indices)
    func aFailureIsTriedAgainAndListed(index: Int) throws {
        let failure = Self.failures[index]
        let fixture = try EventsFixture()
        let receiver = try Receiver { _, number in number < 2 ? failure.reaction : .answer(204) }
        let hook = try makeHook(fixture, receiver.address)
        _ = try fixture.makeUser()
        try fixture.withRelay(webhooks: try Self.settings { $0.limits.time = 300 }) {
            try eventually("it is told") { try attempts(fixture, hook).first?["result"] == "success" }
        }
        let listed = try attempts(fixture, hook)
        #expect(listed.map { $0["result"]?.string } == ["success", "failure", "failure"])
        #expect(listed.map { $0["attempt"]?.int } == [3, 2, 1])
        #expect(listed.map { $0["retries_left"]?.int } == [0, 1, 2])
        #expect(listed[2]["reason"]?.string?.contains(failure.reason) == true, "\(listed[2])")
        // The same event each time.
        #expect(Set(receiver.received.compactMap { $0.fields["x-jackfield-event"] }).count == 1)
        #expect(
            try fixture.server.get(fixture.path("webhooks", hook), fixture.tenant.adminToken).data["enabled"] == true
        )
    }

    @Test func aHookThatKeepsFailingIsDisabledWithAReasonUntilItIsEnabled() throws {
        let fixture = try EventsFixture()
        let isWell = Mutex(false)
        let receiver = try Receiver { _, _ in .answer(isWell.withLock { $0 } ? 200 : 503) }
        let hook = try makeHook(fixture, receiver.address, ["retries": 0])
        let user = try fixture.makeUser()
        let (server, token) = (fixture.server, fixture.tenant.adminToken)
        try fixture.withRelay(webhooks: try Self.settings()) {
            for value in 0..<8 { try fixture.edit(user, value) }
            try eventually("it is disabled") {
                try server.get(fixture.path("webhooks", hook), token).data["enabled"] == false
            }
            #expect(receiver.received.count == 5)
            let reason = try server.get(fixture.path("webhooks", hook), token).data["disable_reason"]?.string
            #expect(reason?.contains("5 events in a row") == true && reason?.contains("status 503") == true)
            #expect(try server.get(fixture.path("webhooks"), token).rows.first?["disable_reason"]?.string == reason)

            isWell.withLock { $0 = true }
            server.advance(by: 4)
            let again = try server.send("PATCH", fixture.path("webhooks"), ["re-enable": true], token)
            #expect(again.status == 200 && again.rows.count == 1)
            #expect(again.rows.first?["enabled"] == true && again.rows.first?["disable_reason"] == nil)
            try fixture.edit(user, 100)
            try eventually("it is told again") { receiver.received.count == 6 }
        }
        // What happened before it was enabled is not told.
        #expect(receiver.received.last?.json["changed"] == ["x_note"])
        #expect(receiver.received.last?.json["time"]?.int == Int(TestServer.start + 5))
    }

    @Test func aHookThatLagsTooFarIsDisabled() throws {
        let fixture = try EventsFixture()
        let receiver = try Receiver { _, _ in .nothing }
        let hook = try makeHook(fixture, receiver.address)
        let user = try fixture.makeUser()
        for value in 0..<30 { try fixture.edit(user, value) }
        try fixture.withRelay(webhooks: try Self.settings { $0.laneLimit = 20 }) {
            let path = fixture.path("webhooks", hook)
            try eventually("it is disabled") {
                try fixture.server.get(path, fixture.tenant.adminToken).data["disable_reason"]?.string
                    == "more than 20 events wait for it"
            }
            // Nothing of it is left to be delivered.
            let last = try fixture.lastSequence()
            try eventually("it holds nothing back") { try fixture.server.store.consumers()["webhooks"] == last }
        }
    }

    @Test func aSlowReceiverDelaysNobody() throws {
        let fixture = try EventsFixture()
        let slow = try (0..<20).map { _ in try Receiver { _, _ in .nothing } }
        let quick = try Receiver()
        for receiver in slow { try makeHook(fixture, receiver.address) }
        try makeHook(fixture, quick.address)
        let user = try fixture.makeUser()
        try fixture.withRelay(webhooks: try Self.settings()) {
            let began = ContinuousClock.now
            for value in 0..<20 { try fixture.edit(user, value) }
            try eventually("the quick one is told") { quick.received.count == 21 }
            // Less than one request to a slow one may take.
            #expect(ContinuousClock.now - began < .seconds(8))
            try eventually("each slow one has one request in flight") { slow.allSatisfy { $0.received.count == 1 } }
        }
    }

    /// An account's slow receivers take up its own share only.
    @Test func slowReceiversOfOneAccountLeaveRoomForOthers() throws {
        let fixture = try EventsFixture()
        let other = try fixture.server.makeTenant("Other")
        let slow = try Receiver { _, _ in .nothing }
        let quick = try Receiver()
        for _ in 0..<10 { try makeHook(fixture, slow.address) }
        let hook: JSON = ["name": "Hook", "hook": "object", "uri": .string(quick.address)]
        _ = try fixture.server.put("/v2/accounts/\(other.account)/webhooks", hook, other.adminToken)
        fixture.server.advance(by: 1)
        _ = try fixture.makeUser()
        let settings = try Self.settings {
            $0.concurrency = 6
            $0.accountConcurrency = 5
        }
        try fixture.withRelay(webhooks: settings) {
            try eventually("the share is taken") { slow.received.count == 5 }
            let began = ContinuousClock.now
            for name in ["One", "Two", "Three"] {
                let menu: JSON = ["name": .string(name)]
                _ = try fixture.server.put("/v2/accounts/\(other.account)/menus", menu, other.adminToken)
            }
            try eventually("the other account is told") { quick.received.count >= 3 }
            // Less than one request to a slow one may take.
            #expect(ContinuousClock.now - began < .seconds(8))
            #expect(slow.received.count == 5)
        }
    }

    @Test func hooksBelowAreSwitchedOnTogether() throws {
        let fixture = try EventsFixture()
        let child = try fixture.server.makeTenant("Child", below: fixture.tenant)
        let hooks = "/v2/accounts/\(child.account)/webhooks"
        let hook: JSON = ["name": "Hook", "hook": "object", "uri": "https://hooks.example.com/"]
        let id = try fixture.server.put(hooks, hook, child.adminToken).id
        let failed: JSON = [
            "hook_id": .string(id), "account_id": .string(child.account), "disabling": "it never answers",
        ]
        try WebhookDesk(fixture.server.kit).record([failed], now: TestServer.start)
        #expect(try fixture.server.get(hooks + "/\(id)", child.adminToken).data["enabled"] == false)

        let path = fixture.path("descendants", "webhooks")
        #expect(try fixture.server.send("PATCH", path, [:], fixture.tenant.adminToken).status == 400)
        #expect(try fixture.server.send("PATCH", path, ["re-enable": true], child.adminToken).status == 403)
        let enabled = try fixture.server.send("PATCH", path, ["re-enable": true], fixture.tenant.adminToken)
        #expect(enabled.status == 200 && enabled.rows.map { $0["id"]?.string } == [id])
        #expect(try fixture.server.get(hooks + "/\(id)", child.adminToken).data["enabled"] == true)
        let again = try fixture.server.send("PATCH", path, ["re-enable": true], fixture.tenant.adminToken)
        #expect(again.status == 200 && again.rows.isEmpty)
    }

    @Test func aLongAnswerIsNotReadToItsEnd() throws {
        let fixture = try EventsFixture()
        let receiver = try Receiver { _, _ in .answer(200, size: 50_000_000) }
        let hook = try makeHook(fixture, receiver.address)
        _ = try fixture.makeUser()
        try fixture.withRelay(webhooks: try Self.settings()) {
            try eventually("it is told") { try attempts(fixture, hook).first?["result"] == "success" }
        }
    }

    /// Addresses that are ours, by whatever name.
    @Test(arguments: ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"])
    func nothingIsSentToOurselves(host: String) throws {
        let fixture = try EventsFixture()
        let receiver = try Receiver()
        let hook = try makeHook(fixture, "http://\(host):\(receiver.port)/hook", ["retries": 0])
        _ = try fixture.makeUser()
        try fixture.withRelay(webhooks: WebhookSettings()) {
            try eventually("it is refused") { try attempts(fixture, hook).count == 1 }
        }
        #expect(receiver.received.isEmpty)
        let attempt = try #require(try attempts(fixture, hook).first)
        #expect(attempt["result"] == "failure" && attempt["reason"]?.string?.contains("not allowed") == true)
    }

    @Test func aHookOfTheAccountAboveIsToldIfItAsked() throws {
        let fixture = try EventsFixture()
        let (own, below) = (try Receiver(), try Receiver())
        let child = try fixture.server.makeTenant("Child", below: fixture.tenant)
        try makeHook(fixture, own.address)
        try makeHook(fixture, below.address, ["include_subaccounts": true, "http_verb": "get"])
        let user: JSON = ["first_name": "A", "last_name": "B"]
        try fixture.withRelay(webhooks: try Self.settings()) {
            _ = try fixture.server.put("/v2/accounts/\(child.account)/users", user, child.adminToken)
            _ = try fixture.makeUser()
            try eventually("both are told") { own.received.count == 1 && below.received.count >= 2 }
        }
        let told = below.received.filter { $0.target.contains("account_id=\(child.account)") }
        #expect(!told.isEmpty && told.allSatisfy { $0.method == "GET" && $0.target.hasPrefix("/hook?event_id=") })
        #expect(own.received.allSatisfy { $0.json["account_id"]?.string == fixture.tenant.account })
    }

    @Test func aHookHasAKeyThatOnlyAdministratorsSee() throws {
        let fixture = try EventsFixture()
        let hook: JSON = ["name": "Hook", "hook": "object", "uri": "https://example.com/"]
        let created = try fixture.server.put(fixture.path("webhooks"), hook, fixture.tenant.adminToken)
        let key = try #require(created.data["security_settings"]?["sha256_key"]?.string)
        #expect(key.utf8.count == 64)
        // A client that sends the document back without the key keeps it.
        let path = try fixture.path("webhooks", created.id)
        let posted = try fixture.server.send("POST", path, hook, fixture.tenant.adminToken)
        #expect(posted.data["security_settings"]?["sha256_key"]?.string == key)
        #expect(posted.revision == created.revision)
        let user = try fixture.server.token(fixture.tenant.account, fixture.makeUser())
        #expect(try fixture.server.get(path, user).status == 403)
        #expect(try fixture.server.get(path + "/attempts", user).status == 403)
        #expect(try fixture.server.get(fixture.path("webhooks"), user).status == 403)
        let rows = try fixture.server.get(fixture.path("webhooks"), fixture.tenant.adminToken).rows
        #expect(rows.first?["security_settings"] == nil && rows.first?["key"] == nil)
    }

    @Test func theKindsOfHooksAreToldToEverybody() throws {
        let fixture = try EventsFixture()
        let kinds = try fixture.server.send("GET", "/v2/webhooks")
        #expect(kinds.status == 200 && kinds.rows.first?["id"] == "object")
        let samples = try fixture.server.send("GET", "/v2/webhooks/samples")
        #expect(samples.data == ["webhooks_object"])
        #expect(try fixture.server.send("GET", "/v2/webhooks/samples/webhooks_object").rows.count == 1)
        #expect(try fixture.server.send("GET", "/v2/webhooks/samples/none").status == 404)
    }

    @Test(arguments: ["ftp://example.com/", "file:///etc/passwd", "https://", "example.com", "javascript:alert(1)"])
    func anAddressIsOneOfTheWeb(uri: String) throws {
        let fixture = try EventsFixture()
        let hook: JSON = ["name": "Hook", "hook": "object", "uri": .string(uri)]
        let answer = try fixture.server.send("PUT", fixture.path("webhooks"), hook, fixture.tenant.adminToken)
        #expect(answer.status == 400 && answer.data["uri"] != nil)
    }
}
