//  The server as a process of its own, without a front end.

import FastCGI
import Foundation
import Glibc
import JSON
import Testing

/// A data directory, and the process that serves it.
final class RunningServer {
    let folder: String
    var data: String { folder + "/data" }
    private var socket: String { folder + "/socket" }
    private(set) var process: Process?

    /// Makes a data directory with the first documents.
    ///
    /// - Parameter preparing: what to do with the directory before.
    init(preparing: (String) throws -> Void = { _ in }) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try preparing(data)
        let outcome = try Program.run(["init", "--no-demo", "--data", data], ["JACKFIELD_PASSWORD": "a password"])
        guard outcome.status == 0 else { throw Surprise("init: \(outcome)") }
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts to serve; returns when it listens.
    func start(_ arguments: [String] = [], environment: [String: String] = [:]) throws {
        FileManager.default.createFile(atPath: logPath, contents: nil)
        process = try Program.launch(
            ["serve", "--data", data, "--socket", socket] + arguments,
            environment,
            errors: try FileHandle(forWritingTo: URL(filePath: logPath))
        )
        let ends = ContinuousClock.now + .seconds(60)
        while (try? client.send("GET", "/v2")) == nil {
            guard process?.isRunning == true, ContinuousClock.now < ends else {
                throw Surprise((try? log) ?? "")
            }
            // Leaves the processor to the server, a thousand times a second.
            usleep(1_000)
        }
    }

    private var logPath: String { folder + "/log" }

    /// What it has written on standard error since it was started.
    var log: String { get throws { try String(contentsOfFile: logPath, encoding: .utf8) } }

    /// Tells it to reload; returns when it has logged that it did, or something else.
    func reload(_ message: String = "reloaded the settings and the keys") throws {
        let before = try log.count
        let process = try #require(process)
        kill(process.processIdentifier, SIGHUP)
        let ends = ContinuousClock.now + .seconds(60)
        while try !log.dropFirst(before).contains(message) {
            guard ContinuousClock.now < ends else { throw Surprise(try log) }
            sched_yield()
        }
    }

    /// Ends it as nothing else does, and waits for its end.
    func kill9() {
        guard let process else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func stop() {
        process?.terminate()
        process?.waitUntilExit()
    }

    var client: FastCGIClient { FastCGIClient(path: socket) }

    /// Tries to log a user in.
    func attemptLogIn(
        _ username: String = "admin",
        _ password: String = "a password",
        code: String? = nil
    ) throws -> (status: Int, json: JSON) {
        var data: JSONObject = [
            "account_name": "demo", "username": .string(username), "password": .string(password),
        ]
        data["multi_factor_response"] = code.map { .string($0) }
        let body = JSON.object(["data": .object(data)]).bytes()
        let answer = try client.send("PUT", "/v2/user_auth", ["HTTPS": "on"], body: body)
        return (answer.status, (try? JSON(parsing: answer.body)) ?? .null)
    }

    /// Logs a user in; the first one, unless it is said who.
    func logIn(_ username: String = "admin", _ password: String = "a password") throws -> Session {
        let answer = try attemptLogIn(username, password)
        guard let token = answer.json["auth_token"]?.string, let account = answer.json["data"]?["account_id"]?.string
        else { throw Surprise("\(answer)") }
        return Session(client: client, token: token, account: account)
    }
}

/// A client with a token.
struct Session: Sendable {
    let client: FastCGIClient
    let token: String
    let account: String

    func send(
        _ method: String,
        _ path: String,
        _ data: JSON? = nil,
        fields: [String: String] = [:]
    ) throws -> (status: Int, json: JSON) {
        let body = data.map { JSON.object(["data": $0]).bytes() } ?? []
        let answer = try client.send(
            method,
            "/v2/accounts/\(account)\(path)",
            ["HTTP_X_AUTH_TOKEN": token].merging(fields) { $1 },
            body: body
        )
        return (answer.status, (try? JSON(parsing: answer.body)) ?? .null)
    }
}

/// What a test cannot go on with.
struct Surprise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The program that was built together with these tests, or the one that the environment names.
enum Program {
    private static func url() throws -> URL {
        if let named = ProcessInfo.processInfo.environment["JACKFIELD_BINARY"] { return URL(filePath: named) }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "jackfield")
    }

    static func launch(
        _ arguments: [String],
        _ environment: [String: String],
        input: FileHandle = .nullDevice,
        output: FileHandle = .nullDevice,
        errors: FileHandle
    ) throws -> Process {
        let process = Process()
        process.executableURL = try url()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("JACKFIELD_") }
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return process
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String],
        _ environment: [String: String],
        input: String = ""
    ) throws -> (status: Int32, output: String, errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["output", "errors", "input"].map { folder.appending(path: $0) }
        for file in files { FileManager.default.createFile(atPath: file.path, contents: nil) }
        try Data(input.utf8).write(to: files[2])
        let process = try launch(
            arguments,
            environment,
            input: try FileHandle(forReadingFrom: files[2]),
            output: try FileHandle(forWritingTo: files[0]),
            errors: try FileHandle(forWritingTo: files[1])
        )
        process.waitUntilExit()
        let texts = try files.prefix(2).map { try String(contentsOf: $0, encoding: .utf8) }
        return (process.terminationStatus, texts[0], texts[1])
    }
}
