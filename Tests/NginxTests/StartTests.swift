//  The first commands that anybody runs: start and stop.

import Foundation
import Glibc
import Testing

@Suite struct StartTests {
    @Test func theFirstStartSaysHowToLogInAndLaterOnesKeepThePassword() throws {
        let stack = try Stack()
        defer { stack.remove() }
        let first = try stack.start()
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("account demo, user admin, password generated-secret"))
        // md5 of `admin:generated-secret`.
        #expect(first.output.contains(#""credentials":"65bf21b4cea79015f0882d54229ef30f""#))
        #expect(try stack.stop().output.hasPrefix("Stopped."))
        let second = try stack.start(["--account", "other", "--username", "other"])
        #expect(second.status == 0, "\(second.errors)")
        #expect(!second.output.contains("generated-secret"))
        #expect(second.output.contains("Log in to account demo as admin"))
    }

    @Test(arguments: [["--password", "s3cret pass"], []])
    func aChosenPasswordIsSeenByNobody(option: [String]) throws {
        let stack = try Stack()
        defer { stack.remove() }
        let environment = option.isEmpty ? ["JACKFIELD_PASSWORD": "s3cret pass"] : [:]
        let outcome = try stack.start(
            ["--account", "Acme Ltd", "--username", "Boss"] + option,
            environment: environment
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("account Acme Ltd, user Boss, password s3cret pass"))
        for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
            for file in ["cmdline", "environ"] {
                let bytes = FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data()
                let text = String(decoding: bytes, as: UTF8.self)
                if text.contains(stack.data.path) { #expect(!text.contains("s3cret")) }
            }
        }
    }

    @Test func twoRunSideBySide() throws {
        let stacks = [try Stack(), try Stack()]
        defer { for stack in stacks { stack.remove() } }
        for stack in stacks { #expect(try stack.start().status == 0) }
        for stack in stacks {
            let wire = try Wire(port: stack.port)
            wire.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(wire.response().text == "GET /x")
        }
    }

    @Test func theSameDataIsServedOnce() throws {
        let stack = try Stack()
        defer { stack.remove() }
        #expect(try stack.start().status == 0)
        let again = try stack.start(["--port", "\(try FreePort.next())", "--tls-port", "\(try FreePort.next())"])
        #expect(again.status == 1)
        #expect(again.errors.contains("already runs on"))
        #expect(again.errors.split(separator: "\n").count == 1)
        #expect(try Wire(port: stack.port).isOpen)
    }

    @Test func aTakenPortIsSaidAndNothingIsStarted() throws {
        let (first, second) = (try Stack(), try Stack())
        defer { for stack in [first, second] { stack.remove() } }
        #expect(try first.start().status == 0)
        let outcome = try second.start(["--tls-port", "\(first.port)"])
        #expect(outcome.status == 1)
        #expect(outcome.errors == "start: port \(first.port) is taken; choose another with --port or --tls-port.\n")
        #expect(try second.stop().output.hasPrefix("Nothing was running"))
    }

    /// Options that cannot be, and a part of the sentence that says so.
    static let mistakes: [(options: [String], sentence: String)] = [
        (["--nonsense"], "unknown option --nonsense"),
        (["--port"], "--port needs a value"),
        (["--port", "70000"], "70000 is not a port"),
        (["--port", "x"], "x is not a port"),
        (["--data", "/dev/null/x"], "cannot write to /dev/null/x"),
        (["--data", "/tmp/" + String(repeating: "a", count: 90)], "too long for a socket"),
        (["--data", "/tmp/jackfield-$x"], "nginx cannot use the path"),
        (["--binary", "/nowhere"], "/nowhere is not a program"),
        (["--binary", "/bin/false"], "the data directory cannot be initialised"),
        (["--account", "a\"b"], "choose another"),
        (["--listen", "example.com"], "is not an address"),
        (["--workers", "0"], "is not a number of workers"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneSentenceAndNothingIsStarted(options: [String], sentence: String) throws {
        let stack = try Stack()
        defer {
            stack.remove()
            for path in options where path.hasPrefix("/tmp/") { try? FileManager.default.removeItem(atPath: path) }
        }
        let outcome = try stack.start(options)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(sentence))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(throws: (any Error).self) { try Wire(port: stack.port) }
    }

    @Test func aDaemonThatEndsAtOnceIsSaidAndNothingIsLeftRunning() throws {
        let stack = try Stack()
        defer { stack.remove() }
        let outcome = try Script.run("start", stack.options + ["--binary", "/bin/true", "--detach"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("jackfield ended"))
        #expect(throws: (any Error).self) { try Wire(port: stack.port) }
        #expect(try stack.start().status == 0)
    }

    @Test func aForegroundStartThatIsEndedStopsEverything() throws {
        let stack = try Stack()
        defer { stack.remove() }
        let script = try stack.startInForeground()
        #expect(try Wire(port: stack.port).isOpen)
        script.terminate()
        let outcome = try script.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasSuffix("Stopped.\n"))
        #expect(throws: (any Error).self) { try Wire(port: stack.port) }
        #expect(try stack.start().status == 0)
    }

    @Test(arguments: ["jackfield", "nginx"])
    func aForegroundStartSaysWhichOfTheTwoEndedByItself(name: String) throws {
        let stack = try Stack()
        defer { stack.remove() }
        let script = try stack.startInForeground()
        let process = try #require(Int32(stack.read("run/\(name).pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(process, name == "nginx" ? SIGTERM : SIGKILL)
        let outcome = try script.outcome()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(name) ended by itself"))
        #expect(throws: (any Error).self) { try Wire(port: stack.port) }
        #expect(try stack.start().status == 0)
    }

    @Test func filesAreForTheirOwnerAlone() throws {
        let stack = try Stack()
        defer { stack.remove() }
        #expect(try stack.start().status == 0)
        for (path, mode) in [
            ("", getuid() == 0 ? 0o710 : 0o700), ("nginx/tls/key.pem", 0o600), ("run/jackfield.sock", 0o660),
        ] {
            let attributes = try FileManager.default.attributesOfItem(atPath: stack.data.appending(path: path).path)
            #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
        }
    }
}
