//  A document store in one SQLite file: the embedded engine.
//
//  Words
//    unit of work  what one caller wants to make true; it runs in a savepoint.
//    batch         the units that waited together; they run in one transaction and share its sync.
//    log           SQLite's write-ahead log, `documents.sqlite-wal`; a commit is durable once it is in the log.
//    checkpoint    writing the log back into the database.
//
//  The invariants are those of `DocumentStore`. Where each is kept:
//    I1, I3        Writer: a savepoint a unit, a transaction a batch.
//    I2            Connections: synchronous = FULL; Writer: units are woken after COMMIT.
//    I4            ReaderPool, DocumentCache: readers have their own connections and share only memory.
//    I5, I8        WriteSession and Projections, one thread at a time.
//    I6, I7        Schema: the scope is the first column of every index that callers reach; Page: one range.
//    I9            a tombstone is a document; nothing but `purge` removes it.
//    I10           SQLite reads the log when the database is opened; nothing else is repaired.
//    I11           Writer: what fails turns the store read-only; checkpoints are ours for this reason.
//
//  The data directory holds `documents.sqlite` with its log, `attachments`, `reserve` and `lock`.

import DocumentStore
import GRDB
import GRDBSQLite

package final class SQLiteStore: DocumentStore {
    private let lock: DirectoryLock
    private let cache: DocumentCache
    let attachments: AttachmentFolder
    let readers: ReaderPool
    let writer: Writer

    /// Opens the store of a data directory, or makes a new one.
    ///
    /// - Parameters:
    ///   - directory: made if it is not there; its parent must exist.
    ///   - onUpgrade: called before the tables of an earlier release, of this version, are brought up to date.
    ///   - onFailure: called once, on the thread that was committing, when a sync has failed and the store turned
    ///     read-only. The process must end, and a new one starts from what is on disk.
    /// - Throws: `.locked` if another process has it open, `.corrupt` if it is damaged or of a newer release, `.io`.
    package init(
        directory: String,
        options: Options = Options(),
        onUpgrade: (_ version: Int64) -> Void = { _ in },
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) throws(StoreError) {
        lock = try DirectoryLock(directory: directory)
        let path = directory + "/documents.sqlite"
        attachments = try AttachmentFolder(directory + "/attachments")
        try makeFile(path)
        let connection = try openWriter(path: path)
        let reserve = SpaceReserve(directory + "/reserve", bytes: options.reserveBytes)
        reserve.open()
        try connection.access { database throws(StoreError) in
            // What a process left in the log when it ended goes into the database, and is synced there.
            do throws(StoreError) {
                try database.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
            } catch {
                guard error == .full, reserve.giveUp() else { throw error }
                try database.checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
            }
            try prepareSchema(database, onUpgrade: onUpgrade)
        }
        cache = DocumentCache(budget: options.cacheBytes)
        readers = ReaderPool(path: path, keeping: options.idleReaders)
        writer = Writer(
            connection: connection,
            cache: cache,
            options: options,
            attachments: attachments,
            reserve: reserve,
            onFailure: onFailure
        )
    }

    /// Finishes the commits that wait, closes the database and gives the directory back.
    ///
    /// Commits after it are refused with `.readOnly`. Closing twice is the same as once.
    package func close() {
        readers.close()
        writer.close()
        lock.release()
    }

    deinit { close() }

    /// What an operator looks at while the store is used.
    package var reader: StoreReader { StoreReader(readers: readers, attachments: attachments, of: self) }

    package var statistics: Statistics {
        var statistics = Statistics()
        writer.addNumbers(to: &statistics)
        statistics.cacheHits = cache.hits
        statistics.cacheMisses = cache.misses
        statistics.cachedBytes = cache.bytes
        return statistics
    }

    package var version: Int? { cache.version }

    package func document(_ id: DocumentID, in scope: Scope) throws(StoreError) -> StoredDocument? {
        let address = DocumentAddress(id, in: scope)
        switch cache.lookUp(address) {
        case .found(let document): return document
        case .missing(let epoch):
            let document = try readers.read { database throws(StoreError) in try database.document(at: address) }
            if let document { cache.offer(document, epoch: epoch) }
            return document
        }
    }

    package func page(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListPage {
        try readers.read { database throws(StoreError) in try database.page(query, in: scope) }
    }

    package func summaries(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListSummaries {
        try readers.read { database throws(StoreError) in try database.summaries(query, in: scope) }
    }

    package func count(of view: String, in scope: Scope) throws(StoreError) -> Int {
        try readers.read { database throws(StoreError) in try database.count(of: view, in: scope) }
    }

    package func holder(of key: UniqueKey) throws(StoreError) -> DocumentAddress? {
        try readers.read { database throws(StoreError) in try database.holder(of: key) }
    }

    package func references(
        to target: DocumentID,
        in scope: Scope,
        limit: Int
    ) throws(StoreError) -> [IncomingReference] {
        try readers.read { database throws(StoreError) in
            try database.references(to: DocumentAddress(target, in: scope), limit: limit)
        }
    }

    package func events(after sequence: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try readers.read { database throws(StoreError) in try database.events(after: sequence, limit: limit) }
    }

    /// Waits until the writer has done what waits before, and nothing more: a store that hangs never returns.
    package func takeTurn() throws(StoreError) {
        try writer.perform { _ throws(StoreError) in }
    }

    package func commit(_ changes: ChangeSet) throws(StoreError) {
        guard !changes.isEmpty || !changes.preconditions.isEmpty else { return }
        // A delete goes on when the disk is full.
        let needsSpace = !changes.writes.contains(where: \.document.isDeleted)
        try writer.perform(needsSpace: needsSpace) { session throws(StoreError) in try session.apply(changes) }
    }
}
