//  The listening Unix socket: inherited from systemd, or bound to a path. Source: sd_listen_fds(3), unix(7).

import CFastCGI
import Glibc

/// A listening stream socket that never blocks.
package struct Listener: Sendable {
    package let descriptor: Int32
    /// The path that this process made, or nil if the service manager owns the socket.
    let path: String?

    /// Connections that the kernel keeps for us while all workers are busy; `net.core.somaxconn` may lower it.
    static let backlog: Int32 = 16_384

    /// Takes the one socket that the service manager passed, and removes the variables that announced it, so that no
    /// child process takes them for its own.
    ///
    /// - Parameter first: the descriptor at which passed sockets begin.
    /// - Throws: `.noInheritedSocket` unless that descriptor was passed to this very process and is a listening Unix
    ///   socket.
    package static func inherited(first: Int32 = 3) throws(FastCGIError) -> Listener {
        let process = getenv("LISTEN_PID").map { String(cString: $0) }
        let count = getenv("LISTEN_FDS").map { String(cString: $0) }
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        guard let process, let count else { throw .noInheritedSocket("LISTEN_PID and LISTEN_FDS are not set") }
        guard process == String(getpid()) else { throw .noInheritedSocket("LISTEN_PID names another process") }
        guard count == "1" else { throw .noInheritedSocket("LISTEN_FDS is \(count), not 1") }
        guard option(first, SO_ACCEPTCONN) == 1, option(first, SO_DOMAIN) == AF_UNIX else {
            throw .noInheritedSocket("descriptor \(first) is not a listening Unix socket")
        }
        guard fcntl(first, F_SETFD, FD_CLOEXEC) == 0, fcntl(first, F_SETFL, O_NONBLOCK) == 0 else {
            throw .lastCall("fcntl")
        }
        return Listener(descriptor: first, path: nil)
    }

    /// Binds a path, for its owner and group alone (mode 0660). A socket that nobody listens on is replaced.
    ///
    /// - Throws: `.socketInUse`, `.notASocket`, `.pathTooLong`, or `.io`.
    package static func bound(to path: String) throws(FastCGIError) -> Listener {
        let address = try address(of: path)
        try removeStaleSocket(at: path, address)
        let descriptor = streamSocket()
        guard descriptor >= 0 else { throw .lastCall("socket") }
        // The socket's own mode bounds that of the file from its first moment; bind then subtracts the umask.
        guard fchmod(descriptor, 0o660) == 0, bindSocket(descriptor, address) == 0, chmod(path, 0o660) == 0,
            listen(descriptor, backlog) == 0
        else {
            let error = FastCGIError.lastCall("bind \(path)")
            _ = close(descriptor)
            throw error
        }
        return Listener(descriptor: descriptor, path: path)
    }

    /// The path of the socket, whoever made it; nil if it has none.
    package var boundPath: String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0 else { return nil }
        let path = withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return path.isEmpty ? nil : path
    }

    /// Takes the socket's name away, so that nobody finds it any more; who has connected already is still accepted.
    package func unpublish() {
        if let path { unlink(path) }
    }

    /// Connects to whoever listens on a path.
    static func connected(to path: String) throws(FastCGIError) -> Int32 {
        let address = try address(of: path)
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw .lastCall("socket") }
        guard connectSocket(connection, address) == 0 else {
            let error = FastCGIError.lastCall("connect to \(path)")
            _ = close(connection)
            throw error
        }
        return connection
    }

    private static func removeStaleSocket(at path: String, _ address: sockaddr_un) throws(FastCGIError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .lastCall("lstat \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let probe = streamSocket()
        guard probe >= 0 else { throw .lastCall("socket") }
        defer { _ = close(probe) }
        // ECONNREFUSED is the one answer that says that nobody listens; EAGAIN says that the backlog is full.
        if connectSocket(probe, address) == 0 || errno != ECONNREFUSED { throw .socketInUse(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .lastCall("unlink \(path)") }
    }

    private static func streamSocket() -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        return socket(AF_UNIX, type, 0)
    }

    private static func address(of path: String) throws(FastCGIError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .pathTooLong(path: path) }
        return address
    }

    private static func bindSocket(_ descriptor: Int32, _ address: sockaddr_un) -> Int32 {
        withGenericAddress(address) { bind(descriptor, $0, $1) }
    }

    private static func connectSocket(_ descriptor: Int32, _ address: sockaddr_un) -> Int32 {
        withGenericAddress(address) { connect(descriptor, $0, $1) }
    }

    private static func withGenericAddress(
        _ address: sockaddr_un,
        _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                call(generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func option(_ descriptor: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
