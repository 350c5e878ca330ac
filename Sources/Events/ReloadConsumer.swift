//  Says what is stale: touches one file for each thing that is to be read again, and each file once for many changes.

import DocumentStore
import Glibc

/// Reload requests as files: `DIR/dialplan` holds the sequence of the last event that made the dialplan stale.
///
/// Whoever watches a file (a path unit of systemd) is told after the commit, never before. When the relay ends between
/// writing a file and noting that it did, it writes it again.
package struct ReloadConsumer: Sendable {
    /// A failure of the directory.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let context: ConsumerContext
    private let directory: String
    private let window: Int

    /// - Parameters:
    ///   - directory: made if it is not there; its parent must exist.
    ///   - window: milliseconds for which changes are gathered after the first.
    package init(_ context: ConsumerContext, directory: String, window: Int = 500) {
        self.context = context
        self.directory = directory
        self.window = window
    }

    /// Works until the context's `stop`.
    package func run() {
        context.again { client, isWell in
            try makeDirectory()
            var last: Int64?
            while true {
                var stale: [String: Int64] = [:]
                last = try gather(&stale, after: last, client)
                guard let sequence = last else { continue }
                for (name, sequence) in stale { try touch(name, sequence) }
                try context.acknowledge(sequence, client)
                isWell()
            }
        }
    }

    private static let batch = 1_000

    /// Waits for events, then reads on until the window is over, or, after that, until nothing is left to be caught up.
    private func gather(
        _ stale: inout [String: Int64],
        after start: Int64?,
        _ client: EventClient
    ) throws -> Int64? {
        var last = start
        var ends: ContinuousClock.Instant?
        while true {
            let isOver = ends.map { $0 <= .now } ?? false
            let events = try context.read(
                client,
                after: last,
                limit: Self.batch,
                seconds: ends == nil ? 10 : 0
            ).events
            for recorded in events {
                for name in recorded.event.reloads { stale[name] = recorded.sequence }
            }
            if let sequence = events.last?.sequence { last = sequence }
            if ends == nil {
                if events.isEmpty { return nil }
                ends = .now + .milliseconds(window)
            }
            if events.count < Self.batch {
                if isOver || stale.isEmpty { return last }
                let rest = ((ends ?? .now) - .now) / .milliseconds(1)
                context.stop.wait(milliseconds: max(0, Int(rest.rounded(.up))))
                if context.stop.isRaised { return last }
            }
        }
    }

    private func makeDirectory() throws(Failure) {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw Self.lastCall("mkdir \(directory)") }
    }

    /// Writes a file in place: a watcher sees that it was written and closed.
    private func touch(_ name: String, _ sequence: Int64) throws(Failure) {
        // The names come over the socket; none leads out of the directory.
        guard Event.isReloadName(name) else { return context.log("\(context.name): no file can be named \(name)") }
        let path = "\(directory)/\(name)"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw Self.lastCall(path) }
        defer { close(file) }
        let text = Array("\(sequence)\n".utf8)
        // Never empty in between: whoever reads it at any moment finds a number.
        guard write(file, text, text.count) == text.count, ftruncate(file, off_t(text.count)) == 0 else {
            throw Self.lastCall(path)
        }
    }

    private static func lastCall(_ operation: String) -> Failure {
        Failure(description: "\(operation): \(String(cString: strerror(errno)))")
    }
}
