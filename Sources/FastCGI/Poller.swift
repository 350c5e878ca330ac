//  The one set of descriptors that all workers wait on. Source: epoll(7).

import CFastCGI
import Glibc

/// An epoll instance whose events are handed out one at a time, each to one of the waiting threads.
struct Poller: Sendable {
    private let descriptor: Int32

    init() throws(FastCGIError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .lastCall("epoll_create1") }
    }

    /// Watches a descriptor for one event; after that it is silent until `rearm`.
    func watchOnce(_ watched: Int32) throws(FastCGIError) {
        try control(EPOLL_CTL_ADD, watched, EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue)
    }

    func rearm(_ watched: Int32) throws(FastCGIError) {
        try control(EPOLL_CTL_MOD, watched, EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue)
    }

    /// Watches a descriptor for good: as long as it is readable, every waiting thread is told.
    func watch(_ watched: Int32) throws(FastCGIError) {
        try control(EPOLL_CTL_ADD, watched, EPOLLIN.rawValue)
    }

    func forget(_ watched: Int32) {
        _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
    }

    /// Waits for the next event and returns the descriptor that has it.
    func next() -> Int32 {
        var event = epoll_event()
        while epoll_wait(descriptor, &event, 1, -1) < 1 {}
        return event.data.fd
    }

    func close() {
        _ = Glibc.close(descriptor)
    }

    private func control(_ operation: Int32, _ watched: Int32, _ events: UInt32) throws(FastCGIError) {
        var event = epoll_event()
        event.events = events
        event.data.fd = watched
        guard epoll_ctl(descriptor, operation, watched, &event) == 0 else { throw .lastCall("epoll_ctl") }
    }
}
