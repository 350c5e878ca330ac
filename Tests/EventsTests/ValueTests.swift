//  The values between the outbox and the world: events as text, commands, addresses, signatures.

import CCurl
import DocumentStore
import Glibc
import JSON
import Testing

@testable import Events

private func recorded(
    _ name: String = "user_edited",
    type: String = "user",
    account: String = "a1",
    sequence: Int64 = 7,
    time: Int64 = 100
) throws -> RecordedEvent {
    let event = Event(
        id: "e1",
        name: name,
        scope: Scope(text: account),
        document: DocumentID("d1"),
        type: type,
        revision: try #require(Revision("3-0123456789abcdef0123456789abcdef")),
        changed: ["email"],
        related: [DocumentID("l1")],
        reloads: ["dialplan"],
        actor: "user:u1",
        requestID: "r1",
        time: time
    )
    return RecordedEvent(sequence: sequence, event: event)
}

@Suite struct EventTextTests {
    @Test(arguments: ["a1", ""])
    func anEventIsReadAsItWasWritten(account: String) throws {
        let event = try recorded(account: account)
        let text = JSON.object(event.json).text()
        #expect(try RecordedEvent(JSON(parsing: text)) == event)
        #expect(event.json["account_id"] == (account.isEmpty ? .null : .string(account)))
    }

    @Test func whatIsNoEventIsNotReadAsOne() {
        #expect(RecordedEvent(["event_id": "e1", "sequence": 1]) == nil)
        #expect(RecordedEvent([1]) == nil)
    }

    /// Name, type, account, routing key.
    @Test(arguments: [
        ("user_edited", "user", "a1", "config.a1.user.edited"),
        ("user_line_associated", "user", "a1", "config.a1.user.line_associated"),
        ("live_reload_edited", "live_reload", "", "config.system.live_reload.edited"),
        ("odd", "a.b", "a1", "config.a1.a_b.odd"),
    ])
    func theRoutingKeyHasFourWords(name: String, type: String, account: String, key: String) throws {
        let message = try recorded(name, type: type, account: account).message
        #expect(message.routingKey == key)
        #expect(message.identifier == "e1" && message.type == name && message.time == 100)
    }
}

@Suite struct EventCommandTests {
    @Test func everyCommandIsReadAsItWasWritten() {
        let commands: [EventCommand] = [
            .read(consumer: "amqp", holder: "h-1", after: nil, limit: 5, seconds: 1),
            .read(consumer: "amqp", holder: "h-1", after: 12, limit: 5, seconds: 1),
            .acknowledge(consumer: "amqp", holder: "h", sequence: 4), .tail(after: nil, limit: 1, seconds: 0),
            .tail(after: 3, limit: 1, seconds: 0), .hooks, .status, .attempts([["hook_id": "h 1"]]),
            .failed(consumer: "amqp", reason: "it is down"), .forget(consumer: "amqp"),
            .replay(consumer: "amqp", after: 12),
        ]
        for command in commands { #expect(EventCommand(command.line) == command, "\(command.line)") }
    }

    @Test(arguments: [
        "", "what", "read amqp h", "read a/b h - 1 1", "read amqp - - 1 1", "read amqp h x 1 1", "ack amqp h x",
        "attempts {", "tail now 1 1", "hooks all", "replay amqp", "replay amqp -1", "replay amqp x",
    ])
    func whatIsNoCommandIsRefused(line: String) { #expect(EventCommand(line) == nil) }

    @Test func limitsAreBounded() {
        let command = EventCommand("tail 0 999999999 999999999")
        #expect(command == .tail(after: 0, limit: 5_000, seconds: 60))
    }
}

@Suite struct NetworkPolicyTests {
    /// Address, whether a webhook may be sent to it.
    @Test(arguments: [
        ("93.184.216.34", true), ("8.8.8.8", true), ("172.32.0.1", true), ("100.128.0.1", true), ("2606:4700::1", true),
        ("::ffff:8.8.8.8", true), ("127.0.0.1", false), ("127.255.255.254", false), ("0.0.0.0", false),
        ("10.1.2.3", false), ("172.16.0.1", false), ("172.31.255.255", false), ("192.168.1.1", false),
        ("169.254.169.254", false), ("100.64.0.1", false), ("224.0.0.1", false), ("255.255.255.255", false),
        ("198.18.0.1", false), ("::1", false), ("::", false), ("fe80::1", false), ("fd00::1", false),
        ("ff02::1", false),
        ("::ffff:127.0.0.1", false), ("::ffff:10.0.0.1", false), ("::127.0.0.1", false), ("64:ff9b::10.0.0.1", false),
        ("64:ff9b::8.8.8.8", true), ("2002:7f00:1::", false), ("2002:808:808::", true), ("2001:0:1::", false),
    ])
    func onlyAddressesOfOthersAreReached(text: String, isAdmitted: Bool) throws {
        #expect(NetworkPolicy().admits(try #require(IPAddress(text))) == isAdmitted)
    }

    /// Every address of the interfaces of this machine, whatever network it is of.
    @Test func ourOwnAddressesAreKnown() throws {
        #expect(try #require(IPAddress("127.0.0.1")).isOfThisMachine)
        #expect(try #require(IPAddress("192.0.2.1")).isOfThisMachine == false)
        var first: UnsafeMutablePointer<ifaddrs>?
        try #require(getifaddrs(&first) == 0)
        defer { freeifaddrs(first) }
        for interface in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let address = interface?.pointee.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard let own = IPAddress(address, length: size), !own.description.hasPrefix("fe80:") else { continue }
            #expect(own.isOfThisMachine, "\(own)")
        }
    }

    @Test func theOperatorMayAllowMore() throws {
        let policy = NetworkPolicy(allowing: [try #require(Network("10.1.0.0/16")), try #require(Network("::1"))])
        #expect(policy.admits(try #require(IPAddress("10.1.255.1"))))
        #expect(!policy.admits(try #require(IPAddress("10.2.0.1"))))
        #expect(policy.admits(try #require(IPAddress("::1"))))
        // A mapped address is the address that it stands for.
        #expect(policy.admits(try #require(IPAddress("::ffff:10.1.0.1"))))
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::/129", "10.0.0.0/8/8", "localhost"])
    func whatIsNoNetworkIsRefused(text: String) { #expect(Network(text) == nil) }
}

@Suite struct BrokerTests {
    @Test func anAddressSaysEverythingButThePassword() throws {
        var wanted = Broker()
        #expect(try #require(Broker("amqp://localhost")) == wanted)
        wanted.host = "mq.example.com"
        wanted.port = 5_671
        wanted.usesTLS = true
        wanted.user = "jackfield"
        wanted.virtualHost = "telephony"
        #expect(try #require(Broker("amqps://jackfield@mq.example.com/telephony")) == wanted)
        #expect(Broker("amqp://[::1]:1234")?.host == "::1")
        #expect(Broker("amqp://[::1]:1234")?.port == 1_234)
        #expect(Broker("amqp://h/%2F")?.virtualHost == "/")
    }

    @Test(arguments: ["localhost", "http://h", "amqp://u:secret@h", "amqp://h:99999", "amqp://", "amqp://@h"])
    func whatIsNoAddressIsRefused(text: String) { #expect(Broker(text) == nil) }
}

@Suite struct HookTests {
    private func hook(_ change: (inout Hook) -> Void = { _ in }) -> Hook {
        var hook = Hook(id: "h1", account: "a1", uri: "https://example.com/x", key: "a key of some length")
        change(&hook)
        return hook
    }

    @Test func aHookIsReadAsItWasWritten() {
        let hook = hook {
            $0.method = .put
            $0.format = .json
            $0.retries = 4
            $0.includesDescendants = true
            $0.customData = ["type": "user"]
            $0.since = 5
            $0.settled = 6
        }
        #expect(Hook(.object(hook.json)) == hook)
    }

    @Test func aHookWantsWhatItAskedFor() throws {
        #expect(hook().wants(try recorded(), ancestors: ["m"]))
        #expect(!hook().wants(try recorded(account: "a2"), ancestors: ["m", "a1"]))
        #expect(hook { $0.includesDescendants = true }.wants(try recorded(account: "a2"), ancestors: ["m", "a1"]))
        #expect(!hook { $0.includesDescendants = true }.wants(try recorded(account: "a2"), ancestors: ["m"]))
        #expect(!hook { $0.settled = 7 }.wants(try recorded(), ancestors: []))
        #expect(!hook { $0.since = 101 }.wants(try recorded(), ancestors: []))
        #expect(hook { $0.customData = ["type": "user", "action": "all"] }.wants(try recorded(), ancestors: []))
        #expect(!hook { $0.customData = ["type": "device"] }.wants(try recorded(), ancestors: []))
        #expect(!hook { $0.customData = ["action": "doc_created"] }.wants(try recorded(), ancestors: []))
        let linked = try recorded("user_line_associated")
        #expect(hook { $0.customData = ["action": "doc_edited"] }.wants(linked, ancestors: []))
    }

    /// Source: computed with OpenSSL: printf '100.{}' | openssl dgst -sha256 -hmac key
    @Test func theSignatureIsAnHMACOverTimeAndBody() {
        #expect(
            HookRequest.signature(of: Array("{}".utf8), time: 100, key: "key")
                == "b6ae95232f7a6f10ed56c0c2931bda6344efb9e66d09bf79943ca1df746bbddf"
        )
    }

    @Test func aRequestIsJSONOrAForm() throws {
        let json = HookRequest(try recorded(), to: hook { $0.format = .json }, attempt: 2, time: 100)
        let data = try JSON(parsing: json.body ?? [])
        #expect(data["action"] == "doc_edited" && data["id"] == "d1" && data["event_id"] == "e1")
        #expect(data["timestamp"]?.int == 62_167_219_300)
        #expect(json.method == "POST")
        #expect(
            json.fields.contains("Content-Type: application/json") && json.fields.contains("X-Jackfield-Attempt: 2")
        )

        let form = HookRequest(
            try recorded(),
            to: hook { $0.customData = ["note": "a b&c=é", "type": "user"] },
            attempt: 1,
            time: 100
        )
        let text = String(decoding: form.body ?? [], as: UTF8.self)
        #expect(text.contains("changed%5B%5D=email") && text.hasSuffix("&note=a+b%26c%3D%C3%A9"))

        let query = HookRequest(try recorded(), to: hook { $0.method = .get }, attempt: 1, time: 100)
        #expect(query.body == nil && query.uri.hasPrefix("https://example.com/x?event_id=e1&"))
    }

    @Test func retriesComeLaterEachTime() {
        var settings = WebhookSettings()
        settings.retryDelay = 2_000
        for (attempt, longest) in [(1, 2_000), (2, 8_000), (3, 32_000), (4, 128_000), (5, 300_000), (60, 300_000)] {
            #expect(((longest + 1) / 2...longest).contains(settings.delay(after: attempt)))
        }
    }

    @Test func anAttemptIsReadAsItWasWritten() {
        let attempt = Attempt(
            hook: "h1",
            account: "a1",
            eventID: "e1",
            eventName: "user_edited",
            sequence: 7,
            number: 2,
            time: 100,
            failure: "the answer has status 500",
            status: 500,
            retriesLeft: 1,
            disabling: "too often"
        )
        #expect(Attempt(.object(attempt.json)) == attempt)
    }
}

@Suite struct BackoffTests {
    @Test func delaysDoubleUpToTheirLimitAndBeginAgain() {
        var backoff = Backoff(first: 100, limit: 350)
        for longest in [100, 200, 350, 350] { #expect(((longest + 1) / 2...longest).contains(backoff.delay())) }
        backoff.reset()
        #expect((50...100).contains(backoff.delay()))
    }
}
