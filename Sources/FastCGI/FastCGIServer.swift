//  The accept loop: from a listening socket to a handler, and back.
//
//  The words used here:
//  - A connection is a stream from the front end; it carries one request at a time and is usually kept for the next.
//  - A waiting connection is in the poller and in the table of idle connections, and no thread belongs to it.
//  - A worker is a thread that takes one event at a time: new connections, or a waiting one that became readable.
//    `WorkerRoster` says which of them wait for events.
//
//      accepted ──► waiting ──readable──► served ──kept──► waiting
//                      │                     └──not kept, broken, or draining──► closed
//                      └──drained──► closed
//
//  I1  A descriptor is in the table, or with one worker, or closed; never two of these.
//  I2  Every event is one-shot, so two workers never serve one connection.
//  I3  A connection goes back to waiting only when its request's last byte was read.
//  I4  A request whose first byte arrived before its connection was drained is answered.

import CFastCGI
import Glibc
import HTTPMessage
import Logging
import Synchronization

/// A FastCGI responder on one listening socket.
package final class FastCGIServer: Sendable {
    /// Answers one request; called on a worker's thread, up to `workers` times at once.
    package typealias Handler = @Sendable (inout Request) -> Response

    package struct Settings: Sendable {
        /// How many requests are served at once. Connections may be many more.
        package var workers = 8
        /// How many of the workers take requests while none is waiting for a disk or for its peer.
        package var processors = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        package var peers = PeerPolicy.standard
        /// The longest silence of a peer in the middle of a request; libfcgi tries twice.
        package var receiveTimeout = Duration.seconds(5)
        /// The longest time in which a peer takes nothing of a response.
        package var sendTimeout = Duration.seconds(30)
        /// How long a drain waits for the first request of a connection that was accepted just before.
        package var newcomerGrace = Duration.milliseconds(250)

        package init() {}
    }

    private let listener: Listener
    private let settings: Settings
    private let logger: Logger
    private let handler: Handler

    private let poller: Poller
    private let connections = IdleConnections()
    private let roster: WorkerRoster
    /// How often it is looked whether all workers that are awake are stuck, in milliseconds.
    private static let guardInterval: Int32 = 10
    private let draining = Atomic(false)
    /// Raised when a drain is asked for, again whenever a worker gets free during one, and when the workers need a guard.
    private let progress: EventCounter
    /// Raised when the workers are to end.
    private let stopped: EventCounter

    package init(
        listener: Listener,
        settings: Settings = Settings(),
        logger: Logger,
        handler: @escaping Handler
    ) throws(FastCGIError) {
        precondition(settings.workers > 0, "a server has at least one worker")
        self.listener = listener
        self.settings = settings
        self.logger = logger
        self.handler = handler
        poller = try Poller()
        let progress = try EventCounter()
        self.progress = progress
        roster = WorkerRoster(workers: settings.workers, limit: settings.processors) { progress.raise() }
        stopped = try EventCounter()
    }

    deinit {
        _ = close(listener.descriptor)
        poller.close()
        progress.close()
        stopped.close()
    }

    /// Serves until `drain` is called and everything in flight is answered. To be called once.
    ///
    /// - Throws: `.io` if the socket cannot be watched or a thread cannot be made; nothing runs any more then.
    package func run() throws(FastCGIError) {
        try FCGXRequest.prepareLibrary()
        try poller.watch(stopped.descriptor)
        try poller.watchOnce(listener.descriptor)
        var workers: [WorkerThread] = []
        defer {
            stopped.raise()
            roster.open()
            for worker in workers { worker.join() }
        }
        for number in 0..<settings.workers {
            workers.append(try WorkerThread(name: "fastcgi-\(number + 1)") { [self] in work(number) })
        }
        var isOnGuard = false
        while !draining.load(ordering: .sequentiallyConsistent) {
            progress.wait(milliseconds: isOnGuard ? Self.guardInterval : -1)
            progress.clear()
            isOnGuard = roster.relieve()
        }
        roster.open()
        finishWhatIsInFlight()
    }

    /// Asks `run` to end: to accept nothing more, answer what was accepted, and return. From any thread, at any time.
    package func drain() {
        draining.store(true, ordering: .sequentiallyConsistent)
        progress.raise()
    }

    // MARK: Workers

    private func work(_ number: Int) {
        let request = FCGXRequest()
        while true {
            roster.wait(number)
            let descriptor = poller.next()
            if descriptor == stopped.descriptor { return }
            roster.work(number)
            connections.begin()
            if descriptor == listener.descriptor {
                acceptWaiting { draining.load(ordering: .sequentiallyConsistent) }
                try? poller.rearm(descriptor)  // fails in a drain only, when the poller has forgotten the listener
            } else {
                serve(descriptor, with: request, by: number)
            }
            connections.end()
            if draining.load(ordering: .sequentiallyConsistent) { progress.raise() }
        }
    }

    /// Accepts until nobody waits any more, or `isEnough`.
    private func acceptWaiting(until isEnough: () -> Bool) {
        while !isEnough() {
            let connection = accept4(listener.descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if connection >= 0 {
                admit(connection)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED:
                continue
            case EAGAIN:
                return
            default:
                // Out of descriptors or memory. The listener stays readable, so wait a little for some to get free.
                logger.error("cannot accept", metadata: ["errno": "\(errno)"])
                _ = poll(nil, 0, 10)
                return
            }
        }
    }

    private func admit(_ connection: Int32) {
        do throws(FastCGIError) {
            try setTimeouts(connection)
            guard settings.peers.admits(try PeerPolicy.credentials(of: connection)) else {
                logger.warning("refused a peer of a user who may not connect")
                _ = close(connection)
                return
            }
            connections.insert(connection, .newcomer)
            try poller.watchOnce(connection)
        } catch {
            logger.error("cannot take a connection", metadata: ["error": "\(error)"])
            _ = connections.take(connection)
            _ = close(connection)
        }
    }

    private func setTimeouts(_ connection: Int32) throws(FastCGIError) {
        for (name, timeout) in [(SO_RCVTIMEO, settings.receiveTimeout), (SO_SNDTIMEO, settings.sendTimeout)] {
            let (seconds, attoseconds) = timeout.components
            var value = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
            let size = socklen_t(MemoryLayout<timeval>.size)
            guard setsockopt(connection, SOL_SOCKET, name, &value, size) == 0 else { throw .lastCall("setsockopt") }
        }
    }

    private func serve(_ connection: Int32, with source: FCGXRequest, by worker: Int) {
        guard connections.take(connection), source.accept(on: connection) else { return }
        let isKept = source.isKept
        let exchange = Exchange(source: source, handler: handler, logger: logger) { [roster] in roster.stepAside(worker)
        }
        let isComplete = exchange.run()
        guard isComplete, isKept, !draining.load(ordering: .sequentiallyConsistent) else {
            _ = close(connection)
            return
        }
        wait(on: connection)
    }

    private func wait(on connection: Int32) {
        connections.insert(connection, .served)
        do throws(FastCGIError) {
            try poller.rearm(connection)
        } catch {
            logger.error("cannot keep a connection", metadata: ["error": "\(error)"])
            if connections.take(connection) { _ = close(connection) }
        }
    }

    // MARK: Drain

    private func finishWhatIsInFlight() {
        poller.forget(listener.descriptor)
        if listener.path != nil {
            listener.unpublish()
            acceptWaiting { false }
        }
        let graceEnds = ContinuousClock.now + settings.newcomerGrace
        while true {
            progress.clear()
            let grace = max(.zero, graceEnds - .now)
            if let idle = connections.takeAll(newcomers: grace == .zero) {
                for connection in idle { retire(connection) }
                // Nothing is served, nothing waits, and nothing is accepted: nothing can begin any more.
                if connections.isEmpty { return }
            }
            progress.wait(milliseconds: grace == .zero ? -1 : Int32(grace / .milliseconds(1)) + 1)
        }
    }

    /// Closes a connection that waits, unless a request has begun to arrive on it.
    private func retire(_ connection: Int32) {
        if hasInput(connection) { return wait(on: connection) }
        // Now the peer can send nothing more, and what it sent in between can still be read.
        _ = shutdown(connection, Int32(SHUT_RD))
        if hasInput(connection) { return wait(on: connection) }
        _ = close(connection)
    }

    private func hasInput(_ connection: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(connection, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }
}
