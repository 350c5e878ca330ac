//  The server as a process of its own, without a front end.

import FastCGI
import Foundation
import Glibc
import JSON

/// A data directory, and the process that serves it.
final class RunningServer {
    let folder: String
    var data: String { folder + "/data" }
    private var socket: String { folder + "/socket" }
    private let wrapper: [String]
    private(set) var process: Process?

    /// The program that was built together with these tests stands beside them.
    private static func program() throws -> String {
        if let named = ProcessInfo.processInfo.environment["JACKFIELD_BINARY"] { return named }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: "jackfield").path
    }

    /// Makes a data directory with the first documents.
    ///
    /// - Parameter wrapper: a command that runs the command behind it, if the server needs one.
    init(wrapper: [String] = [], preparing: (String) throws -> Void = { _ in }) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString)").path
        self.wrapper = wrapper
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try preparing(data)
        let initialisation = try launch(["init", "--no-demo", "--data", data])
        initialisation.waitUntilExit()
        guard initialisation.terminationStatus == 0 else { throw Surprise("init failed") }
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func launch(_ arguments: [String]) throws -> Process {
        let words = wrapper + [try Self.program()] + arguments
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging([
            "JACKFIELD_PASSWORD": "a password", "SWIFT_BACKTRACE": "enable=no",
        ]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        FileManager.default.createFile(atPath: folder + "/log", contents: nil)
        process.standardError = try FileHandle(forWritingTo: URL(filePath: folder + "/log"))
        try process.run()
        return process
    }

    /// Starts to serve; returns when it listens.
    func start(_ arguments: [String] = []) throws {
        process = try launch(["serve", "--data", data, "--socket", socket] + arguments)
        let ends = ContinuousClock.now + .seconds(60)
        while (try? client.send("GET", "/v2")) == nil {
            guard process?.isRunning == true, ContinuousClock.now < ends else {
                throw Surprise((try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "")
            }
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

    /// Logs the first user in.
    func logIn() throws -> Session {
        let body: JSON = ["data": ["account_name": "demo", "username": "admin", "password": "a password"]]
        let answer = try client.send("PUT", "/v2/user_auth", ["HTTPS": "on"], body: body.bytes())
        let json = try? JSON(parsing: answer.body)
        guard let token = json?["auth_token"]?.string, let account = json?["data"]?["account_id"]?.string else {
            throw Surprise(String(decoding: answer.body, as: UTF8.self))
        }
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
