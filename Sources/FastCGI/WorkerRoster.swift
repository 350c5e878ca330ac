//  Which workers wait for events, and which rest.
//
//  More workers than processors are of use only while some of them wait for a disk. If all of them waited for events,
//  each request would wake another one, and a good part of the time would go into switching between them. So as many as
//  there are processors are awake, and the rest lie down in a stack: the one that rested last is woken first.
//
//      waiting ──took an event──► working ──may wait for the disk──► aside
//         ▲                          │                                 │
//         └────────finished──────────┴────────────finished─────────────┤
//      resting ◄───────────────finished, and enough others are awake───┘
//
//  R1  Workers that wait or work are awake. Whoever goes aside wakes another if fewer than `limit` are awake then.
//  R2  Nobody is woken for having nothing to do: one who comes back to enough others rests.
//  R3  If everybody who is awake is stuck with a request, a guard wakes one more (`relieve`); so a peer that falls
//      silent holds up one worker and not the server.

import Dispatch
import Synchronization

/// The workers of a server by what they do. Numbers of workers begin with 0.
final class WorkerRoster: Sendable {
    private enum Place {
        case waiting, working, aside, resting
    }

    private struct State {
        var places: [Place]
        var resting: [Int] = []
        /// Those that wait or work.
        var awake = 0
        var waiting = 0
        /// How often a worker has finished.
        var finished = 0
        /// The same when the guard looked last; nil while there is no guard.
        var finishedBefore: Int?
        /// How often in a row the guard found that somebody waits.
        var quietLooks = 0
        var isOpen = false

        mutating func wait(_ worker: Int) {
            places[worker] = .waiting
            waiting += 1
        }

        /// Whether a guard is needed from now on: nobody waits for the next event, and somebody could.
        mutating func callsGuard() -> Bool {
            guard waiting == 0, !resting.isEmpty, finishedBefore == nil else { return false }
            finishedBefore = finished
            quietLooks = 0
            return true
        }

        /// Takes a worker out of its rest, if there is one; it is to be woken then.
        mutating func call() -> Int? {
            guard let worker = resting.popLast() else { return nil }
            awake += 1
            wait(worker)
            return worker
        }
    }

    private let limit: Int
    /// Held for the lists only; nobody waits with it.
    private let state: Mutex<State>
    private let beds: [DispatchSemaphore]
    private let callGuard: @Sendable () -> Void

    /// How many looks without need end a guard.
    private static let patience = 100

    /// - Parameters:
    ///   - limit: how many workers are awake as long as none is stuck; at least 1.
    ///   - callGuard: called when `relieve` is to be called from now on, every few milliseconds until it says no.
    init(workers: Int, limit: Int, callGuard: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.callGuard = callGuard
        state = Mutex(State(places: Array(repeating: .aside, count: workers)))
        beds = (0..<workers).map { _ in DispatchSemaphore(value: 0) }
    }

    /// Says that a worker is ready for an event; returns when it is to wait for one.
    func wait(_ worker: Int) {
        let (rests, needsGuard) = state.withLock { state in
            if state.places[worker] == .aside { state.awake += 1 }
            state.finished &+= 1
            // keeps R2
            guard state.awake > limit, !state.isOpen else {
                state.wait(worker)
                return (false, false)
            }
            state.awake -= 1
            state.places[worker] = .resting
            state.resting.append(worker)
            return (true, state.callsGuard())
        }
        if needsGuard { callGuard() }
        if rests { beds[worker].wait() }
    }

    /// Says that a worker has got an event.
    func work(_ worker: Int) {
        let needsGuard = state.withLock { state in
            state.places[worker] = .working
            state.waiting -= 1
            return state.callsGuard()
        }
        if needsGuard { callGuard() }
    }

    /// Says that a worker may be about to wait for something else than a processor.
    func stepAside(_ worker: Int) {
        let called = state.withLock { state -> Int? in
            guard state.places[worker] == .working else { return nil }
            state.places[worker] = .aside
            state.awake -= 1
            // keeps R1
            return state.awake < limit ? state.call() : nil
        }
        if let called { beds[called].signal() }
    }

    /// The guard's look, a few milliseconds after the last one.
    ///
    /// - Returns: whether it is to look again.
    func relieve() -> Bool {
        let (called, isNeeded) = state.withLock { state -> (Int?, Bool) in
            guard let before = state.finishedBefore else { return (nil, false) }
            state.finishedBefore = state.finished
            state.quietLooks = state.waiting > 0 ? state.quietLooks + 1 : 0
            if state.quietLooks >= Self.patience || state.resting.isEmpty {
                state.finishedBefore = nil
                return (nil, false)
            }
            // keeps R3
            let isStuck = state.waiting == 0 && state.finished == before
            return (isStuck ? state.call() : nil, true)
        }
        if let called { beds[called].signal() }
        return isNeeded
    }

    /// Wakes everybody, and lets nobody rest any more.
    func open() {
        let called = state.withLock { state in
            state.isOpen = true
            var called: [Int] = []
            while let worker = state.call() { called.append(worker) }
            return called
        }
        for worker in called { beds[worker].signal() }
    }

    /// How many rest.
    var restingCount: Int { state.withLock { $0.resting.count } }
}
