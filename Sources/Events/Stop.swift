//  The end of a process as something that threads can wait for beside their work.

import Glibc

/// Raised once, for all.
package final class Stop: Sendable {
    private let bell = Doorbell()

    package init() {}

    /// Readable once it is raised, for ever: nobody hears the bell.
    package var descriptor: Int32 { bell.descriptor }

    package func raise() { bell.ring() }

    package var isRaised: Bool { wait(milliseconds: 0) }

    /// Waits until it is raised, at most `milliseconds`; true if it is.
    @discardableResult
    package func wait(milliseconds: Int) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ends = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let rest = max(0, (ends - .now) / .milliseconds(1))
            let result = poll(&watched, 1, Int32(min(rest.rounded(.up), 3_600_000)))
            if result > 0 { return true }
            if result == 0, ContinuousClock.now >= ends { return false }
        }
    }
}
