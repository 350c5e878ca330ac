//  One unit of work, and the queue in which units wait for their turn.

import Dispatch
import DocumentStore
import Synchronization

/// Something to be done in a transaction, and the thread that waits for it.
final class UnitOfWork: Sendable {
    /// What its thread is woken for.
    enum Call {
        /// The work is durable or refused.
        case finished(Result<Void, StoreError>)
        /// It is this thread's turn to write, for itself and for those behind it.
        case leads
    }

    let body: @Sendable (WriteSession) throws(StoreError) -> Void
    /// Whether it may take more space than it gives back, so that it has to wait for a disk that is not full.
    let needsSpace: Bool
    private let call = Mutex(Call.leads)
    private let called = DispatchSemaphore(value: 0)

    init(needsSpace: Bool, _ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Void) {
        self.needsSpace = needsSpace
        self.body = body
    }

    /// Wakes the thread that waits.
    func send(_ new: Call) {
        call.withLock { $0 = new }
        called.signal()
    }

    /// Waits to be called.
    func wait() -> Call {
        called.wait()
        return call.withLock { $0 }
    }
}

/// What a unit of work gives back to the thread that waits for it.
final class SharedValue<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value { value.withLock { $0 } }
}

/// Units in the order in which they came. One thread at a time leads: it takes units and does them.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [UnitOfWork] = []
        var hasLeader = false
        var isClosed = false
    }

    /// Held for the list only, never across I/O.
    private let state = Mutex(State())
    private let drained = DispatchSemaphore(value: 0)

    /// How many units wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Adds a unit; false if the queue takes no more. If nobody leads, the unit's thread is called to.
    func append(_ unit: UnitOfWork) -> Bool {
        let (isOpen, leads) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(unit)
            defer { state.hasLeader = true }
            return (true, !state.hasLeader)
        }
        if leads { unit.send(.leads) }
        return isOpen
    }

    /// Takes the units that wait, at most `limit`; for the leader, whose own is the first.
    func take(limit: Int) -> [UnitOfWork] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Ends the leader's turn; the thread of the unit that waits longest is the next.
    func passOn() {
        let (next, isDrained) = state.withLock { state in
            state.hasLeader = !state.waiting.isEmpty
            return (state.waiting.first, state.isClosed && state.waiting.isEmpty)
        }
        next?.send(.leads)
        if isDrained { drained.signal() }
    }

    /// Takes no more units, and returns when those that wait are done.
    func close() {
        let isIdle = state.withLock { state in
            state.isClosed = true
            return !state.hasLeader
        }
        guard !isIdle else { return }
        drained.wait()
        // For another thread that closes too.
        drained.signal()
    }
}
