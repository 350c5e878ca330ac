//  Signals, kept for one thread that waits for them.

import Foundation
import Glibc

/// SIGTERM and SIGINT say stop, SIGHUP says reload.
struct Signals {
    private var signals = sigset_t()

    /// Blocks the signals in this thread and in those that it makes later.
    init() {
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Calls `stop` for the first signal that says so and `reload` for those before, on a thread of their own.
    func handle(stop: @escaping @Sendable () -> Void, reload: @escaping @Sendable () -> Void = {}) {
        let signals = signals
        Thread.detachNewThread {
            var waited = signals
            var received: Int32 = 0
            while true {
                sigwait(&waited, &received)
                guard received == SIGHUP else { return stop() }
                reload()
            }
        }
    }
}
