//  The thread that keeps the store in order while the server runs: what an older program wrote is brought up to date,
//  and what is too old goes.

import Dispatch
import DocumentStore
import Foundation
import Logging
import PluginKit
import Synchronization

/// Rebuilds what has to be rebuilt, then runs the housekeeping again and again, until it is stopped.
final class Housekeeper: Sendable {
    private let stopped = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - interval: how long it rests between two runs.
    ///   - pause: how long it leaves the writer to requests between two batches.
    ///   - rebuild: what brings projections up to date; asked for each run, as the next.
    ///   - file: files voicemail that is too old, until `pause` says that it is enough; returns how many messages that were.
    ///   - housekeeping: what to run; asked for each run, because settings may change.
    init(
        interval: Duration,
        pause: Duration = .milliseconds(20),
        logger: Logger,
        rebuild: @escaping @Sendable () throws -> Rebuild,
        file: @escaping @Sendable (_ pause: () -> Bool) throws -> Int,
        housekeeping: @escaping @Sendable () -> Housekeeping
    ) {
        Thread.detachNewThread { [stopped, ended] in
            defer { ended.signal() }
            // A stop is given back for who asks next.
            func isStopped(within time: Duration) -> Bool {
                guard stopped.wait(timeout: .now() + .nanoseconds(Int(time / .nanoseconds(1)))) == .success else {
                    return false
                }
                stopped.signal()
                return true
            }
            while true {
                var log = RebuildLog(logger)
                do {
                    try rebuild().run(report: { log.note($0) }) { !isStopped(within: pause) }
                } catch {
                    logger.error("cannot rebuild lists; they stay as they were", metadata: ["reason": "\(error)"])
                }
                if isStopped(within: interval) { return }
                do {
                    let count = try file { !isStopped(within: pause) }
                    if count > 0 { logger.info("filed voicemail that is too old", metadata: ["count": "\(count)"]) }
                } catch {
                    logger.error("cannot file voicemail that is too old", metadata: ["reason": "\(error)"])
                }
                do throws(StoreError) {
                    let report = try housekeeping().run(now: Application.now()) { !isStopped(within: pause) }
                    guard !report.isEmpty else { continue }
                    let counts = report.map { ($0.name, Logger.Metadata.Value.stringConvertible($0.count)) }
                    logger.info("removed what is too old", metadata: Dictionary(uniqueKeysWithValues: counts))
                } catch {
                    logger.error("cannot remove what is too old", metadata: ["reason": "\(error)"])
                }
            }
        }
    }

    /// Ends the thread, after the batch that it is at.
    func stop() {
        stopped.signal()
        ended.wait()
    }
}

/// Tells the log how far a rebuild is: every ten seconds, and when a kind of documents is done.
private struct RebuildLog {
    private static let interval = Duration.seconds(10)

    private let logger: Logger
    private var last = ContinuousClock.now

    init(_ logger: Logger) { self.logger = logger }

    mutating func note(_ progress: Rebuild.Progress) {
        for key in progress.taken {
            logger.warning(
                "two documents have the same value, which must be unique",
                metadata: ["field": "\(key.name)", "scope": "\(key.scope)"]
            )
        }
        guard progress.documents > 0, progress.isComplete || .now - last >= Self.interval else { return }
        last = .now
        logger.info(
            progress.isComplete ? "rebuilt lists" : "rebuilding lists",
            metadata: ["type": "\(progress.type)", "documents": "\(progress.documents)"]
        )
    }
}
