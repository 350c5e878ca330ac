//  The accept loop over a real socket, with a front end of a few lines.

import Glibc
import HTTPMessage
import HTTPTypes
import Logging
import Synchronization
import TestFrontEnd
import Testing

@testable import FastCGI

@Suite struct FastCGIServerTests {
    @Test func aRequestIsAnsweredWithStatusFieldsAndBody() throws {
        let server = try RunningServer { request in
            Response(
                status: .created,
                fields: [.contentType: "application/json", .eTag: #""1-a""#],
                body: .bytes(request.target)
            )
        }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request("PUT", "/v2//a%2Fb?x=%00"))
        #expect(
            answer.head == """
                Status: 201 Created\r
                Content-Type: application/json\r
                ETag: "1-a"\r
                Content-Length: 16
                """
        )
        #expect(answer.body == "/v2//a%2Fb?x=%00")
        #expect(answer.isComplete)
    }

    @Test func aKeptConnectionCarriesRequestAfterRequest() throws {
        let server = try RunningServer { .text(String(decoding: $0.target, as: UTF8.self)) }
        defer { server.stop() }
        let frontEnd = try server.connect()
        for number in 1...100 {
            #expect(frontEnd.exchange(Records.request("GET", "/\(number)")).body == "/\(number)")
        }
    }

    @Test func aConnectionThatIsNotToBeKeptIsClosed() throws {
        let server = try RunningServer { _ in .text("last") }
        defer { server.stop() }
        let frontEnd = try server.connect()
        #expect(frontEnd.exchange(Records.request(keep: false)).body == "last")
        #expect(frontEnd.isClosed)
    }

    @Test func moreKeptConnectionsThanWorkersStarveNobody() throws {
        let server = try RunningServer { .text(String(decoding: $0.target, as: UTF8.self)) }
        defer { server.stop() }
        let frontEnds = try (0..<200).map { _ in try server.connect() }
        for round in 1...3 {
            for (number, frontEnd) in frontEnds.enumerated() {
                frontEnd.send(Records.request("GET", "/\(round)/\(number)"))
            }
            for (number, frontEnd) in frontEnds.enumerated() {
                #expect(frontEnd.answer().body == "/\(round)/\(number)")
            }
        }
    }

    @Test func silentConnectionsHoldNoWorker() throws {
        var settings = FastCGIServer.Settings()
        settings.workers = 1
        let server = try RunningServer(settings) { _ in .text("served") }
        defer { server.stop() }
        let silent = try (0..<50).map { _ in try server.connect() }
        #expect(try server.connect().exchange(Records.request()).body == "served")
        #expect(silent.count == 50)
    }

    /// What a peer sends before it falls silent.
    static let beginnings: [[UInt8]] = [
        [1, 1, 0],
        [1, 1, 0, 1, 0, 8, 0, 0],
        Records.head([("REQUEST_METHOD", Array("GET".utf8))]).dropLast(3),
    ]

    @Test(arguments: beginnings)
    func aPeerThatSendsHalfARecordIsDroppedAfterTheTimeout(beginning: [UInt8]) throws {
        var settings = FastCGIServer.Settings()
        settings.workers = 1
        settings.receiveTimeout = .milliseconds(50)
        let server = try RunningServer(settings) { _ in .text("served") }
        defer { server.stop() }
        let partial = try server.connect()
        partial.send(beginning)
        #expect(try server.connect().exchange(Records.request()).body == "served")
        #expect(partial.isClosed)
    }

    @Test func bytesThatAreNoFastCGIEndTheirConnectionOnly() throws {
        let server = try RunningServer { _ in .text("served") }
        defer { server.stop() }
        let stranger = try server.connect()
        stranger.send(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(stranger.isClosed)
        #expect(try server.connect().exchange(Records.request()).body == "served")
    }

    @Test func aPeerOfAnotherUserIsRefused() throws {
        var settings = FastCGIServer.Settings()
        settings.peers = PeerPolicy(users: [geteuid() &+ 1])
        let server = try RunningServer(settings) { _ in .text("served") }
        defer { server.stop() }
        let frontEnd = try server.connect()
        frontEnd.send(Records.request())
        #expect(frontEnd.isClosed)
    }

    @Test func aPeerOfAnAllowedGroupIsAdmitted() throws {
        var settings = FastCGIServer.Settings()
        settings.peers = PeerPolicy(users: [], groups: [getegid()])
        let server = try RunningServer(settings) { _ in .text("served") }
        defer { server.stop() }
        #expect(try server.connect().exchange(Records.request()).body == "served")
    }
}

// MARK: Requests

extension FastCGIServerTests {
    @Test func parametersKeepTheirOrderTheirDuplicatesAndTheirBytes() throws {
        let seen = Mutex<[[UInt8]]>([])
        let server = try RunningServer { request in
            let values = [
                request.parameters.bytes("HTTP_X_AUTH_TOKEN").map(Array.init) ?? [],
                [UInt8(clamping: request.parameters.count(of: "HTTP_X_AUTH_TOKEN"))],
                request.parameters.bytes("HTTP_X_NAME").map(Array.init) ?? [],
                request.parameters.bytes("HTTP_X_LONG").map(Array.init) ?? [],
            ]
            seen.withLock { $0 = values }
            return .text(request.parameters.text("HTTP_X_NAME") ?? "not UTF-8")
        }
        defer { server.stop() }
        let long = [UInt8](repeating: 0x61, count: 70_000)
        let answer = try server.connect().exchange(
            Records.request(with: [
                ("HTTP_X_AUTH_TOKEN", Array("first".utf8)), ("HTTP_X_NAME", [0xC3, 0x28, 0xFF]), ("HTTP_X_LONG", long),
                ("HTTP_X_AUTH_TOKEN", Array("second".utf8)),
            ])
        )
        #expect(answer.body == "not UTF-8")
        #expect(seen.withLock { $0 } == [Array("first".utf8), [2], [0xC3, 0x28, 0xFF], long])
    }

    @Test func aMethodThatIsATokenReachesTheHandler() throws {
        let server = try RunningServer { .text($0.method.rawValue) }
        defer { server.stop() }
        let frontEnd = try server.connect()
        for method in ["GET", "PATCH", "DELETE", "OPTIONS", "FOO-BAR", "get"] {
            #expect(frontEnd.exchange(Records.request(method)).body == method)
        }
    }

    /// Meta-variables that make no request.
    static let malformed: [[(String, String)]] = [
        [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "")],
        [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")],
        [("REQUEST_METHOD", "G T"), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "HTTP/1.1")],
        [("REQUEST_METHOD", ""), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "HTTP/1.1")],
        [("REQUEST_METHOD", "GET"), ("REQUEST_URI", ""), ("SERVER_PROTOCOL", "HTTP/1.1")],
        [("REQUEST_METHOD", "PUT"), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "HTTP/1.1"), ("CONTENT_LENGTH", "-1")],
        [
            ("REQUEST_METHOD", "PUT"), ("REQUEST_URI", "/"), ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("CONTENT_LENGTH", "99999999999999999999"),
        ],
    ]

    @Test(arguments: malformed)
    func whatMakesNoRequestIsAnswered400AndSeenByNoHandler(parameters: [(String, String)]) throws {
        let calls = Atomic(0)
        let server = try RunningServer { _ in
            calls.add(1, ordering: .relaxed)
            return .text("handled")
        }
        defer { server.stop() }
        let id = [("REQUEST_ID", Array("0123456789abcdef".utf8))]
        let answer = try server.connect().exchange(
            Records.request(parameters.map { ($0.0, Array($0.1.utf8)) } + id)
        )
        #expect(answer.head.hasPrefix("Status: 400 Bad Request\r\nContent-Type: application/json\r\n"))
        #expect(answer.body.hasPrefix(#"{"data":{},"error":"400","message":""#))
        #expect(answer.body.hasSuffix(#"","status":"error","request_id":"0123456789abcdef"}"#))
        #expect(calls.load(ordering: .relaxed) == 0)
    }
}

// MARK: Bodies of requests

extension FastCGIServerTests {
    @Test func aBigBodyArrivesWhole() throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try RunningServer { request in
            let bytes = try? request.body.readAll(limit: 3_000_000)
            return .text(bytes == body ? "equal" : "different")
        }
        defer { server.stop() }
        let frontEnd = try server.connect()
        for _ in 1...2 {
            #expect(frontEnd.exchange(Records.request("PUT", body: body)).body == "equal")
        }
    }

    @Test func aBodyThatNobodyReadsLeavesTheConnectionInOrder() throws {
        let server = try RunningServer { .text(String(decoding: $0.target, as: UTF8.self)) }
        defer { server.stop() }
        let frontEnd = try server.connect()
        let body = [UInt8](repeating: 1, count: 200_000)
        #expect(frontEnd.exchange(Records.request("PUT", "/first", body: body)).body == "/first")
        #expect(frontEnd.exchange(Records.request("GET", "/second")).body == "/second")
    }

    @Test func aBodyShorterThanAnnouncedIsIncomplete() throws {
        let server = try RunningServer { request in
            do throws(RequestBodyError) {
                return .text("\(try request.body.readAll(limit: 100).count) bytes")
            } catch {
                return .text("\(error)")
            }
        }
        defer { server.stop() }
        let short = Records.request("PUT", body: Array("abc".utf8), announcing: 10)
        #expect(try server.connect().exchange(short).body == "incomplete")
    }

    @Test func aBodyLongerThanAnnouncedEndsWhereItShouldAndTheConnectionWithIt() throws {
        let server = try RunningServer { request in
            .text(String(decoding: (try? request.body.readAll(limit: 100)) ?? [], as: UTF8.self))
        }
        defer { server.stop() }
        let frontEnd = try server.connect()
        let long = Records.request("PUT", body: Array("abcdef".utf8), announcing: 3)
        #expect(frontEnd.exchange(long).body == "abc")
        #expect(frontEnd.isClosed)
    }

    @Test func aPeerThatLeavesInTheMiddleOfABodyMakesItIncomplete() throws {
        let outcome = Mutex<RequestBodyError?>(nil)
        let gate = try Gate()
        let server = try RunningServer { request in
            do throws(RequestBodyError) {
                _ = try request.body.readAll(limit: 100_000)
            } catch {
                outcome.withLock { $0 = error }
            }
            gate.open()
            return .text("")
        }
        defer { server.stop() }
        var frontEnd: FrontEnd? = try server.connect()
        frontEnd?.send(Records.request("PUT", body: [UInt8](repeating: 1, count: 90_000)).dropLast(100))
        frontEnd = nil
        gate.wait()
        #expect(outcome.withLock { $0 } == .incomplete)
    }
}

// MARK: Responses

extension FastCGIServerTests {
    @Test func aStreamIsSentWhole() throws {
        let server = try RunningServer { _ in
            Response(
                status: .ok,
                body: .stream { write in
                    let chunk = [UInt8](repeating: 0x78, count: 100_000)
                    for _ in 0..<100 { try write(chunk[...]) }
                }
            )
        }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request())
        #expect(answer.head == "Status: 200 OK")
        #expect(answer.output.count == "Status: 200 OK\r\n\r\n".utf8.count + 10_000_000)
        #expect(answer.isComplete)
    }

    @Test func aStreamWhoseReaderLeftThrows() throws {
        let outcome = Mutex<FastCGIError?>(nil)
        let gate = try Gate()
        let server = try RunningServer { _ in
            Response(
                status: .ok,
                body: .stream { write in
                    defer { gate.open() }
                    do {
                        while true { try write([UInt8](repeating: 0, count: 10_000)[...]) }
                    } catch let error as FastCGIError {
                        outcome.withLock { $0 = error }
                        throw error
                    }
                }
            )
        }
        defer { server.stop() }
        var frontEnd: FrontEnd? = try server.connect()
        frontEnd?.send(Records.request())
        frontEnd = nil
        gate.wait()
        #expect(outcome.withLock { $0 } == .peerLeft)
    }

    @Test func aStreamThatFailsEndsTheConnectionWithoutEndingTheResponse() throws {
        struct Failure: Error {}
        let server = try RunningServer { _ in
            Response(
                status: .ok,
                body: .stream { write in
                    try write([UInt8](repeating: 0x78, count: 100_000)[...])
                    throw Failure()
                }
            )
        }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request())
        #expect(!answer.output.isEmpty)
        #expect(!answer.isComplete)
    }

    @Test func noFieldValueStartsALine() throws {
        let hostile = "a\r\nStatus: 500\r\n\r\n<script>"
        let server = try RunningServer { _ in
            var fields: HTTPFields = [.location: hostile]
            fields.append(HTTPField(name: .eTag, lenientValue: Array(hostile.utf8)))
            if let status = HTTPField.Name("Status") { fields[status] = "500" }
            return Response(status: .init(code: 200, reasonPhrase: "OK\r\nX: y"), fields: fields)
        }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request())
        let names = answer.head.split(separator: "\r\n").map { $0.prefix { $0 != ":" } }
        #expect(names == ["Status", "Location", "ETag", "Content-Length"])
        #expect(answer.head.hasPrefix("Status: 200 "))
        #expect(answer.body.isEmpty)
    }

    @Test func aHEADRequestGetsTheHeadAlone() throws {
        let server = try RunningServer { _ in .text("four") }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request("HEAD"))
        #expect(answer.head.hasSuffix("Content-Length: 4"))
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [204, 304])
    func aStatusWithoutABodySendsNone(code: Int) throws {
        let server = try RunningServer { _ in
            Response(status: .init(code: code), fields: [.contentLength: "4"], body: .bytes(Array("four".utf8)))
        }
        defer { server.stop() }
        let answer = try server.connect().exchange(Records.request())
        #expect(answer.body.isEmpty)
    }
}

// MARK: Drain

extension FastCGIServerTests {
    @Test func idleConnectionsDoNotDelayADrain() throws {
        let server = try RunningServer { _ in .text("served") }
        let frontEnds = try (0..<200).map { _ in try server.connect() }
        for frontEnd in frontEnds { #expect(frontEnd.exchange(Records.request()).isComplete) }
        #expect(server.stop() < .seconds(1))
        #expect(frontEnds.allSatisfy { $0.isClosed })
    }

    @Test func aRequestInFlightIsFinishedByADrain() throws {
        let (entered, released) = (try Gate(), try Gate())
        let server = try RunningServer { _ in
            entered.open()
            released.wait()
            return .text("finished")
        }
        let frontEnd = try server.connect()
        frontEnd.send(Records.request())
        entered.wait()
        server.server.drain()
        // The listener is gone before the request is finished: the drain is under way.
        while access(server.path, F_OK) == 0 { sched_yield() }
        released.open()
        #expect(frontEnd.answer().body == "finished")
        server.stop()
        #expect(frontEnd.isClosed)
    }

    @Test func requestsThatWereSentBeforeADrainAreAnswered() throws {
        let (entered, released) = (try Gate(), try Gate())
        var settings = FastCGIServer.Settings()
        settings.workers = 1
        let server = try RunningServer(settings) { request in
            if request.target == Array("/slow".utf8) {
                entered.open()
                released.wait()
            }
            return .text(String(decoding: request.target, as: UTF8.self))
        }
        let kept = try server.connect()
        #expect(kept.exchange(Records.request("GET", "/first")).isComplete)
        let slow = try server.connect()
        slow.send(Records.request("GET", "/slow"))
        entered.wait()
        // The only worker is busy: these wait in the kernel, one on a kept connection, one not even accepted.
        kept.send(Records.request("GET", "/kept"))
        let queued = try server.connect()
        queued.send(Records.request("GET", "/queued"))
        server.server.drain()
        released.open()
        #expect(slow.answer().body == "/slow")
        #expect(kept.answer().body == "/kept")
        #expect(queued.answer().body == "/queued")
        server.stop()
    }

    @Test func aConnectionThatWasJustAcceptedGetsItsFirstRequestAnswered() throws {
        var settings = FastCGIServer.Settings()
        settings.newcomerGrace = .seconds(60)
        let server = try RunningServer(settings) { _ in .text("served") }
        let newcomer = try server.connect()
        // Connections are accepted in order, so when a later one is served, the newcomer was accepted.
        let later = try server.connect()
        #expect(later.exchange(Records.request(keep: false)).isComplete)
        server.server.drain()
        while access(server.path, F_OK) == 0 { sched_yield() }
        #expect(newcomer.exchange(Records.request()).body == "served")
        server.stop()
    }

    @Test func aDrainBeforeTheRunEndsIt() throws {
        let directory = try TemporaryDirectory()
        let server = try FastCGIServer(
            listener: try Listener.bound(to: directory.path + "/socket"),
            logger: .init(label: "test")
        ) { _ in .text("") }
        server.drain()
        try server.run()
    }

    /// As when the service manager owns the socket and restarts the daemon.
    @Test func generationsOnOneInheritedSocketLoseNoRequest() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        let socket = try Listener.bound(to: path).descriptor
        defer { close(socket) }
        let isOver = Atomic(false)
        let answered = Atomic(0)
        let lost = Atomic(0)
        let clients = try (1...4).map { number in
            try WorkerThread(name: "client-\(number)") {
                while !isOver.load(ordering: .relaxed) {
                    let answer = try? FrontEnd(path).exchange(Records.request("POST", body: [1, 2, 3], keep: false))
                    if answer?.isComplete == true {
                        answered.add(1, ordering: .relaxed)
                    } else {
                        lost.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        for _ in 1...10 {
            let before = answered.load(ordering: .relaxed)
            let listener = Listener(descriptor: fcntl(socket, F_DUPFD_CLOEXEC, 3), path: nil)
            let server = try FastCGIServer(listener: listener, logger: .init(label: "test")) { _ in .text("served") }
            let thread = try WorkerThread(name: "server") { try? server.run() }
            while answered.load(ordering: .relaxed) < before + 50 { sched_yield() }
            server.drain()
            thread.join()
        }
        isOver.store(true, ordering: .relaxed)
        // A last generation for those that still wait.
        let listener = Listener(descriptor: fcntl(socket, F_DUPFD_CLOEXEC, 3), path: nil)
        let server = try FastCGIServer(listener: listener, logger: .init(label: "test")) { _ in .text("served") }
        let thread = try WorkerThread(name: "server") { try? server.run() }
        for client in clients { client.join() }
        server.drain()
        thread.join()
        #expect(lost.load(ordering: .relaxed) == 0)
        #expect(answered.load(ordering: .relaxed) >= 500)
    }
}
