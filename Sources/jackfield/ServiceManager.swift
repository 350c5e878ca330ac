//  Telling the service manager how the server is. Source: sd_notify(3), sd_watchdog_enabled(3).

import FastCGI
import Foundation
import Glibc
import Logging

/// The socket that the service manager listens on, if there is one.
struct ServiceManager: Sendable {
    private let path: String?
    /// How often the manager wants to hear that all is well; nil if it does not.
    private let watchdogInterval: Duration?

    /// Takes the variables that announce it, so that no child process takes them for its own.
    init() {
        let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].map { name in
            let value = getenv(name).map { String(cString: $0) }
            unsetenv(name)
            return value
        }
        path = variables[0]
        let isForUs = variables[2].map { $0 == String(getpid()) } ?? true
        watchdogInterval = isForUs ? variables[1].flatMap { Int64($0) }.map { .microseconds($0) } : nil
    }

    func sayReady() { send("READY=1") }
    func sayStopping() { send("STOPPING=1") }

    func sayReloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)")
    }

    /// Says that all is well whenever a request came through a worker and the store, several times an interval. A
    /// server that hangs says nothing, and the manager ends it.
    ///
    /// - Parameter socket: where the server listens.
    func watch(_ socket: String, logger: Logger) {
        guard path != nil, let interval = watchdogInterval else { return }
        let client = FastCGIClient(path: socket, timeout: interval)
        Thread.detachNewThread {
            while true {
                do {
                    // Whatever it says: a full disk is no reason to begin again.
                    _ = try client.send("GET", Monitor.statusTarget)
                    send("WATCHDOG=1")
                } catch {
                    logger.error("the server does not answer itself", metadata: ["reason": "\(error)"])
                }
                usleep(UInt32(clamping: Int64(interval / .microseconds(1)) / 4))
            }
        }
    }

    /// One datagram; whether it arrived is not known.
    private func send(_ text: String) {
        guard let path else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let isFilled = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            // A name that begins with @ is of the abstract kind, which begins with a zero byte.
            if bytes.first == UInt8(ascii: "@") { room[0] = 0 }
            return true
        }
        guard isFilled else { return }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let content = Array(text.utf8)
        _ = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, content, content.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
