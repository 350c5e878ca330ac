//  The writing connection during one transaction: change sets become rows of tables.

import DocumentStore
import GRDB
import GRDBSQLite
import JSON

/// Belongs to the thread whose turn it is; what its methods do is undone when the unit of work throws.
final class WriteSession {
    let database: Database
    /// How many past revisions of a document stay.
    private let pastRevisions: Int64
    /// Where the attachments lie.
    let attachments: AttachmentFolder
    /// What this transaction has done to documents, in this order: the new state, or nil for one that is gone.
    var touched: [(address: DocumentAddress, document: StoredDocument?)] = []
    /// Whether this transaction has told an event; one of a unit that was refused counts too.
    private(set) var hasTold = false

    init(_ database: Database, pastRevisions: Int, attachments: AttachmentFolder) {
        self.database = database
        self.pastRevisions = Int64(pastRevisions)
        self.attachments = attachments
    }

    /// Forgets the transaction.
    func reset() {
        touched.removeAll(keepingCapacity: true)
        hasTold = false
    }

    // MARK: The log

    /// Whether the last call failed for the disk's sake.
    var isInputOutputError: Bool { sqlite3_errcode(database.sqliteConnection) & 0xFF == SQLITE_IOERR }

    /// How many pages went into the log since the last call.
    func loggedPages() -> Int {
        var written: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(database.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &written, &highest, 1)
        return Int(written)
    }

    // MARK: Change sets

    /// Makes a change set true inside the transaction.
    ///
    /// Documents come first, then references and preconditions, then unique keys, so that documents of one change
    /// set may exchange a key or point to each other, whatever their order.
    func apply(_ changes: ChangeSet) throws(StoreError) {
        var counts = RowCounts()
        for write in changes.writes {
            let address = write.document.address
            let previous = try place(of: address, replacing: write.replacing)
            let trace = ProjectionTrace(write.projection, in: address.scope)
            try store(write.document, trace, over: previous)
            try replace(
                previous,
                by: write.projection,
                trace,
                of: address,
                type: write.document.type,
                counting: &counts
            )
            touched.append((address, write.document))
        }
        lazy var own = Set(changes.writes.map(\.document.address))
        for precondition in changes.preconditions { try check(precondition, besides: own) }
        var taken: [UniqueKey] = []
        for write in changes.writes {
            for key in try claim(write.projection.uniqueKeys, for: write.document.address) where !taken.contains(key) {
                taken.append(key)
            }
        }
        // keeps I8
        guard taken.isEmpty else { throw .notUnique(taken) }
        try counts.add(to: database)
        for event in changes.events { try append(event) }
    }

    /// Writes a document with the trace of its projection, but not the projection.
    ///
    /// - Parameter previous: what it replaces; nil if it does not exist.
    func store(_ document: StoredDocument, _ trace: ProjectionTrace, over previous: StoredPlace?) throws(StoreError) {
        let address = document.address
        guard let previous else {
            try database.run(
                """
                INSERT INTO documents (
                    scope, id, type, revision, created, modified, deleted, trace, body, private, checksum
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .text(address.scope.text),
                .text(address.id.text),
                .text(document.type),
                .text(document.revision.description),
                .integer(document.created),
                .integer(document.modified),
                .integer(document.isDeleted ? 1 : 0),
                .text(trace.text),
                .blob(document.body),
                .blob(document.privateBody),
                .integer(document.checksum)
            )
            return
        }
        try keepPastRevision(of: previous.number, before: document)
        // Only a document that is made again after it was deleted can be of another type. What an UPDATE names is written
        // anew in its indexes, whether it differs or not.
        if previous.type != document.type {
            try database.run(
                "UPDATE documents SET type = ? WHERE number = ?",
                .text(document.type),
                .integer(previous.number)
            )
        }
        try database.run(
            """
            UPDATE documents SET
                revision = ?, created = ?, modified = ?, deleted = ?, trace = ?, body = ?, private = ?, checksum = ?
            WHERE number = ?
            """,
            .text(document.revision.description),
            .integer(document.created),
            .integer(document.modified),
            .integer(document.isDeleted ? 1 : 0),
            .text(trace.text),
            .blob(document.body),
            .blob(document.privateBody),
            .integer(document.checksum),
            .integer(previous.number)
        )
    }

    /// Keeps the public fields of the revision that a write replaces, and lets the oldest go.
    private func keepPastRevision(of number: Int64, before document: StoredDocument) throws(StoreError) {
        guard pastRevisions > 0 else { return }
        let generation = Int64(document.revision.generation)
        let past = try presentRevision(of: number, at: document.address)
        try database.run(
            """
            INSERT OR REPLACE INTO past_revisions (
                number, generation, revision, modified, replaced, deleted, body, checksum
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .integer(number),
            .integer(generation - 1),
            .text(past.revision.description),
            .integer(past.modified),
            .integer(document.modified),
            .integer(past.isDeleted ? 1 : 0),
            .blob(past.body),
            .integer(past.checksum(at: document.address))
        )
        guard generation > pastRevisions + 1 else { return }
        try database.run(
            "DELETE FROM past_revisions WHERE number = ? AND generation < ?",
            .integer(number),
            .integer(generation - pastRevisions)
        )
    }

    private func presentRevision(of number: Int64, at address: DocumentAddress) throws(StoreError) -> PastRevision {
        let statement = try database.prepare(
            "SELECT revision, modified, deleted, body, NULL FROM documents WHERE number = ?",
            .integer(number)
        )
        guard try statement.step() else { throw .missing(address) }
        return try storedRevision(statement, of: address)
    }

    /// Returns the document that a write replaces; nil if the write creates it.
    private func place(
        of address: DocumentAddress,
        replacing revision: Revision?
    ) throws(StoreError) -> StoredPlace? {
        guard let place = try database.place(of: address) else {
            guard revision == nil else { throw .conflict(address, current: nil) }
            return nil
        }
        // keeps I5
        guard let revision, revision == place.revision else { throw .conflict(address, current: place.revision) }
        return place
    }

    /// - Parameter own: what the change set itself writes; made once, as a cascade has thousands of both.
    private func check(
        _ precondition: Precondition,
        besides own: @autoclosure () -> Set<DocumentAddress>
    ) throws(StoreError) {
        switch precondition {
        case .exists(let address):
            let statement = try database.prepare(
                "SELECT 1 FROM documents WHERE scope = ? AND id = ? AND deleted = 0",
                .text(address.scope.text),
                .text(address.id.text)
            )
            guard try statement.step() else { throw .missing(address) }
        case .unreferenced(let address, let kept):
            let own = own()
            let statement = try database.prepare(
                incomingReferences,
                .text(address.scope.text),
                .text(address.id.text),
                .integer(-1)
            )
            while try statement.step() {
                let reference = incomingReference(statement)
                let isOwn = own.contains(DocumentAddress(reference.source, in: address.scope))
                guard isOwn || kept.contains(reference.field) else {
                    throw .referenced(address, by: reference)
                }
            }
        case .empty(let view, let scope):
            let statement = try database.prepare(
                "SELECT owner, id FROM list_rows WHERE scope = ? AND view = ? LIMIT 1",
                .text(scope.text),
                .text(view)
            )
            if try statement.step() {
                throw .occupied(
                    view: view,
                    by: DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
                )
            }
        case .count(let view, let scope, let count):
            // The counters are those of the commit before: what this one changes is added at its end.
            guard try database.count(of: view, in: scope) == count else { throw .changed(view: view) }
        case .unchanged(let address, let revision):
            if own().contains(address) { return }
            let statement = try database.prepare(
                "SELECT revision FROM documents WHERE scope = ? AND id = ?",
                .text(address.scope.text),
                .text(address.id.text)
            )
            let current = try statement.step() ? Revision(statement.text(0)) : nil
            guard current == revision else { throw .conflict(address, current: current) }
        case .referrers(let address, let type, let field, let expected):
            let own = own()
            let statement = try database.prepare(
                """
                SELECT source FROM document_references
                WHERE scope = ? AND target = ? AND field = ? AND source_type = ?
                """,
                .text(address.scope.text),
                .text(address.id.text),
                .text(field),
                .text(type)
            )
            var present: Set<DocumentID> = []
            while try statement.step() {
                let source = DocumentID(statement.text(0))
                if !own.contains(DocumentAddress(source, in: address.scope)) { present.insert(source) }
            }
            let others = expected.filter { !own.contains(DocumentAddress($0, in: address.scope)) }
            guard present == others else { throw .conflict(address, current: nil) }
        }
    }

    private func append(_ event: Event) throws(StoreError) {
        try database.run(
            """
            INSERT INTO events (
                name, scope, document, type, revision, changed, related, actor, request, time, reloads, id,
                checksum
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(event.name),
            .text(event.scope.text),
            .text(event.document.text),
            .text(event.type),
            .text(event.revision.description),
            .text(JSON.array(event.changed.map(JSON.string)).text()),
            .text(JSON.array(event.related.map { .string($0.text) }).text()),
            .text(event.actor),
            .text(event.requestID),
            .integer(event.time),
            .text(JSON.array(event.reloads.map(JSON.string)).text()),
            .text(event.id),
            .integer(event.checksum)
        )
        hasTold = true
    }
}

/// A document that is stored, as a write that replaces it needs it.
struct StoredPlace {
    let number: Int64
    let revision: Revision?
    let type: String
    let trace: ProjectionTrace
}

extension Database {
    /// Returns where a document is stored, or nil.
    func place(of address: DocumentAddress) throws(StoreError) -> StoredPlace? {
        let statement = try prepare(
            "SELECT number, revision, type, trace FROM documents WHERE scope = ? AND id = ?",
            .text(address.scope.text),
            .text(address.id.text)
        )
        guard try statement.step() else { return nil }
        return StoredPlace(
            number: statement.integer(0),
            revision: Revision(statement.text(1)),
            type: statement.text(2),
            trace: ProjectionTrace(stored: statement.text(3))
        )
    }
}
