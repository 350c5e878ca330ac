//  nginx with the stand-in behind it, started and ended by the project's own scripts.

import Foundation
import Glibc
import Testing

/// What a command left behind.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String
}

/// The scripts of the folder `nginx`, run as a person runs them.
enum Script {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../nginx").standardized
    /// The build puts the package's programs beside its tests.
    static let echo = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "EchoResponder").path

    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        try Running(name, arguments, environment: environment).outcome()
    }

    /// A script that has not ended yet.
    final class Running {
        private let process = Process()
        private let captured: (output: Capture, errors: Capture)

        init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
            captured = (try Capture(), try Capture())
            process.executableURL = folder.appending(path: name)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = captured.output.file
            process.standardError = captured.errors.file
            process.standardInput = FileHandle.nullDevice
            // The threads of the test runner block signals, and a child would never hear them.
            var (none, before) = (sigset_t(), sigset_t())
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, &before)
            defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
            try process.run()
        }

        /// Waits until it has printed a text; false if it ended without it.
        func prints(_ text: String) throws -> Bool {
            while process.isRunning {
                if try captured.output.text().contains(text) { return true }
                sched_yield()
            }
            return try captured.output.text().contains(text)
        }

        /// Asks it to end, as a service manager does.
        func terminate() { process.terminate() }

        /// Waits for its end.
        func outcome() throws -> Outcome {
            process.waitUntilExit()
            defer {
                captured.output.remove()
                captured.errors.remove()
            }
            return Outcome(
                status: process.terminationStatus,
                output: try captured.output.text(),
                errors: try captured.errors.text()
            )
        }
    }

    /// A file and not a pipe: what a script leaves running would keep a pipe open.
    private struct Capture {
        let url = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)")
        let file: FileHandle

        init() throws {
            FileManager.default.createFile(atPath: url.path, contents: nil)
            file = try FileHandle(forWritingTo: url)
        }

        func text() throws -> String { try String(contentsOf: url, encoding: .utf8) }
        func remove() { try? FileManager.default.removeItem(at: url) }
    }
}

/// A running try-out on free ports.
final class Stack: Sendable {
    let data: URL
    let port: Int
    let tlsPort: Int

    /// The stack of the suite that is running.
    @TaskLocal static var current: Stack?

    init() throws {
        data = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)")
        (port, tlsPort) = (try FreePort.next(), try FreePort.next())
    }

    var options: [String] { ["--data", data.path, "--port", "\(port)", "--tls-port", "\(tlsPort)"] }

    /// Starts it in the foreground, and returns when it serves.
    func startInForeground() throws -> Script.Running {
        let script = try Script.Running("start", options + ["--binary", Script.echo])
        try #require(try script.prints("Ctrl-C ends it."))
        return script
    }

    func start(_ more: [String] = [], environment: [String: String] = [:]) throws -> Outcome {
        try Script.run("start", options + ["--binary", Script.echo, "--detach"] + more, environment: environment)
    }

    @discardableResult
    func stop() throws -> Outcome {
        try Script.run("stop", ["--data", data.path])
    }

    func remove() {
        _ = try? stop()
        try? FileManager.default.removeItem(at: data)
    }

    func read(_ path: String) -> String {
        (try? String(contentsOf: data.appending(path: path), encoding: .utf8)) ?? ""
    }
}

/// Runs a suite's tests on one stack.
struct OnOneStack: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing body: () async throws -> Void) async throws {
        let stack = try Stack()
        defer { stack.remove() }
        let outcome = try stack.start()
        try #require(outcome.status == 0, "\(outcome.errors)")
        try await Stack.$current.withValue(stack) { try await body() }
    }
}
