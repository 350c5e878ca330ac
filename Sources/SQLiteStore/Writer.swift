//  Writing, a turn at a time: the thread whose turn it is does the units of all that wait, and one sync makes them
//  durable.
//
//  A thread that commits alone does its own work and waits for nobody: handing it to a thread of the writer and back
//  cost a third of the commits a second on a busy machine. Those that come during a sync wait together; the first of
//  them is the next to lead.
//
//  States
//    open       units are done.
//    read-only  a sync failed; every unit is refused with `.readOnly`. There is no way back but a new process.
//    closed     the queue takes no more units, and none is being done.
//
//  What may be on disk if a call never returns
//    SAVEPOINT … RELEASE  nothing, or pages behind the end of the log that no reader and no restart looks at.
//    COMMIT               all of the batch or nothing; none of it has been acknowledged.
//    checkpoint           all of every commit: the log is kept until the database is synced.

import DocumentStore
import GRDB
import GRDBSQLite
import Synchronization

final class Writer: Sendable {
    private struct State {
        var syncs = 0
        var commits = 0
        var refusals = 0
        var checkpoints = 0
        /// Pages that went into the log since the last checkpoint.
        var pages = 0
        var isReadOnly = false
    }

    private let connection: DatabaseQueue
    private let cache: DocumentCache
    private let options: SQLiteStore.Options
    private let attachments: AttachmentFolder
    private let reserve: SpaceReserve
    private let onFailure: @Sendable (StoreError) -> Void
    private let queue = CommitQueue()
    /// Held for the numbers only, never across I/O.
    private let state = Mutex(State())
    /// Held for the list only.
    private let listeners = Mutex<[@Sendable () -> Void]>([])

    init(
        connection: DatabaseQueue,
        cache: DocumentCache,
        options: SQLiteStore.Options,
        attachments: AttachmentFolder,
        reserve: SpaceReserve,
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) {
        self.connection = connection
        self.cache = cache
        self.options = options
        self.attachments = attachments
        self.reserve = reserve
        self.onFailure = onFailure
    }

    /// Does a unit and returns when it is on disk.
    ///
    /// - Parameter needsSpace: whether it is to be refused while the disk is full, although there is a reserve.
    func perform(
        needsSpace: Bool = false,
        _ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Void
    ) throws(StoreError) {
        let unit = UnitOfWork(needsSpace: needsSpace, body)
        guard queue.append(unit) else { throw .readOnly }
        while true {
            switch unit.wait() {
            case .leads: lead()
            case .finished(let result): return try result.get()
            }
        }
    }

    /// Does a unit and returns what it gives when it is on disk.
    func perform<Value: Sendable>(
        giving none: Value,
        needsSpace: Bool = false,
        _ body: @escaping @Sendable (WriteSession) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let value = SharedValue(none)
        try perform(needsSpace: needsSpace) { session throws(StoreError) in value.set(try body(session)) }
        return value.get()
    }

    /// Waits for what is being done, then closes the connection.
    func close() {
        queue.close()
        // keeps I11: closing writes the log back, which is no longer to be trusted after a failed sync.
        if !state.withLock({ $0.isReadOnly }) { try? connection.close() }
    }

    /// Whether the disk is so full that what needs space is refused.
    var isShortOfSpace: Bool { reserve.isShort }

    /// Calls `body` after each commit with events.
    func whenEventsCome(_ body: @escaping @Sendable () -> Void) { listeners.withLock { $0.append(body) } }

    /// How many units wait for the writer.
    var waiting: Int { queue.count }

    func addNumbers(to statistics: inout SQLiteStore.Statistics) {
        let state = state.withLock { $0 }
        statistics.syncs = state.syncs
        statistics.commits = state.commits
        statistics.refusals = state.refusals
        statistics.checkpoints = state.checkpoints
        statistics.isReadOnly = state.isReadOnly
        statistics.isShortOfSpace = isShortOfSpace
        statistics.waiting = waiting
    }

    // MARK: The leader's turn

    private func lead() {
        let batch = queue.take(limit: options.batchLimit)
        connection.unsafeRead { database in
            let session = WriteSession(database, pastRevisions: options.pastRevisions, attachments: attachments)
            process(batch, session)
            let isDue = state.withLock { state in
                state.pages += session.loggedPages()
                return state.pages >= options.checkpointPages && !state.isReadOnly
            }
            if isDue { checkpoint(session) }
        }
        queue.passOn()
    }

    /// Does units in one transaction and wakes those who wait for them.
    ///
    /// - Parameter isSecondTry: whether the disk was full a moment ago; what the file system says of its room is not
    ///   believed then, because a quota may be what is full.
    private func process(_ batch: [UnitOfWork], _ session: WriteSession, isSecondTry: Bool = false) {
        guard !state.withLock({ $0.isReadOnly }) else {
            for unit in batch { unit.send(.finished(.failure(.readOnly))) }
            return
        }
        var batch = batch
        if !isSecondTry { reserve.tryToRecover() }
        if reserve.isShort {
            for unit in batch where unit.needsSpace { unit.send(.finished(.failure(.full))) }
            batch.removeAll(where: \.needsSpace)
            guard !batch.isEmpty else { return }
        }
        do {
            let results = try commit(batch, session)
            let refusals = results.count { if case .failure = $0 { true } else { false } }
            state.withLock { state in
                state.syncs += refusals < batch.count ? 1 : 0
                state.commits += batch.count - refusals
                state.refusals += refusals
            }
            for (unit, result) in zip(batch, results) { unit.send(.finished(result)) }
        } catch {
            let isFatal = session.isInputOutputError && error != .full
            if session.database.hasTransaction { try? session.database.run("ROLLBACK") }
            cache.publish([])
            session.reset()
            if isFatal {
                // keeps I11: what the kernel holds of the log is unknown from here on.
                turnReadOnly(error)
                for unit in batch { unit.send(.finished(.failure(error))) }
            } else if error == .full, !isSecondTry, reserve.giveUp() {
                process(batch, session, isSecondTry: true)
            } else if batch.count > 1 {
                // keeps I3: what fails alone need not fail with its neighbours.
                for unit in batch { process([unit], session, isSecondTry: isSecondTry) }
            } else {
                for unit in batch { unit.send(.finished(.failure(error))) }
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
            // A unit that is alone goes back with its transaction.
            if batch.count > 1 { try database.run("SAVEPOINT unit") }
            let touched = session.touched.count
            do {
                try unit.body(session)
                results.append(.success(()))
            } catch {
                guard error.isRefusal else { throw error }
                try database.run(batch.count > 1 ? "ROLLBACK TO unit" : "ROLLBACK")
                session.touched.removeLast(session.touched.count - touched)
                results.append(.failure(error))
            }
            if batch.count > 1 { try database.run("RELEASE unit") }
        }
        guard database.hasTransaction else { return results }
        cache.withdraw(session.touched.map(\.address))
        try database.run("COMMIT")
        cache.publish(session.touched)
        if session.hasTold { for listener in listeners.withLock({ $0 }) { listener() } }
        session.reset()
        return results
    }

    /// Writes the log back into the database; a reader that still needs the log makes it end early.
    private func checkpoint(_ session: WriteSession) {
        do {
            try session.database.checkpoint(SQLITE_CHECKPOINT_PASSIVE)
            state.withLock { state in
                state.pages = 0
                state.checkpoints += 1
            }
        } catch {
            if error == .full {
                _ = reserve.giveUp()
            } else if session.isInputOutputError {
                turnReadOnly(error)
            }
        }
    }

    /// Refuses every unit from now on and says why, once.
    func turnReadOnly(_ error: StoreError) {
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
        case .conflict, .notUnique, .missing, .referenced, .occupied, .changed: true
        case .full, .readOnly, .io, .locked, .corrupt: false
        }
    }
}
