//  The turnstile.

import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Identity

@Suite struct LoginGateTests {
    @Test(arguments: [(1, 0), (1, 3), (2, 3)])
    func admitsWhoRunsAndWhoWaitsAndTurnsTheNextAway(concurrency: Int, queue: Int) throws {
        let gate = LoginGate(concurrency: concurrency, queue: queue, retryAfter: 7)
        let running = Atomic(0)
        let most = Atomic(0)
        let isOpen = DispatchSemaphore(value: 0)
        let hasBegun = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)

        for _ in 0..<(concurrency + queue) {
            Thread {
                try? gate.withTurn {
                    most.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                    hasBegun.signal()
                    isOpen.wait()
                    running.subtract(1, ordering: .relaxed)
                }
                hasEnded.signal()
            }.start()
        }
        for _ in 0..<concurrency { hasBegun.wait() }
        while gate.presentCount < concurrency + queue { sched_yield() }

        let begin = ContinuousClock.now
        #expect(throws: IdentityError.busy(retryAfter: 7)) { try gate.withTurn {} }
        #expect(ContinuousClock.now - begin < .milliseconds(50))

        for _ in 0..<(concurrency + queue) { isOpen.signal() }
        for _ in 0..<(concurrency + queue) { hasEnded.wait() }
        #expect(most.load(ordering: .relaxed) == concurrency)
        #expect(try gate.withTurn { 42 } == 42)
        #expect(gate.presentCount == 0)
    }

    @Test func whoWaitsTooLongIsTurnedAwayAndLeavesTheQueue() throws {
        let gate = LoginGate(concurrency: 1, queue: 1, patience: .milliseconds(1), retryAfter: 7)
        try gate.withTurn { () throws(IdentityError) in
            #expect(throws: IdentityError.busy(retryAfter: 7)) { try gate.withTurn {} }
            #expect(gate.presentCount == 1)
        }
        #expect(gate.presentCount == 0)
    }

    @Test func aFailureGivesTheTurnBack() throws {
        let gate = LoginGate(concurrency: 1, queue: 0)
        for _ in 0..<3 {
            #expect(throws: IdentityError.cryptography("x")) {
                try gate.withTurn { () throws(IdentityError) in throw .cryptography("x") }
            }
        }
        #expect(gate.presentCount == 0)
    }
}
