//  Where the listening socket comes from.

import Glibc
import TestFrontEnd
import Testing

@testable import FastCGI

@Suite struct ListenerTests {
    @Test func aBoundSocketIsForItsOwnerAndGroup() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        let listener = try Listener.bound(to: path)
        defer { close(listener.descriptor) }
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode == S_IFSOCK | 0o660)
    }

    @Test func aSocketThatNobodyListensOnIsReplaced() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        close(try Listener.bound(to: path).descriptor)
        let listener = try Listener.bound(to: path)
        defer { close(listener.descriptor) }
        _ = try FrontEnd(path)
    }

    @Test func aSocketThatIsInUseIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        let listener = try Listener.bound(to: path)
        defer { close(listener.descriptor) }
        #expect(throws: FastCGIError.socketInUse(path: path)) { try Listener.bound(to: path) }
        _ = try FrontEnd(path)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: FastCGIError.notASocket(path: path)) { try Listener.bound(to: path) }
        #expect(access(path, F_OK) == 0)
    }

    @Test func aPathThatIsTooLongIsRefused() {
        let path = "/tmp/" + String(repeating: "a", count: 103)
        #expect(throws: FastCGIError.pathTooLong(path: path)) { try Listener.bound(to: path) }
    }

    @Test func aMissingDirectoryIsSaid() {
        #expect(throws: FastCGIError.io(errno: ENOENT, operation: "bind /nowhere/at/all")) {
            try Listener.bound(to: "/nowhere/at/all")
        }
    }

    /// One test, because the environment belongs to the whole process.
    @Test func aSocketIsInheritedOnlyByTheProcessThatItWasPassedTo() throws {
        let directory = try TemporaryDirectory()
        let passed = try Listener.bound(to: directory.path + "/socket").descriptor
        defer { close(passed) }
        let own = String(getpid())
        let refused: [(process: String?, count: String?, descriptor: Int32)] = [
            (nil, nil, passed), (own, nil, passed), (nil, "1", passed), ("1", "1", passed), (own, "2", passed),
            (own, "1", STDERR_FILENO), (own, "1", 9_999),
        ]
        for row in refused {
            announce(row.process, row.count)
            #expect(throws: FastCGIError.self) { try Listener.inherited(first: row.descriptor) }
            #expect(getenv("LISTEN_PID") == nil)
        }
        announce(own, "1")
        let listener = try Listener.inherited(first: passed)
        #expect(listener.descriptor == passed)
        #expect(listener.path == nil)
        #expect(getenv("LISTEN_PID") == nil)
        #expect(getenv("LISTEN_FDS") == nil)
        #expect(fcntl(passed, F_GETFD) & FD_CLOEXEC != 0)
    }

    private func announce(_ process: String?, _ count: String?) {
        for (name, value) in [("LISTEN_PID", process), ("LISTEN_FDS", count)] {
            if let value { setenv(name, value, 1) } else { unsetenv(name) }
        }
    }
}
