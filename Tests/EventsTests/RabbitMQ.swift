//  A RabbitMQ server of our own on a free port, and a subscriber of its messages.

import CRabbitMQ
import DocumentStore
import Events
import Foundation
import Glibc
import JSON
import Synchronization
import TestServer
import Testing

/// A broker with a data directory of its own; nothing of it is left when it is gone.
final class RabbitMQ: Sendable {
    /// The broker that the tests of a suite share.
    @TaskLocal static var shared: RabbitMQ?

    static var current: RabbitMQ {
        get throws { try #require(shared, "the suite has no broker") }
    }

    let broker: Broker
    /// The same broker by TLS, with a certificate for `localhost` from an authority of its own.
    let secureBroker: Broker
    private let directory: TemporaryDirectory
    private let ports: (broker: Int, secure: Int, distribution: Int, mapper: Int)
    private let child = Mutex<Child?>(nil)
    /// Erlang's port mapper; the broker would leave one of its own behind.
    private let mapper: Child

    init() throws {
        directory = try TemporaryDirectory()
        ports = (try freePort(), try freePort(), try freePort(), try freePort())
        var broker = Broker()
        broker.host = "127.0.0.1"
        broker.port = ports.broker
        broker.patience = 5
        self.broker = broker
        let certificate = directory.path + "/certificate.pem"
        try Self.makeCertificate(certificate, key: directory.path + "/key.pem", log: directory.path + "/openssl")
        broker.host = "localhost"
        broker.port = ports.secure
        broker.usesTLS = true
        broker.authorities = certificate
        secureBroker = broker
        let settings = """
            listeners.tcp.1 = 127.0.0.1:\(ports.broker)
            listeners.ssl.1 = 127.0.0.1:\(ports.secure)
            ssl_options.cacertfile = \(certificate)
            ssl_options.certfile = \(certificate)
            ssl_options.keyfile = \(directory.path)/key.pem
            disk_free_limit.absolute = 1MB
            log.console = false

            """
        try settings.write(toFile: directory.path + "/rabbitmq.conf", atomically: true, encoding: .utf8)
        mapper = try Child(
            "/usr/bin/epmd",
            ["-port", String(ports.mapper), "-address", "127.0.0.1"],
            log: directory.path + "/epmd"
        )
        try "[].\n".write(toFile: directory.path + "/enabled_plugins", atomically: true, encoding: .utf8)
        try start()
    }

    deinit {
        kill()
        mapper.end()
    }

    private static func makeCertificate(_ certificate: String, key: String, log: String) throws {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout", key,
        ]
        guard try Child("/usr/bin/openssl", arguments, log: log).wait() == 0 else {
            throw Surprise("openssl makes no certificate: \(try String(contentsOfFile: log, encoding: .utf8))")
        }
    }

    /// Starts it and waits until it can be logged in to.
    func start() throws {
        let path = directory.path
        let environment = [
            "HOME": path, "RABBITMQ_NODENAME": "jackfield\(ports.broker)@localhost",
            "RABBITMQ_DIST_PORT": String(ports.distribution), "ERL_EPMD_PORT": String(ports.mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": path + "/mnesia",
            "RABBITMQ_LOG_BASE": path + "/log", "RABBITMQ_CONFIG_FILE": path + "/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": path + "/enabled_plugins", "RABBITMQ_PID_FILE": path + "/pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": path + "/config", "RABBITMQ_SCHEMA_DIR": path + "/schema",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        ]
        let child = try Child(Self.program(), [], environment: environment, log: path + "/out")
        self.child.withLock { $0 = child }
        try eventually(within: 90, "the broker answers") { (try? Subscriber(broker, queue: nil)) != nil }
    }

    /// Ends it as a power failure would.
    func kill() {
        child.withLock { child in
            child?.end()
            child = nil
        }
    }

    /// Debian's own command insists on the user of the system's broker; this is what it calls.
    private static func program() throws -> String {
        let root = "/usr/lib/rabbitmq/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let version = try #require(
            versions.first { $0.hasPrefix("rabbitmq_server-") },
            "there is no RabbitMQ; install rabbitmq-server"
        )
        return "\(root)/\(version)/sbin/rabbitmq-server"
    }
}

/// Starts one broker for all tests of a suite.
struct SharedBroker: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let broker = try RabbitMQ()
        try await RabbitMQ.$shared.withValue(broker) { try await function() }
        withExtendedLifetime(broker) {}
    }
}

extension Trait where Self == SharedBroker {
    static var sharedBroker: Self { SharedBroker() }
}

/// A message as a subscriber gets it.
struct Delivery: Sendable {
    var routingKey: String
    var identifier: String
    var isPersistent: Bool
    var event: RecordedEvent
}

/// A durable queue of an exchange's messages, for one thread.
final class Subscriber {
    private let state: amqp_connection_state_t

    /// - Parameters:
    ///   - queue: made and bound if it is not there; nil to only log in.
    ///   - exchange: made if it is not there.
    init(_ broker: Broker, queue: String?, exchange: String = "jackfield") throws {
        state = try #require(amqp_new_connection())
        guard let socket = amqp_tcp_socket_new(state) else { throw Surprise("no socket") }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        guard amqp_socket_open_noblock(socket, broker.host, Int32(broker.port), &patience) == 0 else {
            throw Surprise("the broker is not there")
        }
        amqp_set_handshake_timeout(state, &patience)
        try check(jackfield_amqp_login(state, broker.virtualHost, 0, broker.user, broker.password))
        guard let queue else { return }
        amqp_channel_open(state, 1)
        try check(amqp_get_rpc_reply(state))
        try check(jackfield_amqp_declare_topic(state, exchange))
        // The library copies what it sends before it returns.
        try queue.withCString { queue in
            let name = amqp_cstring_bytes(queue)
            amqp_queue_declare(state, 1, name, 0, 1, 0, 0, amqp_table_t())
            try check(amqp_get_rpc_reply(state))
            try exchange.withCString { exchange in
                try "config.#".withCString { key in
                    let (source, pattern) = (amqp_cstring_bytes(exchange), amqp_cstring_bytes(key))
                    amqp_queue_bind(state, 1, name, source, pattern, amqp_table_t())
                    try check(amqp_get_rpc_reply(state))
                }
            }
            amqp_basic_consume(state, 1, name, amqp_bytes_t(), 0, 1, 0, amqp_table_t())
            try check(amqp_get_rpc_reply(state))
        }
    }

    deinit { amqp_destroy_connection(state) }

    private func check(_ reply: amqp_rpc_reply_t) throws {
        var reason = [CChar](repeating: 0, count: 256)
        guard jackfield_amqp_reason(reply, &reason, reason.count) != 0 else { return }
        throw Surprise(String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Returns the next message, or nil if none comes in time.
    func next(milliseconds: Int) throws -> Delivery? {
        var envelope = amqp_envelope_t()
        var timeout = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        amqp_maybe_release_buffers(state)
        let reply = amqp_consume_message(state, &envelope, &timeout, 0)
        if reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION, reply.library_error == AMQP_STATUS_TIMEOUT.rawValue {
            return nil
        }
        try check(reply)
        defer { amqp_destroy_envelope(&envelope) }
        let body = bytes(envelope.message.body)
        let event = try #require(RecordedEvent(JSON(parsing: body)))
        return Delivery(
            routingKey: String(decoding: bytes(envelope.routing_key), as: UTF8.self),
            identifier: String(decoding: bytes(envelope.message.properties.message_id), as: UTF8.self),
            isPersistent: envelope.message.properties.delivery_mode == 2,
            event: event
        )
    }

    /// Reads until `isEnough` says so.
    func read(within seconds: Int, _ isEnough: ([Delivery]) throws -> Bool) throws -> [Delivery] {
        let ends = ContinuousClock.now + .seconds(seconds)
        var all: [Delivery] = []
        while try !isEnough(all) {
            guard ContinuousClock.now < ends else { throw Surprise("only \(all.count) messages in \(seconds) seconds") }
            if let delivery = try next(milliseconds: 200) { all.append(delivery) }
        }
        return all
    }

    private func bytes(_ text: amqp_bytes_t) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: text.bytes, count: text.len))
    }
}
