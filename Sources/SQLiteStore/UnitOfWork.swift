//  One waiting unit of work, and the queue in which units wait for the writer.

import Dispatch
import DocumentStore
import Synchronization

/// Something to be done in a transaction, and the thread that waits for it.
final class UnitOfWork: Sendable {
    let body: @Sendable (WriteSession) throws(StoreError) -> Void
    private let outcome = Mutex<Result<Void, StoreError>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Void) { self.body = body }

    /// Wakes the thread that waits.
    func finish(_ result: Result<Void, StoreError>) {
        outcome.withLock { $0 = result }
        finished.signal()
    }

    /// Waits until the writer has made the work durable or refused it.
    func wait() throws(StoreError) {
        finished.wait()
        let result = outcome.withLock { $0 } ?? .failure(.readOnly)
        try result.get()
    }
}

/// What a unit of work gives back to the thread that waits for it.
final class SharedValue<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value { value.withLock { $0 } }
}

/// Units in the order in which they came.
final class CommitQueue: Sendable {
    private struct State {
        var waiting: [UnitOfWork] = []
        var writerSleeps = false
        var isClosed = false
    }

    /// Held for the list only, never across I/O.
    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    /// How many units wait.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Adds a unit; false if the queue takes no more.
    func append(_ unit: UnitOfWork) -> Bool {
        let (isOpen, wakes) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(unit)
            defer { state.writerSleeps = false }
            return (true, state.writerSleeps)
        }
        if wakes { arrival.signal() }
        return isOpen
    }

    /// Waits for units and takes those that are there, at most `limit`; nil once the queue is closed and empty.
    func next(limit: Int) -> [UnitOfWork]? {
        while true {
            let (batch, isClosed) = state.withLock { state -> ([UnitOfWork], Bool) in
                let batch = Array(state.waiting.prefix(limit))
                state.waiting.removeFirst(batch.count)
                state.writerSleeps = batch.isEmpty && !state.isClosed
                return (batch, state.isClosed)
            }
            if !batch.isEmpty { return batch }
            if isClosed { return nil }
            arrival.wait()
        }
    }

    /// Takes no more units; those that wait are still done.
    func close() {
        let wakes = state.withLock { state in
            state.isClosed = true
            defer { state.writerSleeps = false }
            return state.writerSleeps
        }
        if wakes { arrival.signal() }
    }
}
