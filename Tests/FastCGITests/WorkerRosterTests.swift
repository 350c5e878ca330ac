//  Which workers wait for events, and which rest.

import Glibc
import HTTPMessage
import Synchronization
import TestFrontEnd
import Testing

@testable import FastCGI

@Suite struct WorkerRosterTests {
    @Test func noMoreWorkersWaitThanThereAreProcessors() throws {
        let staff = try Staff(of: 5, limit: 2)
        defer { staff.leave() }
        staff.expect(resting: 3)
    }

    @Test func whoStepsAsideWakesAnother() throws {
        let staff = try Staff(of: 3, limit: 1)
        defer { staff.leave() }
        staff.expect(resting: 2)
        let first = try #require(staff.next())
        staff.roster.work(first)
        staff.roster.stepAside(first)
        let second = try #require(staff.next())
        #expect(second != first)
        #expect(staff.roster.restingCount == 1)
        try staff.finish(first)
        staff.expect(resting: 2)
    }

    @Test func aGuardWakesAnotherWhenAllAreStuckAndNotBefore() throws {
        let staff = try Staff(of: 2, limit: 1)
        defer { staff.leave() }
        staff.expect(resting: 1)
        #expect(!staff.roster.relieve(), "while nobody works there is nothing to guard")
        let stuck = try #require(staff.next())
        staff.roster.work(stuck)
        #expect(staff.guardCalls == 1, "nobody waits, so a guard is needed")
        #expect(staff.roster.relieve())
        let relief = try #require(staff.next())
        #expect(relief != stuck)
        try staff.finish(stuck)
        staff.expect(resting: 1)
        for _ in 1..<100 where staff.roster.relieve() {}
        #expect(!staff.roster.relieve(), "a guard that is not needed ends")
    }

    @Test func whoRestsWhileAllOthersAreStuckCallsTheGuard() throws {
        let staff = try Staff(of: 1, limit: 1, outOf: 2)
        defer { staff.leave() }
        staff.roster.work(try #require(staff.next()))
        #expect(staff.guardCalls == 0, "nobody rests")
        try staff.finish(1)
        staff.expect(resting: 1)
        #expect(staff.guardCalls == 1)
    }

    @Test func aPeerThatIsSilentInTheMiddleHoldsUpNobodyElse() throws {
        var settings = FastCGIServer.Settings()
        settings.workers = 4
        settings.processors = 2
        let server = try RunningServer(settings) { .text(String(decoding: $0.target, as: UTF8.self)) }
        defer { server.stop() }
        var silent = try (0..<3).map { _ in try server.connect() }
        for peer in silent { peer.send(Array(Records.request().prefix(20))) }
        let began = ContinuousClock.now
        #expect(try server.connect().exchange(Records.request("GET", "/others")).body == "/others")
        #expect(.now - began < settings.receiveTimeout)
        // Else the server's end would wait for them.
        silent = []
    }

    @Test func asManyChangesWaitTogetherAsThereAreWorkers() throws {
        var settings = FastCGIServer.Settings()
        settings.workers = 6
        settings.processors = 1
        let present = Atomic(0)
        let server = try RunningServer(settings) { _ in
            present.add(1, ordering: .sequentiallyConsistent)
            // Whoever comes first leaves only when all are there.
            while present.load(ordering: .sequentiallyConsistent) < 6 { sched_yield() }
            return .text("together")
        }
        defer { server.stop() }
        let frontEnds = try (0..<6).map { _ in try server.connect() }
        for frontEnd in frontEnds { frontEnd.send(Records.request("PUT", "/")) }
        for frontEnd in frontEnds { #expect(frontEnd.answer().body == "together") }
    }
}

/// Workers that have nothing to do but to ask a roster when to wait.
private final class Staff {
    let roster: WorkerRoster
    private var threads: [WorkerThread] = []
    private let waiting = Waiting()

    private final class Waiting: Sendable {
        let numbers = Mutex<[Int]>([])
        let guardCalls = Atomic(0)
    }

    /// - Parameter all: how many workers there are; the first `count` of them are ready.
    init(of count: Int, limit: Int, outOf all: Int? = nil) throws {
        let waiting = waiting
        roster = WorkerRoster(workers: all ?? count, limit: limit) {
            waiting.guardCalls.add(1, ordering: .sequentiallyConsistent)
        }
        for number in 0..<count { try finish(number) }
    }

    var guardCalls: Int { waiting.guardCalls.load(ordering: .sequentiallyConsistent) }

    /// Lets a worker say that it is ready for an event.
    func finish(_ number: Int) throws {
        let (roster, waiting) = (roster, waiting)
        threads.append(
            try WorkerThread(name: "staff-\(number)") {
                roster.wait(number)
                waiting.numbers.withLock { $0.append(number) }
            }
        )
    }

    /// The next worker that waits for an event; nil if none comes.
    func next() -> Int? {
        var found: Int?
        eventually {
            found = waiting.numbers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            return found != nil
        }
        return found
    }

    func expect(resting count: Int) {
        #expect(eventually { roster.restingCount == count })
    }

    @discardableResult
    private func eventually(_ condition: () -> Bool) -> Bool {
        let ends = ContinuousClock.now + .seconds(20)
        while !condition() {
            if .now > ends { return false }
            sched_yield()
        }
        return true
    }

    func leave() {
        roster.open()
        for thread in threads { thread.join() }
    }
}
