//  The turnstile in front of the password derivation: its cost is the same for a guess as for a login.

import Dispatch
import Synchronization

/// Lets a few callers in at a time, a bounded number wait, and turns the others away at once.
///
/// Derivations compete for memory bandwidth, so a second one at a time gains nothing; the bound on the queue is what
/// keeps a flood of guesses from holding every request thread.
package final class LoginGate: Sendable {
    private let places: Int
    private let patience: DispatchTimeInterval
    private let retryAfter: Int
    /// How many are inside or wait. Held for the addition only.
    private let present = Mutex(0)
    private let turns = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - concurrency: how many derivations run at a time.
    ///   - queue: how many callers may wait for their turn.
    ///   - patience: how long a caller waits for its turn at the most; the front end gives up after a minute, and a person
    ///     earlier.
    ///   - retryAfter: what those turned away are told, in seconds; by default about as long as a full queue takes.
    package init(
        concurrency: Int = 1,
        queue: Int = 16,
        patience: DispatchTimeInterval = .seconds(20),
        retryAfter: Int? = nil
    ) {
        precondition(concurrency > 0 && queue >= 0)
        places = concurrency + queue
        self.patience = patience
        self.retryAfter = retryAfter ?? 1 + queue / 16
        for _ in 0..<concurrency { turns.signal() }
    }

    /// How many are inside or wait.
    var presentCount: Int {
        present.withLock { $0 }
    }

    /// Runs `work` when it is this caller's turn; blocks until then.
    ///
    /// - Throws: `.busy` at once if the queue is full, and later if no turn came in time; what `work` throws.
    package func withTurn<Value>(
        _ work: () throws(IdentityError) -> Value
    ) throws(IdentityError) -> Value {
        let isAdmitted = present.withLock { present in
            if present == places { return false }
            present += 1
            return true
        }
        guard isAdmitted else { throw .busy(retryAfter: retryAfter) }
        defer { present.withLock { $0 -= 1 } }
        guard turns.wait(timeout: .now() + patience) == .success else { throw .busy(retryAfter: retryAfter) }
        defer { turns.signal() }
        return try work()
    }
}
