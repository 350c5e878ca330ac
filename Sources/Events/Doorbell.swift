//  What wakes a thread that waits for descriptors: other threads ring. Source: pipe(7).

import Glibc

/// A pipe that threads ring, and one waits on by poll(2).
final class Doorbell: Sendable {
    /// Readable while a ring has not been heard.
    let descriptor: Int32
    private let button: Int32

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

    /// Rings; never waits. A pipe that is full of rings is heard as well.
    func ring() {
        var byte: UInt8 = 1
        _ = write(button, &byte, 1)
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while read(descriptor, &bytes, bytes.count) == bytes.count {}
    }
}

/// Makes a descriptor one that never blocks and that no child process has.
func keepToOurselves(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
