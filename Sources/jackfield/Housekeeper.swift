//  The thread that lets go of what is too old, while the server runs.

import Dispatch
import DocumentStore
import Foundation
import Logging
import PluginKit
import Synchronization

/// Runs the housekeeping again and again, until it is stopped.
final class Housekeeper: Sendable {
    private let stopped = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - interval: how long it rests between two runs.
    ///   - pause: how long it leaves the writer to requests between two batches.
    ///   - housekeeping: what to run; asked for each run, because settings may change.
    init(
        interval: Duration,
        pause: Duration = .milliseconds(20),
        logger: Logger,
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
            while !isStopped(within: interval) {
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
