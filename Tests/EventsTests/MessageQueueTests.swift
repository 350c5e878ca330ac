//  Every change reaches the message queue, whoever is killed in between. With a real RabbitMQ.

import DocumentStore
import Events
import Foundation
import Glibc
import JSON
import PluginKit
import SQLiteStore
import Synchronization
import TestFrontEnd
import TestServer
import Testing

@Suite(.sharedBroker, .serialized) struct MessageQueueTests {
    /// An exchange of the test's own.
    private func broker(_ exchange: String) throws -> Broker {
        var broker = try RabbitMQ.current.broker
        broker.exchange = exchange
        return broker
    }

    /// Whether the messages tell everything that the outbox has: repetitions are the same event, and the first message of
    /// each event comes behind that of every earlier event.
    private func expectComplete(_ deliveries: [Delivery], _ events: [RecordedEvent]) {
        var first: [RecordedEvent] = []
        var seen: [String: RecordedEvent] = [:]
        for delivery in deliveries {
            if let known = seen[delivery.identifier] {
                #expect(known == delivery.event)
            } else {
                seen[delivery.identifier] = delivery.event
                first.append(delivery.event)
            }
        }
        #expect(first == events)
    }

    @Test func aThousandChangesArriveOnceEachInOrder() throws {
        let fixture = try EventsFixture()
        let broker = try broker("thousand")
        let subscriber = try Subscriber(broker, queue: "thousand", exchange: broker.exchange)
        let before = try fixture.lastSequence()
        try fixture.withRelay(broker: broker) {
            try concurrently(10) { _ in
                let user = try fixture.makeUser()
                for value in 0..<99 { try fixture.edit(user, value) }
            }
            let events = try fixture.server.events().filter { $0.sequence > before }
            #expect(events.count == 1_000)
            let all = try subscriber.read(within: 60) { $0.count >= 1_000 + Int(before) }
            // Nothing comes behind it.
            #expect(try subscriber.next(milliseconds: 200) == nil)
            let deliveries = all.filter { $0.event.sequence > before }
            #expect(deliveries.map(\.event) == events)
            #expect(Set(deliveries.map(\.identifier)).count == 1_000)
            #expect(deliveries.allSatisfy { $0.isPersistent && $0.identifier == $0.event.event.id })
            let account = fixture.tenant.account
            #expect(
                Set(deliveries.map(\.routingKey)) == [
                    "config.\(account).user.created", "config.\(account).user.edited",
                ]
            )
            for (_, told) in Dictionary(grouping: deliveries, by: \.event.event.document) {
                #expect(told.map(\.event.event.revision.generation) == Array(1...100))
            }
            let last = events.last?.sequence
            try eventually("all is noted") { try fixture.server.store.consumers()["amqp"] == last }
        }
    }

    @Test func aBrokerThatIsKilledCostsNoWriterAnythingAndNoEvent() throws {
        let fixture = try EventsFixture()
        let rabbit = try RabbitMQ.current
        let broker = try broker("killed")
        _ = try Subscriber(broker, queue: "killed", exchange: broker.exchange)
        try fixture.withRelay(broker: broker) {
            let users = try (0..<5).map { _ in try fixture.makeUser() }
            let written = Mutex(0)
            let isDown = DispatchSemaphore(value: 0)
            try concurrently(6) { index in
                if index == 5 {
                    // In the middle of the writing.
                    try eventually("a part is written") { written.withLock { $0 } >= 150 }
                    rabbit.kill()
                    for _ in users { isDown.signal() }
                    return
                }
                for value in 0..<100 {
                    if value == 60 { isDown.wait() }
                    try fixture.edit(users[index], value)
                    written.withLock { $0 += 1 }
                }
            }
            #expect(written.withLock { $0 } == 500)
            let status = try fixture.client().status()["consumers"]?["amqp"]
            #expect((status?["lag"]?.int ?? 0) >= 200)
            try eventually("the failure is known") {
                (try fixture.client().status()["consumers"]?["amqp"]?["failures"]?.int ?? 0) > 0
            }
            try rabbit.start()
            let events = try fixture.server.events()
            let last = events.last?.sequence
            try eventually(within: 60, "all is noted") { try fixture.server.store.consumers()["amqp"] == last }
            let subscriber = try Subscriber(broker, queue: "killed", exchange: broker.exchange)
            let deliveries = try subscriber.read(within: 60) { Set($0.map(\.identifier)).count >= events.count }
            expectComplete(deliveries, events)
        }
    }

    @Test func aBrokerIsReachedByTLS() throws {
        let fixture = try EventsFixture()
        var broker = try RabbitMQ.current.secureBroker
        broker.exchange = "secure"
        let subscriber = try Subscriber(self.broker(broker.exchange), queue: "secure", exchange: broker.exchange)
        try fixture.withRelay(broker: broker) {
            let user = try fixture.makeUser()
            let told = try subscriber.read(within: 30) { $0.last?.event.event.document.text == user }
            #expect(told.last?.routingKey == "config.\(fixture.tenant.account).user.created")
        }
    }

    /// Why a broker is not believed to be the one that is meant.
    static let impostors: [(name: String, change: @Sendable (inout Broker) -> Void)] = [
        ("a certificate from nobody known", { $0.authorities = nil }),
        ("a certificate for another host", { $0.host = "127.0.0.1" }),
        ("no TLS on that port", { $0.port = (try? RabbitMQ.current.broker.port) ?? 0 }),
    ]

    @Test(arguments: impostors.indices) func anImpostorIsToldNothing(index: Int) throws {
        let fixture = try EventsFixture()
        var broker = try RabbitMQ.current.secureBroker
        broker.exchange = "impostor\(index)"
        Self.impostors[index].change(&broker)
        let subscriber = try Subscriber(self.broker(broker.exchange), queue: broker.exchange, exchange: broker.exchange)
        _ = try fixture.makeUser()
        try fixture.withRelay(broker: broker) {
            try eventually("the failure is known") {
                (try fixture.client().status()["consumers"]?["amqp"]?["failures"]?.int ?? 0) > 1
            }
            #expect(try fixture.server.store.consumers()["amqp"] == nil)
        }
        #expect(try subscriber.next(milliseconds: 100) == nil)
    }

    @Test func aRelayThatIsKilledTwentyTimesLosesNothing() throws {
        let fixture = try EventsFixture()
        let broker = try broker("relay")
        let subscriber = try Subscriber(broker, queue: "relay", exchange: broker.exchange)
        let user = try fixture.makeUser()
        var deliveries: [Delivery] = []
        var value = 0
        func startRelay() throws -> Child {
            let arguments = [
                "relay", "--events", fixture.socket, "--amqp", "amqp://127.0.0.1:\(broker.port)", "--exchange",
                broker.exchange,
            ]
            return try Child(Child.jackfield(), arguments, log: fixture.directory.path + "/relay.log")
        }
        for round in 0..<20 {
            let relay = try startRelay()
            defer { relay.end() }
            for _ in 0..<20 {
                value += 1
                try fixture.edit(user, value)
            }
            // Killed after some messages, each time after a different number.
            deliveries += try subscriber.read(within: 30) { $0.count > round % 7 * 3 }
        }
        let relay = try startRelay()
        defer { relay.end(by: SIGTERM) }
        let events = try fixture.server.events()
        #expect(events.count > 400)
        let known = deliveries
        deliveries += try subscriber.read(within: 30) { Set((known + $0).map(\.identifier)).count >= events.count }
        expectComplete(deliveries, events)
    }

    @Test func anApplicationThatIsKilledTwentyTimesLosesNothing() throws {
        let directory = try TemporaryDirectory()
        let application = try RunningApplication(directory.path)
        defer { application.kill() }
        let broker = try broker("application")
        let subscriber = try Subscriber(broker, queue: "application", exchange: broker.exchange)
        let arguments = [
            "relay", "--events", application.events, "--amqp", "amqp://127.0.0.1:\(broker.port)", "--exchange",
            broker.exchange,
        ]
        let relay = try Child(Child.jackfield(), arguments, log: directory.path + "/relay.log")
        defer { relay.end(by: SIGTERM) }
        var acknowledged: Set<String> = []
        for round in 0..<20 {
            let made = Mutex<Set<String>>([])
            let isDead = Mutex(false)
            try concurrently(5) { index in
                if index == 4 {
                    try eventually("some are written") { made.withLock { $0.count } > round % 5 }
                    isDead.withLock { $0 = true }
                    application.kill()
                    return
                }
                while !isDead.withLock({ $0 }) {
                    guard let id = try? application.makeMenu() else { continue }
                    _ = made.withLock { $0.insert(id) }
                }
            }
            acknowledged.formUnion(made.withLock { $0 })
            try application.start()
        }
        let deliveries = try subscriber.read(within: 60) { deliveries in
            let told = Set(deliveries.map(\.event.event.document.text))
            return acknowledged.isSubset(of: told)
        }
        #expect(acknowledged.count > 40)
        let sequences = deliveries.reduce(into: [String: Set<Int64>]()) { known, delivery in
            known[delivery.identifier, default: []].insert(delivery.event.sequence)
        }
        #expect(sequences.allSatisfy { $0.value.count == 1 })

        // Somebody who looks sees the same.
        let tail = try Child(
            Child.jackfield(),
            ["events", "tail", "--no-follow", "--events", application.events],
            log: directory.path + "/tail.log"
        )
        #expect(tail.wait() == 0)
        let lines = try String(contentsOfFile: directory.path + "/tail.log", encoding: .utf8).split(separator: "\n")
        let seen = try lines.map { try #require(RecordedEvent(JSON(parsing: String($0)))) }
        #expect(seen.map(\.sequence) == Array(1...Int64(seen.count)))
        #expect(acknowledged.isSubset(of: Set(seen.map(\.event.document.text))))
    }
}

/// `jackfield serve` with an events socket, without a web server in front.
private final class RunningApplication: Sendable {
    let events: String
    private let directory: String
    private let account: String
    private let token: String
    private let child = Mutex<Child?>(nil)

    init(_ directory: String) throws {
        self.directory = directory
        events = directory + "/events"
        let secret = "a password for this test"
        let initialise = try Child(
            Child.jackfield(),
            ["init", "--data", directory + "/data", "--no-demo"],
            environment: ["JACKFIELD_PASSWORD": secret],
            log: directory + "/init.log"
        )
        guard initialise.wait() == 0 else { throw Surprise("jackfield init failed") }
        let first = try Self.start(directory)
        let login: JSON = ["data": ["account_name": "demo", "username": "admin", "password": .string(secret)]]
        let answer = try Self.send(directory, "PUT", "/v2/user_auth", login, token: nil)
        guard let token = answer["auth_token"]?.string, let account = answer["data"]?["account_id"]?.string else {
            first.end()
            throw Surprise("\(answer)")
        }
        self.token = token
        self.account = account
        child.withLock { $0 = first }
    }

    func start() throws {
        let started = try Self.start(directory)
        child.withLock { $0 = started }
    }

    func kill() {
        child.withLock { child in
            child?.end()
            child = nil
        }
    }

    /// Creates a document; returns its id when the server has acknowledged it.
    func makeMenu() throws -> String {
        let menu: JSON = ["data": ["name": "Menu"]]
        let answer = try Self.send(directory, "PUT", "/v2/accounts/\(account)/menus", menu, token: token)
        guard answer["status"] == "success", let id = answer["data"]?["id"]?.string else { throw Surprise("\(answer)") }
        return id
    }

    private static func start(_ directory: String) throws -> Child {
        let arguments = [
            "serve", "--data", directory + "/data", "--socket", directory + "/fastcgi", "--events",
            directory + "/events",
        ]
        let child = try Child(Child.jackfield(), arguments, log: directory + "/serve.log")
        try eventually("the application answers") { (try? FrontEnd(directory + "/fastcgi")) != nil }
        return child
    }

    private static func send(
        _ directory: String,
        _ method: String,
        _ target: String,
        _ body: JSON,
        token: String?
    ) throws -> JSON {
        var parameters: [TestFrontEnd.Records.Parameter] = [
            ("CONTENT_TYPE", Array("application/json".utf8)), ("HTTPS", Array("on".utf8)),
            ("REQUEST_SCHEME", Array("https".utf8)),
        ]
        if let token { parameters.append(("HTTP_X_AUTH_TOKEN", Array(token.utf8))) }
        let request = TestFrontEnd.Records.request(method, target, body: body.bytes(), with: parameters, keep: false)
        let answer = try FrontEnd(directory + "/fastcgi").exchange(request)
        guard answer.isComplete else { throw Surprise("no whole answer") }
        return try JSON(parsing: String(answer.body))
    }
}
