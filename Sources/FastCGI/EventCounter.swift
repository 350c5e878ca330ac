//  A flag that one thread raises and others wait for, usable in an epoll set. Source: eventfd(2).

import CFastCGI
import Glibc

/// An event counter of the kernel: once raised it stays readable until `clear`.
struct EventCounter: Sendable {
    let descriptor: Int32

    init() throws(FastCGIError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .lastCall("eventfd") }
    }

    func raise() {
        // The one failure is a counter that is full, and then it is raised already.
        _ = eventfd_write(descriptor, 1)
    }

    func clear() {
        var value: eventfd_t = 0
        _ = eventfd_read(descriptor, &value)
    }

    /// Waits until the counter is raised, at most `milliseconds`; for ever if that is negative.
    func wait(milliseconds: Int32 = -1) {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, milliseconds) < 0, errno == EINTR {}
    }

    func close() {
        _ = Glibc.close(descriptor)
    }
}
