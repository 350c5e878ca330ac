//  Who watches the server learns how it is; who reloads it loses no request; the service manager hears of both.

import FastCGI
import Foundation
import Glibc
import JSON
import Synchronization
import Testing

@Suite struct MonitorTests {
    @Test func theStatusSaysWhetherTheServerIsReadyAndWhyNot() throws {
        let server = try RunningServer()
        try server.start()
        let ready = try server.client.send("GET", "/status")
        #expect(ready.status == 200)
        #expect(
            String(decoding: ready.body, as: UTF8.self)
                == #"{"status":"ready","checks":{"store":"ok","disk":"ok","outbox":"ok","clock":"ok"}}"# + "\n"
        )
        server.stop()
        // Nobody has that much room.
        try server.start(environment: ["JACKFIELD_STATUS_FREE_MEGABYTES": "1048576"])
        let short = try server.client.send("GET", "/status")
        #expect(short.status == 503)
        let json = try JSON(parsing: short.body)
        #expect(json["status"]?.string == "not ready")
        #expect(json["checks"]?["disk"]?.string?.contains("less than 1048576 MB") == true)
        #expect(json["checks"]?["store"]?.string == "ok")
    }

    @Test func aConsumerThatFailsIsSeen() throws {
        let server = try RunningServer()
        let events = server.folder + "/events"
        try server.start(["--events", events])
        _ = try server.logIn().send("PUT", "/menus", ["name": "m"])
        // Nobody listens on that port.
        let relay = try Program.launch(
            ["relay", "--events", events, "--amqp", "amqp://127.0.0.1:1"],
            [:],
            errors: FileHandle(forWritingTo: URL(filePath: "/dev/null"))
        )
        defer {
            relay.terminate()
            relay.waitUntilExit()
        }
        var lines: [String: Int] = [:]
        let ends = ContinuousClock.now + .seconds(30)
        while lines[#"jackfield_outbox_failures_total{consumer="amqp"}"#] ?? 0 == 0, ContinuousClock.now < ends {
            let text = String(decoding: try server.client.send("GET", "/metrics").body, as: UTF8.self)
            lines = Dictionary(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.last.flatMap { Int($0) }.map { (String(words[0]), $0) }
                }
            ) { $1 }
        }
        #expect(lines[#"jackfield_outbox_failures_total{consumer="amqp"}"#] ?? 0 > 0)
        #expect(lines[#"jackfield_outbox_lag_events{consumer="amqp"}"#] ?? 0 > 0)
        #expect(lines[#"jackfield_outbox_acknowledged_total{consumer="amqp"}"#] == 0)

        let stats = try Program.run(["stats", "--data", server.data], ["JACKFIELD_EVENTS_SOCKET": events])
        let failures = stats.output.split(separator: "\n").first { $0.hasPrefix("failures.amqp ") }
        #expect(failures.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0 > 0, "\(stats)")
    }

    @Test func theNumbersAreThoseOfWhatHappened() throws {
        let server = try RunningServer()
        try server.start()
        let session = try server.logIn()
        for index in 0..<3 {
            _ = try session.send("PUT", "/menus", ["name": .string("m\(index)")])
        }
        _ = try session.send("GET", "/menus/nobody")
        let wrong: JSON = ["data": ["account_name": "demo", "username": "admin", "password": "a guess of mine"]]
        _ = try server.client.send("PUT", "/v2/user_auth", ["HTTPS": "on"], body: wrong.bytes())
        let answer = try server.client.send("GET", "/metrics")
        let text = String(decoding: answer.body, as: UTF8.self)
        let lines = Set(text.split(separator: "\n").map(String.init))
        for line in [
            "# TYPE jackfield_requests_total counter", "# TYPE jackfield_request_seconds histogram",
            #"jackfield_requests_total{endpoint="accounts.menus",verb="PUT",status="201"} 3"#,
            #"jackfield_requests_total{endpoint="accounts.menus",verb="GET",status="404"} 1"#,
            #"jackfield_request_seconds_bucket{endpoint="accounts.menus",verb="PUT",le="+Inf"} 3"#,
            #"jackfield_request_seconds_count{endpoint="accounts.menus",verb="PUT"} 3"#,
            #"jackfield_logins_total{result="accepted"} 1"#, #"jackfield_logins_total{result="refused"} 1"#,
            "jackfield_store_read_only 0",
        ] { #expect(lines.contains(line), "\(line)") }
        for name in ["store_commits_total", "store_syncs_total", "store_database_bytes", "disk_free_bytes"] {
            let line = lines.first { $0.hasPrefix("jackfield_\(name) ") }
            #expect(line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0 > 0, "\(name)")
        }
        for secret in [session.token, session.account, "a guess", "a password", "admin"] {
            #expect(!text.contains(secret))
        }
    }

    @Test func aSlowRequestIsLoggedWithItsSteps() throws {
        let server = try RunningServer()
        try server.start(environment: ["JACKFIELD_LOG_SLOW_MILLISECONDS": "1", "JACKFIELD_LOG_LEVEL": "warning"])
        _ = try server.logIn()
        let lines = try server.log.split(separator: "\n").compactMap { try? JSON(parsing: Array($0.utf8)) }
        let slow = try #require(lines.first { $0["endpoint"]?.string == "user_auth" })
        #expect(slow["message"]?.string == "slow request")
        let steps = ["read", "authenticate", "authorise", "handle"].map { slow["\($0)_microseconds"]?.int ?? -1 }
        #expect(steps.allSatisfy { $0 >= 0 }, "\(slow)")
        #expect(steps.reduce(0, +) <= slow["microseconds"]?.int ?? 0)
        #expect(!lines.contains { $0["level"]?.string == "info" })
    }

    @Test func aReloadChangesSettingsAndKeysAndFailsNoRequest() throws {
        let server = try RunningServer()
        let file = server.folder + "/settings.json"
        func set(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file)) }
        try set("{}")
        try server.start(["--config", file])
        let session = try server.logIn()
        let failures = Mutex<[String]>([])
        let isOver = Mutex(false)
        let group = DispatchGroup()
        for _ in 0..<4 {
            group.enter()
            Thread {
                while !isOver.withLock({ $0 }) {
                    do {
                        let status = try session.send("GET", "/users").status
                        if status != 200 { failures.withLock { $0.append("\(status)") } }
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
                group.leave()
            }.start()
        }
        try set(#"{"plugins": {"disabled": ["menus"]}}"#)
        #expect(try Program.run(["keys", "rotate", "--data", server.data], [:]).status == 0)
        try server.reload()
        #expect(try session.send("GET", "/menus").status == 404)
        // A token of the new key says its name.
        let rotated = try server.logIn()
        #expect(rotated.token.prefix { $0 != "." } != session.token.prefix { $0 != "." })
        // A mistake leaves everything as it was.
        try set(#"{"server": {"workers": 0}}"#)
        try server.reload("the settings stay as they were")
        #expect(try session.send("GET", "/menus").status == 404)
        try set("{}")
        try server.reload()
        #expect(try session.send("GET", "/menus").status == 200)
        isOver.withLock { $0 = true }
        group.wait()
        #expect(failures.withLock { $0 } == [])
    }

    @Test func theServiceManagerIsToldAndTheWatchdogIsFed() throws {
        let server = try RunningServer()
        let path = server.folder + "/notify"
        let socket = try DatagramSocket(path)
        try server.start(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"])
        #expect(socket.next() == "READY=1")
        for _ in 0..<3 { #expect(socket.next() == "WATCHDOG=1") }
        // One that hangs says nothing; the manager would end it.
        let process = try #require(server.process)
        kill(process.processIdentifier, SIGSTOP)
        while socket.next(milliseconds: 1_000) != nil {}
        kill(process.processIdentifier, SIGCONT)
        #expect(socket.next() == "WATCHDOG=1")
        kill(process.processIdentifier, SIGHUP)
        var said: [String] = []
        while said.count < 20, let text = socket.next(), text != "READY=1" { said.append(text) }
        #expect(said.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        process.terminate()
        while let text = socket.next(milliseconds: 5_000), text != "STOPPING=1" { #expect(text == "WATCHDOG=1") }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}

/// What the service manager hears with.
private final class DatagramSocket {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    /// The next datagram; nil if none comes.
    func next(milliseconds: Int32 = 20_000) -> String? {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, milliseconds) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
