//  A server in process with an events socket, and what tests of delivery need around it.

import DocumentStore
import Events
import FastCGI
import Foundation
import Glibc
import JSON
import PluginKit
import Plugins
import SQLiteStore
import Synchronization
import TestServer
import Testing

/// A directory that disappears with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "jackfield-events-" + String(DocumentID.random().text.prefix(12))
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A server whose events can be read from a socket.
final class EventsFixture: Sendable {
    let server: TestServer
    let tenant: TestServer.Tenant
    let directory: TemporaryDirectory
    let socket: String
    let events: EventServer
    private let hasEnded = DispatchSemaphore(value: 0)

    /// - Parameter admits: whether connections are heard.
    init(admits: Bool = true) throws {
        (server, tenant) = try TestServer.withTenant()
        directory = try TemporaryDirectory()
        socket = directory.path + "/events"
        let listener = try Listener.bound(to: socket)
        events = EventServer(listener: listener.descriptor, outbox: server.store, desk: TestDesk(server: server)) { _ in
            admits
        }
        let (events, hasEnded) = (events, hasEnded)
        Thread {
            events.run()
            close(listener.descriptor)
            hasEnded.signal()
        }.start()
    }

    deinit {
        events.stop()
        hasEnded.wait()
    }

    func client() throws -> EventClient { try EventClient(socket, stop: Stop()) }

    /// Runs `body` while a relay delivers.
    func withRelay<Value>(
        broker: Broker? = nil,
        webhooks: WebhookSettings? = nil,
        reload: String? = nil,
        _ body: () throws -> Value
    ) throws -> Value {
        let stop = Stop()
        let hasEnded = DispatchSemaphore(value: 0)
        let relay = Relay(
            Relay.Settings(socket: socket, broker: broker, webhooks: webhooks, reload: reload),
            stop: stop,
            clock: { TestServer.start }
        ) { _ in }
        Thread {
            relay.run()
            hasEnded.signal()
        }.start()
        defer {
            stop.raise()
            hasEnded.wait()
        }
        return try body()
    }

    func path(_ steps: String...) -> String { "/v2/accounts/\(tenant.account)/" + steps.joined(separator: "/") }

    /// Creates a document and returns its id.
    func create(_ name: String, _ data: JSON) throws -> String {
        try server.put(path(name), data, tenant.adminToken).id
    }

    func makeUser(_ name: String = "User") throws -> String {
        try create("users", ["first_name": "Test", "last_name": .string(name)])
    }

    /// Makes one real change of a user.
    func edit(_ user: String, _ value: Int) throws {
        let note: JSON = ["x_note": .number(JSONNumber(value))]
        let answer = try server.send("PATCH", path("users", user), note, tenant.adminToken)
        guard answer.status == 200 else { throw Surprise("\(answer.json)") }
    }

    func lastSequence() throws -> Int64 { try server.store.lastSequence() }
}

/// What the application's desk does, over the test's server.
private struct TestDesk: RelayDesk {
    unowned let server: TestServer

    func holdsBack(_ consumer: String) -> Bool {
        consumer == "reload" && (try? server.kit.liveReload.isOn()) == false
    }

    func ancestors(of account: String) -> [String] { (try? server.kit.directory.ancestors(of: account)) ?? [] }

    func hooks() throws -> [JSON] { try WebhookDesk(server.kit).hooks(now: TestServer.start) }

    func record(_ attempts: [JSON]) throws { try WebhookDesk(server.kit).record(attempts, now: TestServer.start) }
}

/// Waits until something holds.
func eventually(
    within seconds: Int = 30,
    _ what: String,
    _ condition: () throws -> Bool
) throws {
    let ends = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < ends else { throw Surprise("not within \(seconds) seconds: \(what)") }
        _ = poll(nil, 0, 2)
    }
}

/// Runs `body` on as many threads as `count`, and returns when all have ended.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let group = DispatchGroup()
    let failures = Mutex<[String]>([])
    for index in 0..<count {
        group.enter()
        Thread {
            do {
                try body(index)
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
            group.leave()
        }.start()
    }
    group.wait()
    if let failure = failures.withLock({ $0.first }) { throw Surprise(failure) }
}

/// A port of the loopback interface that nobody listens on.
func freePort() throws -> Int {
    let (listener, port) = try listenOnLoopback()
    close(listener)
    return port
}

func listenOnLoopback() throws -> (descriptor: Int32, port: Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(listener, address, size) == 0 && listen(listener, 128) == 0
                && getsockname(listener, address, &size) == 0
        }
    }
    guard isBound else { throw Surprise("there is no free port") }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
}

/// A program that runs beside the test, in a process group of its own.
final class Child: Sendable {
    let process: pid_t

    /// Starts a program; what it says goes to `log`.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

        let inherited = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = inherited.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process = pid_t()
        let failure = posix_spawn(&process, program, &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw Surprise("\(program): \(String(cString: strerror(failure)))") }
        self.process = process
    }

    /// Ends the program and all that it has started, and waits for it.
    func end(by signal: Int32 = SIGKILL) {
        kill(-process, signal)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Waits until it ends by itself; returns its status.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// The server that was built together with these tests: it stands beside them.
    static func jackfield() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "jackfield").path
    }
}
