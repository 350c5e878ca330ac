//  The one thread that writes: it drains the queue, and one sync makes all that waited durable.
//
//  States
//    open       units are done.
//    read-only  a sync failed; every unit is refused with `.readOnly`. There is no way back but a new process.
//    closed     the queue takes no more units; the thread has ended.
//
//  What may be on disk if a call never returns
//    SAVEPOINT … RELEASE  nothing, or pages behind the end of the log that no reader and no restart looks at.
//    COMMIT               all of the batch or nothing; none of it has been acknowledged.
//    checkpoint           all of every commit: the log is kept until the database is synced.

import Dispatch
import DocumentStore
import Foundation
import GRDB
import GRDBSQLite
import Synchronization

final class Writer: Sendable {
    private struct State {
        var syncs = 0
        var commits = 0
        var refusals = 0
        var checkpoints = 0
        var isReadOnly = false
    }

    private let connection: DatabaseQueue
    private let cache: DocumentCache
    private let options: SQLiteStore.Options
    private let attachments: AttachmentFolder
    private let onFailure: @Sendable (StoreError) -> Void
    private let queue = CommitQueue()
    private let ended = DispatchSemaphore(value: 0)
    /// Held for the numbers only, never across I/O.
    private let state = Mutex(State())

    init(
        connection: DatabaseQueue,
        cache: DocumentCache,
        options: SQLiteStore.Options,
        attachments: AttachmentFolder,
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) {
        self.connection = connection
        self.cache = cache
        self.options = options
        self.attachments = attachments
        self.onFailure = onFailure
    }

    /// Starts the thread, which lives until `close`.
    func start() {
        let thread = Thread { [self] in
            connection.unsafeRead { database in
                run(WriteSession(database, pastRevisions: options.pastRevisions, attachments: attachments))
            }
            ended.signal()
        }
        thread.name = "store-writer"
        thread.start()
    }

    /// Does a unit and returns when it is on disk.
    func perform(_ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Void) throws(StoreError) {
        let unit = UnitOfWork(body)
        guard queue.append(unit) else { throw .readOnly }
        try unit.wait()
    }

    /// Does a unit and returns what it gives when it is on disk.
    func perform<Value: Sendable>(
        giving none: Value,
        _ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let value = SharedValue(none)
        try perform { session throws(StoreError) in value.set(try body(session)) }
        return value.get()
    }

    /// Does what waits, then ends the thread and closes the connection.
    func close() {
        queue.close()
        ended.wait()
        ended.signal()
        // keeps I11: closing writes the log back, which is no longer to be trusted after a failed sync.
        if !state.withLock({ $0.isReadOnly }) { try? connection.close() }
    }

    /// How many units wait for the writer.
    var waiting: Int { queue.count }

    func addNumbers(to statistics: inout SQLiteStore.Statistics) {
        let state = state.withLock { $0 }
        statistics.syncs = state.syncs
        statistics.commits = state.commits
        statistics.refusals = state.refusals
        statistics.checkpoints = state.checkpoints
        statistics.isReadOnly = state.isReadOnly
        statistics.waiting = waiting
    }

    // MARK: On the writer's thread

    private func run(_ session: WriteSession) {
        while let batch = queue.next(limit: options.batchLimit) {
            process(batch, session)
            if session.pagesSinceCheckpoint() >= options.checkpointPages { checkpoint(session) }
        }
    }

    /// Does units in one transaction and wakes those who wait for them.
    private func process(_ batch: [UnitOfWork], _ session: WriteSession) {
        guard !state.withLock({ $0.isReadOnly }) else {
            for unit in batch { unit.finish(.failure(.readOnly)) }
            return
        }
        do {
            let results = try commit(batch, session)
            let refusals = results.count { if case .failure = $0 { true } else { false } }
            state.withLock { state in
                state.syncs += refusals < batch.count ? 1 : 0
                state.commits += batch.count - refusals
                state.refusals += refusals
            }
            for (unit, result) in zip(batch, results) { unit.finish(result) }
        } catch {
            let isFatal = session.isInputOutputError && error != .full
            if session.database.hasTransaction { try? session.database.run("ROLLBACK") }
            cache.publish([])
            session.reset()
            if isFatal {
                // keeps I11: what the kernel holds of the log is unknown from here on.
                turnReadOnly(error)
                for unit in batch { unit.finish(.failure(error)) }
            } else if batch.count > 1 {
                // keeps I3: what fails alone need not fail with its neighbours.
                for unit in batch { process([unit], session) }
            } else {
                for unit in batch { unit.finish(.failure(error)) }
            }
        }
    }

    /// Returns what became of each unit, all of it on disk; throws if the transaction failed as a whole.
    private func commit(
        _ batch: [UnitOfWork],
        _ session: WriteSession
    ) throws(StoreError) -> [Result<Void, StoreError>] {
        let database = session.database
        try database.run("BEGIN IMMEDIATE")
        var results: [Result<Void, StoreError>] = []
        for unit in batch {
            try database.run("SAVEPOINT unit")
            let touched = session.touched.count
            do {
                try unit.body(session)
                results.append(.success(()))
            } catch {
                guard error.isRefusal else { throw error }
                try database.run("ROLLBACK TO unit")
                session.touched.removeLast(session.touched.count - touched)
                results.append(.failure(error))
            }
            try database.run("RELEASE unit")
        }
        cache.withdraw(session.touched.map(\.address))
        try database.run("COMMIT")
        cache.publish(session.touched)
        session.reset()
        return results
    }

    private func checkpoint(_ session: WriteSession) {
        do {
            try session.checkpoint()
            state.withLock { $0.checkpoints += 1 }
        } catch {
            if session.isInputOutputError, error != .full { turnReadOnly(error) }
        }
    }

    private func turnReadOnly(_ error: StoreError) {
        let isFirst = state.withLock { state in
            defer { state.isReadOnly = true }
            return !state.isReadOnly
        }
        if isFirst { onFailure(error) }
    }
}

extension StoreError {
    /// Whether the change set was at fault, not the engine.
    var isRefusal: Bool {
        switch self {
        case .conflict, .notUnique, .missing, .referenced: true
        case .full, .readOnly, .io, .locked, .corrupt: false
        }
    }
}
