//  The events socket: the application's side of EventCommand, on one thread.
//
//  A connection is in one of three states:
//    reading  bytes of a command come in.
//    waiting  a `read` or `tail` that found no events waits for one, or for its time to be over.
//    sending  an answer does not fit into the socket's buffer; nothing more is read until it does.
//  Nothing blocks but the store: a slow reader keeps an answer of its own waiting and nobody else's.

import DocumentStore
import Glibc
import JSON
import Synchronization

/// Answers those who read events. `run` is for a thread of its own.
package final class EventServer: Sendable {
    /// What the server has seen of a consumer since it was started.
    package struct Failures: Equatable, Sendable {
        package var count = 0
        /// The latest.
        package var reason = ""
    }

    /// How far a consumer has come.
    package struct ConsumerStatus: Equatable, Sendable {
        package let name: String
        /// The sequence up to which it has acknowledged.
        package let acknowledged: Int64
        /// How many events it has not acknowledged yet.
        package let lag: Int64
        package let failures: Failures
    }

    private let listener: Int32
    private let admits: @Sendable (Int32) -> Bool
    private let outbox: any DocumentStore & Outbox
    private let desk: any RelayDesk
    private let clock: @Sendable () -> Int64
    private let end = Stop()
    private let news = Doorbell()
    /// By consumer. Held for the dictionary only.
    private let failures = Mutex<[String: Failures]>([:])

    /// Seconds for which a consumer stays with a process that says nothing.
    static let lease: Int64 = 30
    private static let connectionLimit = 64
    /// Milliseconds after which a waiting connection is looked at again, whether somebody rang or not.
    private static let patience = 5_000

    /// - Parameters:
    ///   - listener: a listening Unix socket that never blocks; the caller closes it when `run` has returned.
    ///   - clock: gives Unix seconds.
    ///   - admits: whether the process behind a connection may read events.
    package init(
        listener: Int32,
        outbox: any DocumentStore & Outbox,
        desk: any RelayDesk,
        clock: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
        admits: @escaping @Sendable (Int32) -> Bool
    ) {
        self.listener = listener
        self.admits = admits
        self.outbox = outbox
        self.desk = desk
        self.clock = clock
        let news = news
        outbox.whenEventsCome { news.ring() }
    }

    /// Ends `run`.
    package func stop() { end.raise() }

    /// Every consumer that has acknowledged something, and every one that has failed since the start, by name.
    package func consumers() throws(StoreError) -> [ConsumerStatus] { try consumers(outbox.status()) }

    private func consumers(_ status: OutboxStatus) -> [ConsumerStatus] {
        var failures = failures.withLock { $0 }
        let known = status.consumers.map { consumer in
            let failures = failures.removeValue(forKey: consumer.name) ?? Failures()
            return ConsumerStatus(
                name: consumer.name,
                acknowledged: consumer.acknowledged,
                lag: consumer.lag,
                failures: failures
            )
        }
        let others = failures.map { name, failures in
            ConsumerStatus(name: name, acknowledged: 0, lag: status.last, failures: failures)
        }
        return (known + others).sorted { $0.name < $1.name }
    }

    /// Answers until `stop`; consumers are free for others then.
    package func run() {
        var connections: [Connection] = []
        while true {
            // While nobody waits for events, the first ring stays unheard and no further one is sent: no commit wakes us.
            let isAwaited = connections.contains { $0.waiting != nil }
            var watched = [
                pollfd(fd: end.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isAwaited ? news.descriptor : -1, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: connections.count < Self.connectionLimit ? listener : -1,
                    events: Int16(POLLIN),
                    revents: 0
                ),
            ]
            watched += connections.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
            let isReady = poll(&watched, nfds_t(watched.count), patience(of: connections)) > 0
            if isReady, watched[0].revents != 0 { break }
            if isReady, watched[1].revents != 0 { news.clear() }
            for (connection, watch) in zip(connections, watched.dropFirst(3)) {
                serve(connection, isReady ? watch.revents : 0)
            }
            for consumer in connections.flatMap({ $0.takeMovedConsumers() }) {
                for connection in connections where connection.leases[consumer] != nil { connection.isClosed = true }
            }
            connections.removeAll { connection in
                guard connection.isClosed else { return false }
                leave(connection)
                return true
            }
            if isReady, watched[2].revents != 0 { accept(into: &connections) }
        }
        for connection in connections { leave(connection) }
    }

    // MARK: Connections

    private func accept(into connections: inout [Connection]) {
        while connections.count < Self.connectionLimit {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            keepToOurselves(descriptor)
            if admits(descriptor) {
                connections.append(Connection(descriptor))
            } else {
                close(descriptor)
            }
        }
    }

    /// Milliseconds until the first waiting connection is to be looked at.
    private func patience(of connections: [Connection]) -> Int32 {
        let rest = connections.compactMap(\.waiting).map { ($0.ends - .now) / .milliseconds(1) }.min()
        guard let rest else { return -1 }
        return Int32(max(0, min(rest.rounded(.up), Double(Self.patience))))
    }

    private func serve(_ connection: Connection, _ ready: Int16) {
        if ready & Int16(POLLERR | POLLHUP | POLLNVAL) != 0, ready & Int16(POLLIN) == 0 { connection.isClosed = true }
        if ready & Int16(POLLIN) != 0 { connection.receive() }
        if ready & Int16(POLLOUT) != 0 { connection.send() }
        if let waiting = connection.waiting {
            connection.waiting = nil
            answer(waiting.command, connection, until: waiting.ends)
        }
        while !connection.isClosed, connection.waiting == nil, connection.output.isEmpty, let line = connection.line() {
            guard let command = EventCommand(line) else {
                connection.send(["error": "this is no command"])
                continue
            }
            answer(command, connection, until: nil)
        }
    }

    /// Gives back what the process behind a connection was the holder of.
    private func leave(_ connection: Connection) {
        for (consumer, lease) in connection.leases {
            // Who takes over would only have to wait for the end of the lease.
            try? outbox.releaseConsumer(consumer, by: lease.holder)
        }
        close(connection.descriptor)
    }

    // MARK: Commands

    /// - Parameter ends: until when the command waits, if it has begun to.
    private func answer(_ command: EventCommand, _ connection: Connection, until ends: ContinuousClock.Instant?) {
        do {
            if let answer = try answer(to: command, connection, until: ends) {
                connection.send(answer)
                return
            }
            var command = command
            if case .tail(nil, let limit, let seconds) = command {
                command = .tail(after: try outbox.lastSequence(), limit: limit, seconds: seconds)
            }
            connection.waiting = (command, ends ?? .now + .seconds(command.seconds))
        } catch {
            connection.send(["error": .string("\(error)")])
        }
    }

    /// Returns the answer, or nil if there is none yet.
    private func answer(
        to command: EventCommand,
        _ connection: Connection,
        until ends: ContinuousClock.Instant?
    ) throws -> JSONObject? {
        let isOver = command.seconds == 0 || ends.map { $0 <= .now } ?? false
        switch command {
        case .read(let consumer, let holder, let after, let limit, _):
            guard try hold(consumer, by: holder, connection) else { return Self.held }
            if desk.holdsBack(consumer) { return isOver ? reply([]) : nil }
            let start = if let after { after } else { try outbox.consumers()[consumer] ?? 0 }
            let events = try outbox.events(after: start, limit: limit)
            return events.isEmpty && !isOver ? nil : reply(events)
        case .tail(let after, let limit, _):
            guard let after else { return isOver ? reply([]) : nil }
            let events = try outbox.events(after: after, limit: limit)
            return events.isEmpty && !isOver ? nil : reply(events)
        case .acknowledge(let consumer, let holder, let sequence):
            let isNoted = try outbox.acknowledgeEvents(through: sequence, for: consumer, by: holder)
            return isNoted ? [:] : Self.held
        case .hooks: return ["hooks": .array(try desk.hooks())]
        case .attempts(let attempts):
            try desk.record(attempts.array ?? [])
            return [:]
        case .failed(let consumer, let reason):
            failures.withLock { failures in
                failures[consumer, default: Failures()].count += 1
                failures[consumer]?.reason = String(reason.prefix(500))
            }
            return [:]
        case .forget(let consumer):
            try outbox.removeConsumer(consumer)
            failures.withLock { $0[consumer] = nil }
            return [:]
        case .replay(let consumer, let after):
            guard try outbox.consumers()[consumer] != nil else { return ["error": "there is no such consumer"] }
            // Nothing may be skipped that is still to be told.
            guard try after <= outbox.lastSequence() else { return ["error": "there is no such event yet"] }
            try outbox.moveConsumer(consumer, after: after)
            connection.movedConsumers.insert(consumer)
            return [:]
        case .status: return try status()
        }
    }

    private static let held: JSONObject = ["error": "held"]

    /// Makes a process the holder of a consumer; asks the store only when the lease is to be renewed.
    private func hold(_ consumer: String, by holder: String, _ connection: Connection) throws(StoreError) -> Bool {
        let now = clock()
        if let lease = connection.leases[consumer], lease.holder == holder, lease.ends - now > Self.lease / 2 {
            return true
        }
        let events = try outbox.claimEvents(for: consumer, by: holder, now: now, lease: Self.lease, limit: 0)
        connection.leases[consumer] = events == nil ? nil : (holder, now + Self.lease)
        return events != nil
    }

    private func reply(_ events: [RecordedEvent]) -> JSONObject {
        var ancestors = JSONObject()
        for case .account(let account) in Set(events.map(\.event.scope)) {
            ancestors[account.text] = .array(desk.ancestors(of: account.text).map { .string($0) })
        }
        return ["events": .array(events.map { .object($0.json) }), "ancestors": .object(ancestors)]
    }

    private func status() throws(StoreError) -> JSONObject {
        let status = try outbox.status()
        var consumers = JSONObject()
        for consumer in self.consumers(status) {
            consumers[consumer.name] = [
                "acknowledged": .number(JSONNumber(Int(consumer.acknowledged))),
                "lag": .number(JSONNumber(Int(consumer.lag))),
                "failures": .number(JSONNumber(consumer.failures.count)),
                "reason": consumer.failures.count > 0 ? .string(consumer.failures.reason) : .null,
            ]
        }
        return ["last": .number(JSONNumber(Int(status.last))), "consumers": .object(consumers)]
    }
}

extension EventCommand {
    /// How long it may wait for events.
    fileprivate var seconds: Int {
        switch self {
        case .read(_, _, _, _, let seconds), .tail(_, _, let seconds): seconds
        case .acknowledge, .hooks, .attempts, .failed, .forget, .replay, .status: 0
        }
    }
}

/// One peer. It never leaves the server's thread.
private final class Connection {
    let descriptor: Int32
    var isClosed = false
    /// The command that waits for events, and until when.
    var waiting: (command: EventCommand, ends: ContinuousClock.Instant)?
    /// The consumers that the peer holds, and until when, in Unix seconds.
    var leases: [String: (holder: String, ends: Int64)] = [:]
    /// The consumers that the peer has just put elsewhere: whoever holds one reads in the wrong place.
    var movedConsumers: Set<String> = []
    private(set) var output: ArraySlice<UInt8> = []
    private var input: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What poll(2) is to look for.
    var interest: Int16 { output.isEmpty ? Int16(POLLIN) : Int16(POLLOUT) }

    func takeMovedConsumers() -> Set<String> {
        defer { movedConsumers = [] }
        return movedConsumers
    }

    /// Takes what has come; a peer that has gone, or whose line has no end, is closed.
    func receive() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            input += buffer[..<count]
            isClosed = input.count > EventCommand.lineLimit
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            isClosed = true
        }
    }

    /// The next whole line, without its end.
    func line() -> String? {
        guard let end = input.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = String(decoding: input[..<end], as: UTF8.self)
        input.removeSubrange(...end)
        return line
    }

    func send(_ answer: JSONObject) {
        output = (output + JSON.object(answer).bytes() + [UInt8(ascii: "\n")])[...]
        send()
    }

    /// Sends as much as the peer takes.
    func send() {
        while !output.isEmpty {
            let count = output.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                isClosed = errno != EAGAIN && errno != EINTR
                return
            }
            output = output.dropFirst(count)
        }
    }
}
