//  What wakes a thread that waits for descriptors: other threads ring. Source: pipe(7).

import Glibc
import Synchronization

/// A pipe that threads ring, and one waits on by poll(2).
final class Doorbell: Sendable {
    /// Readable while a ring has not been heard.
    let descriptor: Int32
    private let button: Int32
    /// Whether a ring has not been heard; another one would say nothing new.
    private let isRinging = Atomic(false)

    init() {
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        precondition(result == 0, "a process without free descriptors cannot start")
        for end in ends { keepToOurselves(end) }
        descriptor = ends[0]
        button = ends[1]
    }

    deinit {
        close(descriptor)
        close(button)
    }

    /// Rings; never waits.
    func ring() {
        guard !isRinging.exchange(true, ordering: .sequentiallyConsistent) else { return }
        var byte: UInt8 = 1
        _ = write(button, &byte, 1)
    }

    /// Hears every ring so far; what they were for is to be looked at after this.
    func clear() {
        var byte: UInt8 = 0
        _ = read(descriptor, &byte, 1)
        // Not before the byte is gone, or a ring in between would lose its own.
        isRinging.store(false, ordering: .sequentiallyConsistent)
    }
}

/// Makes a descriptor one that never blocks and that no child process has.
func keepToOurselves(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
