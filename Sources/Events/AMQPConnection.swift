//  A connection to an AMQP 0-9-1 broker that publishes and hears what became of it. Source: RabbitMQ's "Publisher
//  Confirms"; amqp.h of librabbitmq.

import CRabbitMQ
import Glibc

/// A broker, and where its messages go.
package struct Broker: Equatable, Sendable {
    package var host = "localhost"
    package var port = 5_672
    package var usesTLS = false
    package var virtualHost = "/"
    package var user = "guest"
    package var password = "guest"
    /// A durable topic exchange, made if it is not there.
    package var exchange = "jackfield"
    /// The file of the authorities that the broker's certificate may come from; nil for the system's own.
    package var authorities: String?
    /// Seconds between signs of life.
    package var heartbeat = 15
    /// Seconds that connecting, and each answer, may take.
    package var patience = 10

    package init() {}

    /// Reads `amqp://[USER@]HOST[:PORT][/VHOST]`, or the same with `amqps`; nil if it is something else.
    ///
    /// A password is refused, because everybody can read a command line.
    package init?(_ address: String) {
        self.init()
        var rest = address[...]
        if rest.hasPrefix("amqps://") {
            usesTLS = true
            port = 5_671
        } else if !rest.hasPrefix("amqp://") {
            return nil
        }
        rest = rest.dropFirst(usesTLS ? 8 : 7)
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            if !path.isEmpty { virtualHost = path == "%2F" || path == "%2f" ? "/" : String(path) }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            guard !user.isEmpty, !user.contains(":") else { return nil }
            rest = rest[rest.index(after: at)...]
        }
        // An IPv6 address stands in brackets.
        let afterAddress = rest.firstIndex(of: "]") ?? rest.startIndex
        if let colon = rest[afterAddress...].lastIndex(of: ":") {
            guard let number = UInt16(rest[rest.index(after: colon)...]) else { return nil }
            port = Int(number)
            rest = rest[..<colon]
        }
        host = String(rest.hasPrefix("[") && rest.hasSuffix("]") ? rest.dropFirst().dropLast() : rest)
        guard !host.isEmpty else { return nil }
    }
}

/// One message.
package struct AMQPMessage: Sendable {
    package var routingKey: String
    package var identifier: String
    package var type: String
    /// Unix seconds.
    package var time: Int64
    /// JSON.
    package var body: [UInt8]
}

package struct AMQPError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// One connection with one channel, for one thread. After an error it is of no use.
final class AMQPConnection {
    private let state: amqp_connection_state_t
    private let broker: Broker
    /// How many messages were published on the channel; the number of the last.
    private var published: UInt64 = 0
    /// Whether the broker can be talked to.
    private var isWell = false

    /// Connects, logs in, declares the exchange and asks for confirms.
    init(_ broker: Broker) throws(AMQPError) {
        self.broker = broker
        guard let state = amqp_new_connection() else { throw AMQPError(description: "no memory for a connection") }
        self.state = state
        try open()
        isWell = true
    }

    /// Runs after an error of `init` too.
    deinit {
        // Polite, and bounded by the time that an answer may take.
        if isWell { amqp_connection_close(state, AMQP_REPLY_SUCCESS) }
        amqp_destroy_connection(state)
    }

    private func open() throws(AMQPError) {
        let socket = try socket()
        var patience = timeval(tv_sec: broker.patience, tv_usec: 0)
        try check(amqp_socket_open_noblock(socket, broker.host, Int32(broker.port), &patience), "\(place)")
        // A broker that stops reading must not hold us for ever. Source: tcp(7).
        var milliseconds = UInt32(broker.patience * 1_000)
        setsockopt(
            amqp_get_sockfd(state),
            Int32(IPPROTO_TCP),
            TCP_USER_TIMEOUT,
            &milliseconds,
            socklen_t(MemoryLayout<UInt32>.size)
        )
        amqp_set_handshake_timeout(state, &patience)
        amqp_set_rpc_timeout(state, &patience)
        let heartbeat = Int32(broker.heartbeat)
        try check(
            jackfield_amqp_login(state, broker.virtualHost, heartbeat, broker.user, broker.password),
            "\(place): login"
        )
        amqp_channel_open(state, 1)
        try check(amqp_get_rpc_reply(state), "\(place): channel")
        try check(jackfield_amqp_declare_topic(state, broker.exchange), "\(place): exchange \(broker.exchange)")
        try check(jackfield_amqp_confirm_select(state), "\(place): confirms")
    }

    private func socket() throws(AMQPError) -> OpaquePointer {
        guard broker.usesTLS else {
            guard let socket = amqp_tcp_socket_new(state) else {
                throw AMQPError(description: "no memory for a socket")
            }
            return socket
        }
        guard let socket = amqp_ssl_socket_new(state) else { throw AMQPError(description: "TLS cannot be set up") }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        try check(amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "TLS versions")
        let authorities = broker.authorities ?? "/etc/ssl/certs/ca-certificates.crt"
        try check(amqp_ssl_socket_set_cacert(socket, authorities), authorities)
        return socket
    }

    private var place: String { "\(broker.host):\(broker.port)" }

    /// Publishes messages in order, and returns when the broker has confirmed all of them.
    func publish(_ messages: [AMQPMessage]) throws(AMQPError) {
        let first = published + 1
        for message in messages {
            let status = message.body.withUnsafeBytes { body in
                jackfield_amqp_publish(
                    state,
                    broker.exchange,
                    message.routingKey,
                    message.identifier,
                    message.type,
                    UInt64(max(0, message.time)),
                    body.baseAddress,
                    body.count
                )
            }
            try check(status, "\(place): publish")
            published += 1
        }
        var missing = Set(first..<published + 1)
        let ends = ContinuousClock.now + .seconds(broker.patience)
        while !missing.isEmpty {
            let rest = (ends - .now) / .milliseconds(1)
            guard rest > 0 else { throw AMQPError(description: "\(place): no confirmation in time") }
            guard let confirmed = try next(milliseconds: Int32(rest.rounded(.up))) else { continue }
            if confirmed.isMultiple {
                missing = missing.filter { $0 > confirmed.tag }
            } else {
                missing.remove(confirmed.tag)
            }
        }
    }

    /// Sends and hears signs of life; to be called more often than the heartbeat.
    func tick() throws(AMQPError) {
        while try next(milliseconds: 0) != nil {}
    }

    /// Returns the next confirmation, or nil if nothing came in time.
    private func next(milliseconds: Int32) throws(AMQPError) -> (tag: UInt64, isMultiple: Bool)? {
        var tag: UInt64 = 0
        var isMultiple: Int32 = 0
        var status: Int32 = 0
        switch jackfield_amqp_next(state, milliseconds, &tag, &isMultiple, &status) {
        case jackfield_amqp_acknowledged: return (tag, isMultiple != 0)
        case jackfield_amqp_refused: throw AMQPError(description: "\(place): the broker refused a message")
        case jackfield_amqp_closed:
            isWell = false
            throw AMQPError(description: "\(place): the broker closed the connection")
        case jackfield_amqp_failed:
            try check(status, place)
            return nil
        default: return nil
        }
    }

    private func check(_ status: Int32, _ operation: String) throws(AMQPError) {
        guard status < 0 else { return }
        isWell = false
        throw AMQPError(description: "\(operation): \(String(cString: amqp_error_string2(status)))")
    }

    private func check(_ reply: amqp_rpc_reply_t, _ operation: String) throws(AMQPError) {
        var reason = [CChar](repeating: 0, count: 512)
        guard jackfield_amqp_reason(reply, &reason, reason.count) != 0 else { return }
        isWell = false
        let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw AMQPError(description: "\(operation): \(text)")
    }
}
