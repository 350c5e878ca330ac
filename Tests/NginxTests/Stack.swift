//  nginx with the stand-in behind it, started and ended by the project's own scripts.

import Foundation
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
        let process = Process()
        process.executableURL = folder.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, errors) = (try Capture(), try Capture())
        process.standardOutput = output.file
        process.standardError = errors.file
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: try output.text(), errors: try errors.text())
    }

    /// A file and not a pipe: what a script leaves running would keep a pipe open.
    private struct Capture {
        let url = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)")
        let file: FileHandle

        init() throws {
            FileManager.default.createFile(atPath: url.path, contents: nil)
            file = try FileHandle(forWritingTo: url)
        }

        func text() throws -> String {
            defer { try? FileManager.default.removeItem(at: url) }
            return try String(contentsOf: url, encoding: .utf8)
        }
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
