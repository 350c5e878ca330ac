//  The real thing: nginx in front of the server, started by the script that everybody uses.

import Crypto
import Foundation
import Glibc
import JSON
import Synchronization
import Testing

/// One running stack with a data directory of its own.
final class Stack: Sendable {
    static let accountName = "endtoend"
    static let username = "admin"
    static let password = "a password that is found nowhere else"

    /// The stack that the tests of the suite share.
    @TaskLocal static var shared: Stack?

    static var current: Stack {
        get throws { try #require(shared, "the suite has no stack") }
    }

    /// Everything that the stack keeps.
    let data: String
    private let ports: (http: Int, https: Int)
    /// The server; nil for the one that was built together with these tests, or that the environment names.
    private let binary: String?
    private let sessions = Mutex<[Scheme: Session]>([:])

    /// Starts a stack on a new data directory.
    convenience init(binary: String? = nil) throws {
        let data = FileManager.default.temporaryDirectory.appending(path: uniqueName("jackfield-"))
        try self.init(data: data.path, ports: (try freePort(), try freePort()), binary: binary)
        try start()
    }

    /// Names a stack that does not run yet.
    init(data: String, ports: (http: Int, https: Int), binary: String? = nil) throws {
        self.data = data
        self.ports = ports
        self.binary = binary
    }

    /// Runs `body` with a stack of its own, for tests that harm it; nothing is left of it.
    static func withOwn(_ body: (Stack) throws -> Void) throws {
        let stack = try Stack()
        defer { stack.discard() }
        try body(stack)
    }

    /// Starts it; returns when it answers.
    func start() throws {
        let outcome = try attemptStart()
        guard outcome.status == 0 else { throw Surprise("nginx/start: \(outcome)") }
    }

    /// Calls the script and says what came of it.
    func attemptStart() throws -> Outcome {
        StacksToStop.add(data)
        var arguments = [
            "--detach", "--data", data, "--port", String(ports.http), "--tls-port", String(ports.https),
            "--account", Self.accountName, "--username", Self.username, "--password", Self.password, "--no-demo",
        ]
        arguments += ["--binary", try binary ?? Self.binary()]
        return try script("start", arguments)
    }

    /// Stops it as an operator does.
    @discardableResult
    func stop() throws -> Outcome {
        try script("stop", ["--data", data])
    }

    /// Stops it if it runs and removes its data.
    func discard() {
        _ = try? stop()
        StacksToStop.remove(data)
        try? FileManager.default.removeItem(atPath: data)
    }

    /// The process of the server; nil if there is none.
    var process: pid_t? {
        guard let text = try? String(contentsOfFile: data + "/run/jackfield.pid", encoding: .utf8) else { return nil }
        return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// How much the server has worked so far, in hundredths of a second.
    var processorTicks: Int {
        get throws {
            let process = try #require(process)
            // From the state, the third field, on: `utime` and `stime` are the fields 14 and 15.
            let fields = try #require(status(of: process), "the server is gone")
            return fields[11...12].reduce(0) { $0 + (Int($1) ?? 0) }
        }
    }

    /// Whether the server runs.
    var isRunning: Bool { process.map { !hasEnded($0) } ?? false }

    /// Ends the server by a signal and waits until it is gone; returns how long that took.
    ///
    /// - Parameter during: runs after the signal was sent.
    @discardableResult
    func end(by signal: Int32, during: () throws -> Void = {}) throws -> Duration {
        let process = try #require(process)
        let began = ContinuousClock.now
        guard kill(process, signal) == 0 else { throw Surprise("there is no process \(process)") }
        try during()
        while !hasEnded(process) {
            guard ContinuousClock.now - began < .seconds(30) else { throw Surprise("\(process) does not end") }
            sched_yield()
        }
        return ContinuousClock.now - began
    }

    /// Stops what is left of it and starts it again on the same data.
    func restart() throws {
        try stop()
        try start()
    }

    func client(_ scheme: Scheme) -> HTTPClient {
        HTTPClient(address: "\(scheme.rawValue)://127.0.0.1:\(scheme == .http ? ports.http : ports.https)")
    }

    /// A session of the first user, made once.
    func session(_ scheme: Scheme) throws -> Session {
        if let session = sessions.withLock({ $0[scheme] }) { return session }
        let session = try logIn(scheme)
        sessions.withLock { $0[scheme] = session }
        return session
    }

    /// Logs in as Crossbar's clients do.
    ///
    /// - Throws: `Surprise` unless the answer is 201.
    func logIn(
        _ scheme: Scheme,
        account: String = accountName,
        username: String = username,
        password: String = password
    ) throws -> Session {
        let credentials = proof(Insecure.MD5.self, username: username, password: password)
        let envelope: JSON = [
            "data": ["credentials": .string(credentials), "method": "md5", "account_name": .string(account)]
        ]
        let client = client(scheme)
        let answer = try client.send(
            "PUT",
            "/v2/user_auth",
            fields: ["Content-Type: application/json"],
            body: envelope.bytes()
        )
        guard
            answer.status == 201,
            let token = answer.json["auth_token"]?.string,
            let home = answer.data["account_id"]?.string,
            let user = answer.data["owner_id"]?.string
        else { throw Surprise(answer) }
        return Session(client: client, token: token, home: home, user: user, account: home)
    }

    private func script(_ name: String, _ arguments: [String]) throws -> Outcome {
        try run(Self.root.appending(path: "nginx/\(name)"), arguments)
    }

    /// The directory with `Package.swift`.
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The server that the environment names, else the one that was built together with these tests.
    static func binary() throws -> String {
        if let named = ProcessInfo.processInfo.environment["JACKFIELD_BINARY"] { return named }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "jackfield").path
    }
}

/// A port of the loopback interface that nobody listens on.
func freePort() throws -> Int {
    try withListener { $0 }
}

/// Runs `body` while somebody listens on a port.
func withListener<Value>(_ body: (_ port: Int) throws -> Value) throws -> Value {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(listener, address, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, address, &size) == 0
        }
    }
    guard isBound else { throw Surprise("there is no free port") }
    return try body(Int(UInt16(bigEndian: address.sin_port)))
}

/// Whether a process is gone, or is only waited for.
private func hasEnded(_ process: pid_t) -> Bool {
    status(of: process)?.first.map { $0 == "Z" } ?? true
}

/// What the kernel says of a process, from its state on; nil if there is none.
private func status(of process: pid_t) -> [Substring]? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return nil }
    // The state stands behind the name, which may hold anything, in brackets.
    return text.split(separator: ")").last?.split(separator: " ")
}

/// Stops what runs still when the tests end in the middle.
private enum StacksToStop {
    private static let directories = Mutex<Set<String>>([])
    private static let registration: Void = {
        atexit {
            for data in StacksToStop.directories.withLock({ $0 }) {
                try? Stack(data: data, ports: (0, 0)).discard()
            }
        }
    }()

    static func add(_ data: String) {
        registration
        _ = directories.withLock { $0.insert(data) }
    }

    static func remove(_ data: String) {
        _ = directories.withLock { $0.remove(data) }
    }
}

/// Starts one stack for all tests of a suite, and stops it when they are done.
struct SharedStack: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let stack = try Stack()
        defer { stack.discard() }
        let process = stack.process
        try await Stack.$shared.withValue(stack) { try await function() }
        // Whatever the tests sent, it was the same server to the end.
        #expect(stack.isRunning && stack.process == process)
    }
}

extension Trait where Self == SharedStack {
    static var sharedStack: Self { SharedStack() }
}

/// What the project promises, seen from outside: over HTTP and HTTPS, through nginx.
@Suite(.sharedStack, .serialized) struct EndToEnd {}
