//  What the accept loop relies on in libfcgi, beyond what its header promises.

import CFastCGI
import Glibc
import HTTPMessage
import TestFrontEnd
import Testing

@testable import FastCGI

@Suite struct FCGXRequestTests {
    /// A front end, and the descriptor of its connection's other end.
    private static func connection() throws -> (FrontEnd, Int32) {
        try FCGXRequest.prepareLibrary()
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        return (FrontEnd(adopting: pair[0]), pair[1])
    }

    private static func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

    @Test(arguments: [true, false])
    func aDescriptorThatIsSetIsServedAndLeftOpen(keep: Bool) throws {
        let (frontEnd, descriptor) = try Self.connection()
        defer { close(descriptor) }
        let request = FCGXRequest()
        for _ in 1...3 {
            frontEnd.send(Records.request("GET", "/here", keep: keep))
            #expect(request.accept(on: descriptor))
            #expect(request.isKept == keep)
            #expect(request.parameters().text("REQUEST_URI") == "/here")
            #expect(request.discardBody(limit: 0))
            try request.write(Array("Status: 200\r\n\r\n".utf8)[...])
            try request.finish()
            #expect(frontEnd.answer().isComplete)
            #expect(Self.isOpen(descriptor))
        }
    }

    @Test func anAbandonedRequestSendsNothingAndLeavesTheDescriptorOpen() throws {
        let (frontEnd, descriptor) = try Self.connection()
        let request = FCGXRequest()
        frontEnd.send(Records.request())
        #expect(request.accept(on: descriptor))
        try request.write(Array("Status: 200\r\n\r\n".utf8)[...])
        request.abandon()
        #expect(Self.isOpen(descriptor))
        close(descriptor)
        #expect(frontEnd.answer() == FrontEnd.Answer())
    }

    @Test func aBodyThatOutlivesItsRequestGivesNothing() throws {
        let (frontEnd, descriptor) = try Self.connection()
        defer { close(descriptor) }
        let request = FCGXRequest()
        frontEnd.send(Records.request("PUT", body: Array("abcdef".utf8)))
        #expect(request.accept(on: descriptor))
        var body = FCGXBody(of: request, announcedLength: 6)
        #expect(try body.read(upTo: 3) == Array("abc".utf8))
        request.abandon()
        #expect(throws: RequestBodyError.incomplete) { try body.read(upTo: 3) }
    }

    /// libfcgi's lingering close puts the descriptor into an fd_set, which has room for 1,024.
    @Test func aBadRecordClosesEvenAHighDescriptorAtOnce() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 4_096))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let (frontEnd, descriptor) = try Self.connection()
        let high = fcntl(descriptor, F_DUPFD_CLOEXEC, 2_000)
        close(descriptor)
        try #require(high >= 2_000)
        let request = FCGXRequest()
        frontEnd.send(Array("GET / HTTP/1.0\r\n\r\n".utf8))
        let time = ContinuousClock().measure { #expect(!request.accept(on: high)) }
        #expect(!Self.isOpen(high))
        #expect(time < .seconds(1))
    }

    @Test func preparingTheLibraryTakesNoSignalButThatOfABrokenPipe() throws {
        func handler(of signal: Int32) -> UInt {
            var action = sigaction()
            sigaction(signal, nil, &action)
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
        }
        let before = [SIGTERM, SIGUSR1].map(handler)
        try FCGXRequest.prepareLibrary()
        #expect([SIGTERM, SIGUSR1].map(handler) == before)
        #expect(handler(of: SIGPIPE) == 1)
    }
}
