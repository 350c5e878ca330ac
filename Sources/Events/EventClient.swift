//  The relay's side of EventCommand: one connection to the events socket.

import DocumentStore
import Glibc
import JSON

/// Why a command got no answer.
package enum EventClientError: Error, Equatable, CustomStringConvertible {
    /// The application is not there, or does not admit us, or went away in the middle.
    case unreachable(String)
    /// Another process holds the consumer.
    case held
    /// The application could not do it.
    case refused(String)
    /// This process is to end.
    case stopped

    package var description: String {
        switch self {
        case .unreachable(let reason), .refused(let reason): reason
        case .held: "another process is at it"
        case .stopped: "stopped"
        }
    }
}

/// A connection, for one thread. It is closed after an error other than `.held` and `.refused`.
package final class EventClient {
    private let descriptor: Int32
    private let stop: Stop
    private var input: [UInt8] = []

    /// Events with the accounts above each account that they are of.
    package struct Batch {
        package var events: [RecordedEvent]
        package var ancestors: [String: [String]]
    }

    /// Connects to the socket at `path`.
    ///
    /// - Parameter stop: ends waiting for events with `.stopped`.
    package init(_ path: String, stop: Stop) throws(EventClientError) {
        self.stop = stop
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.lastCall("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .unreachable("\(path): the path is too long for a socket") }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Self.lastCall(path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Returns the next events of a consumer, waiting for one for at most `seconds`.
    ///
    /// - Parameter after: where to read on; nil for what the consumer has not acknowledged.
    package func read(
        _ consumer: String,
        by holder: String,
        after: Int64? = nil,
        limit: Int,
        seconds: Int
    ) throws(EventClientError) -> Batch {
        let command = EventCommand.read(
            consumer: consumer,
            holder: holder,
            after: after,
            limit: limit,
            seconds: seconds
        )
        return try batch(command, seconds: seconds)
    }

    /// Returns events without being a consumer.
    ///
    /// - Parameter after: nil for those that come from now on.
    package func tail(after: Int64?, limit: Int, seconds: Int) throws(EventClientError) -> [RecordedEvent] {
        try batch(.tail(after: after, limit: limit, seconds: seconds), seconds: seconds).events
    }

    package func acknowledge(_ sequence: Int64, of consumer: String, by holder: String) throws(EventClientError) {
        _ = try ask(.acknowledge(consumer: consumer, holder: holder, sequence: sequence))
    }

    package func hooks() throws(EventClientError) -> [Hook] {
        (try ask(.hooks)["hooks"]?.array ?? []).compactMap(Hook.init)
    }

    package func report(_ attempts: [Attempt]) throws(EventClientError) {
        _ = try ask(.attempts(.array(attempts.map { .object($0.json) })))
    }

    package func report(failure reason: String, of consumer: String) throws(EventClientError) {
        _ = try ask(.failed(consumer: consumer, reason: reason))
    }

    /// Ends a consumer that nobody needs any more; one that reads on begins anew.
    package func forget(_ consumer: String) throws(EventClientError) {
        _ = try ask(.forget(consumer: consumer))
    }

    /// Puts a consumer behind an event: what came after it is delivered again, as far as it is kept.
    package func replay(_ consumer: String, after sequence: Int64) throws(EventClientError) {
        _ = try ask(.replay(consumer: consumer, after: sequence))
    }

    /// What the application knows of its consumers, as EventCommand says.
    package func status() throws(EventClientError) -> JSON { try ask(.status) }

    private func batch(_ command: EventCommand, seconds: Int) throws(EventClientError) -> Batch {
        let answer = try ask(command, waiting: seconds, endingEarly: true)
        var ancestors: [String: [String]] = [:]
        for (account, above) in answer["ancestors"]?.object ?? [:] {
            ancestors[account] = (above.array ?? []).compactMap(\.string)
        }
        return Batch(events: (answer["events"]?.array ?? []).compactMap(RecordedEvent.init), ancestors: ancestors)
    }

    // MARK: Lines

    /// Seconds that an answer may take beyond what the command waits: a disk can be slow.
    private static let patience = 30

    private func ask(
        _ command: EventCommand,
        waiting seconds: Int = 0,
        endingEarly: Bool = false
    ) throws(EventClientError) -> JSON {
        try send(Array(command.line.utf8) + [UInt8(ascii: "\n")])
        let line = try line(within: seconds + Self.patience, endingEarly: endingEarly)
        guard let answer = try? JSON(parsing: line) else { throw .unreachable("the answer is not JSON") }
        switch answer["error"]?.string {
        case nil: return answer
        case "held": throw .held
        case let reason?: throw .refused(reason)
        }
    }

    private func send(_ bytes: [UInt8]) throws(EventClientError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Self.lastCall("send") }
            rest = rest.dropFirst(count)
        }
    }

    private func line(within seconds: Int, endingEarly: Bool) throws(EventClientError) -> [UInt8] {
        let ends = ContinuousClock.now + .seconds(seconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var searched = 0
        while true {
            if let end = input[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { input.removeSubrange(...end) }
                return Array(input[..<end])
            }
            searched = input.count
            var watched = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: endingEarly ? stop.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let rest = (ends - .now) / .milliseconds(1)
            guard rest > 0 else { throw .unreachable("no answer within \(seconds) seconds") }
            guard poll(&watched, 2, Int32(rest.rounded(.up))) > 0 else { continue }
            if watched[1].revents != 0 { throw .stopped }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else {
                throw count == 0 ? .unreachable("the application has closed the connection") : Self.lastCall("recv")
            }
            input += buffer[..<count]
        }
    }

    private static func lastCall(_ operation: String) -> EventClientError {
        .unreachable("\(operation): \(String(cString: strerror(errno)))")
    }
}
