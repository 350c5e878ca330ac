//  A server on a socket of its own, for as long as a test needs it.

import Glibc
import HTTPMessage
import HTTPTypes
import Logging
import Synchronization
import TestFrontEnd

@testable import FastCGI

/// A running server. `stop` drains it.
final class RunningServer {
    let path: String
    let server: FastCGIServer
    private let thread: WorkerThread
    private let directory: TemporaryDirectory

    init(_ settings: FastCGIServer.Settings = .init(), _ handler: @escaping FastCGIServer.Handler) throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/socket"
        let server = try FastCGIServer(
            listener: try Listener.bound(to: path),
            settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            handler: handler
        )
        self.server = server
        thread = try WorkerThread(name: "server") { try? server.run() }
    }

    /// Drains the server, waits until it has ended, and returns how long that took.
    @discardableResult
    func stop() -> Duration {
        ContinuousClock().measure {
            server.drain()
            thread.join()
        }
    }

    func connect() throws -> FrontEnd { try FrontEnd(path) }
}

/// A directory that is removed with everything in it.
final class TemporaryDirectory {
    let path: String

    struct Failure: Error {
        let errno: Int32
    }

    init() throws {
        var template = Array("/tmp/jackfield-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    deinit {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                unlink(path + "/" + name)
            }
            closedir(stream)
        }
        rmdir(path)
    }
}

/// A door that threads wait at until it is opened.
final class Gate: Sendable {
    private let counter: EventCounter

    init() throws { counter = try EventCounter() }
    deinit { counter.close() }

    func open() { counter.raise() }
    func wait() { counter.wait() }
}

extension Response {
    static func text(_ text: String) -> Response {
        Response(status: .ok, fields: [.contentType: "text/plain"], body: .bytes(Array(text.utf8)))
    }
}
