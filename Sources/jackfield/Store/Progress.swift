//  How far a long command has come, on standard error.

import Glibc
import Synchronization

/// Tells once a second, and nothing of what takes less.
final class Progress: Sendable {
    private let verb: String
    private let last = Mutex(ContinuousClock.now)

    /// - Parameter verb: what was done with that many: `checked`.
    init(_ verb: String) { self.verb = verb }

    func report(_ done: Int, _ total: Int) {
        let isDue = last.withLock { last in
            guard ContinuousClock.now - last >= .seconds(1) else { return false }
            last = .now
            return true
        }
        if isDue { complain("\(verb) \(done) of \(total)") }
    }
}

/// Prints a line on standard error.
func complain(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
