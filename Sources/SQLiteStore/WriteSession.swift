//  The writer's connection during one transaction: change sets become rows of tables.

import DocumentStore
import GRDB
import GRDBSQLite
import JSON

/// Lives on the writer's thread; what its methods do is undone when the unit of work throws.
final class WriteSession {
    let database: Database
    /// The documents that this transaction has written, in this order.
    var documents: [StoredDocument] = []
    private var pages = 0

    init(_ database: Database) { self.database = database }

    /// Forgets the transaction.
    func reset() { documents.removeAll(keepingCapacity: true) }

    // MARK: The log

    /// Whether the last call failed for the disk's sake.
    var isInputOutputError: Bool { sqlite3_errcode(database.sqliteConnection) & 0xFF == SQLITE_IOERR }

    /// How many pages went into the log since the last checkpoint.
    func pagesSinceCheckpoint() -> Int {
        var written: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(database.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &written, &highest, 1)
        pages += Int(written)
        return pages
    }

    func checkpoint(_ mode: Int32) throws(StoreError) {
        pages = 0
        let code = sqlite3_wal_checkpoint_v2(database.sqliteConnection, nil, mode, nil, nil)
        guard code == SQLITE_OK else { throw storeError(code, in: database.sqliteConnection, doing: "checkpoint") }
    }

    // MARK: Change sets

    /// Makes a change set true inside the transaction.
    ///
    /// Documents come first, then references and preconditions, then unique keys, so that documents of one change
    /// set may exchange a key or point to each other, whatever their order.
    func apply(_ changes: ChangeSet) throws(StoreError) {
        var counts = RowCounts()
        for write in changes.writes {
            let isNew = try store(write)
            try replaceRows(of: write, isNew: isNew, counting: &counts)
            try replaceReferences(of: write, isNew: isNew)
            if !isNew { try releaseKeys(of: write) }
        }
        for precondition in changes.preconditions { try check(precondition, of: changes) }
        try claimKeys(of: changes.writes)
        try counts.add(to: database)
        for event in changes.events { try append(event) }
        documents.append(contentsOf: changes.writes.map(\.document))
    }

    /// Writes a document; true if it did not exist.
    private func store(_ write: DocumentWrite) throws(StoreError) -> Bool {
        let document = write.document
        let address = document.address
        let number = try number(of: address, replacing: write.replacing)
        guard let number else {
            try database.run(
                """
                INSERT INTO documents (scope, id, type, revision, created, modified, deleted, body, private, checksum)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .text(address.scope.text),
                .text(address.id.text),
                .text(document.type),
                .text(document.revision.description),
                .integer(document.created),
                .integer(document.modified),
                .integer(document.isDeleted ? 1 : 0),
                .blob(document.body),
                .blob(document.privateBody),
                .integer(document.checksum)
            )
            return true
        }
        try database.run(
            """
            UPDATE documents SET type = ?, revision = ?, created = ?, modified = ?, deleted = ?, body = ?, private = ?,
                checksum = ?
            WHERE number = ?
            """,
            .text(document.type),
            .text(document.revision.description),
            .integer(document.created),
            .integer(document.modified),
            .integer(document.isDeleted ? 1 : 0),
            .blob(document.body),
            .blob(document.privateBody),
            .integer(document.checksum),
            .integer(number)
        )
        return false
    }

    /// Returns where the document that a write replaces is stored, or nil if the write creates it.
    private func number(of address: DocumentAddress, replacing revision: Revision?) throws(StoreError) -> Int64? {
        let statement = try database.prepare(
            "SELECT number, revision FROM documents WHERE scope = ? AND id = ?",
            .text(address.scope.text),
            .text(address.id.text)
        )
        guard try statement.step() else {
            guard revision == nil else { throw .conflict(address, current: nil) }
            return nil
        }
        // keeps I5
        let current = Revision(statement.text(1))
        guard let revision, revision == current else { throw .conflict(address, current: current) }
        return statement.integer(0)
    }

    private func check(_ precondition: Precondition, of changes: ChangeSet) throws(StoreError) {
        switch precondition {
        case .exists(let address):
            let statement = try database.prepare(
                "SELECT 1 FROM documents WHERE scope = ? AND id = ? AND deleted = 0",
                .text(address.scope.text),
                .text(address.id.text)
            )
            guard try statement.step() else { throw .missing(address) }
        case .unreferenced(let address):
            let own = Set(changes.writes.map(\.document.address))
            let statement = try database.prepare(
                incomingReferences,
                .text(address.scope.text),
                .text(address.id.text),
                .integer(-1)
            )
            while try statement.step() {
                let reference = incomingReference(statement)
                guard own.contains(DocumentAddress(reference.source, in: address.scope)) else {
                    throw .referenced(address, by: reference)
                }
            }
        }
    }

    private func append(_ event: Event) throws(StoreError) {
        try database.run(
            """
            INSERT INTO events (name, scope, document, type, revision, changed, actor, request, time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(event.name),
            .text(event.scope.text),
            .text(event.document.text),
            .text(event.type),
            .text(event.revision.description),
            .text(JSON.array(event.changed.map(JSON.string)).text()),
            .text(event.actor),
            .text(event.requestID),
            .integer(event.time)
        )
    }
}
