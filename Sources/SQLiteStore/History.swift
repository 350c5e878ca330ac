//  Tombstones and past revisions: listing, reading, purging.

import DocumentStore
import GRDB

extension SQLiteStore: DocumentHistory {
    package func tombstones(
        of type: String,
        in scope: Scope,
        from start: TombstonePosition?,
        limit: Int
    ) throws(StoreError) -> [StoredDocument] {
        try readers.read { database throws(StoreError) in
            try database.tombstones(of: type, in: scope, from: start, limit: limit)
        }
    }

    package func pastRevisions(of id: DocumentID, in scope: Scope) throws(StoreError) -> [PastRevision] {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                pastRevisionsOfDocument + " ORDER BY generation DESC",
                .text(scope.text),
                .text(id.text)
            )
            let address = DocumentAddress(id, in: scope)
            var revisions: [PastRevision] = []
            while try statement.step() { revisions.append(try storedRevision(statement, of: address)) }
            return revisions
        }
    }

    package func pastRevision(
        _ revision: Revision,
        of id: DocumentID,
        in scope: Scope
    ) throws(StoreError) -> PastRevision? {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                pastRevisionsOfDocument + " AND generation = ? AND past_revisions.revision = ?",
                .text(scope.text),
                .text(id.text),
                SQLValue(revision.generation),
                .text(revision.description)
            )
            return try statement.step() ? try storedRevision(statement, of: DocumentAddress(id, in: scope)) : nil
        }
    }

    package func purgeTombstones(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try writer.perform(giving: 0) { session throws(StoreError) in
            try session.purgeTombstones(before: time, limit: limit)
        }
    }

    package func purge(_ documents: [StoredDocument]) throws(StoreError) -> Int {
        guard !documents.isEmpty else { return 0 }
        return try writer.perform(giving: 0) { session throws(StoreError) in
            let graves = documents.map { (address: $0.address, revision: $0.revision) }
            return try session.remove(graves)
        }
    }

    package func purgePastRevisions(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try writer.perform(giving: 0) { session throws(StoreError) in
            try session.database.run(
                """
                DELETE FROM past_revisions WHERE rowid IN
                    (SELECT rowid FROM past_revisions WHERE replaced < ? ORDER BY replaced LIMIT ?)
                """,
                .integer(time),
                SQLValue(max(limit, 0))
            )
            return session.database.changesCount
        }
    }
}

private let pastRevisionsOfDocument = """
    SELECT \(pastRevisionColumns)
    FROM past_revisions JOIN documents USING (number) WHERE scope = ? AND id = ?
    """

extension Database {
    fileprivate func tombstones(
        of type: String,
        in scope: Scope,
        from start: TombstonePosition?,
        limit: Int
    ) throws(StoreError) -> [StoredDocument] {
        let last = start ?? TombstonePosition(deleted: .max, id: DocumentID(""))
        let statement = try prepare(
            """
            SELECT id, \(documentColumns) FROM documents
            WHERE scope = ? AND type = ? AND deleted = 1 AND (modified, id) <= (?, ?)
            ORDER BY modified DESC, id DESC LIMIT ?
            """,
            .text(scope.text),
            .text(type),
            .integer(last.deleted),
            .text(last.id.text),
            SQLValue(max(limit, 0))
        )
        var documents: [StoredDocument] = []
        while try statement.step() {
            let address = DocumentAddress(DocumentID(statement.text(0)), in: scope)
            documents.append(try storedDocument(statement, at: address, from: 1))
        }
        return documents
    }
}

extension WriteSession {
    fileprivate typealias Grave = (address: DocumentAddress, revision: Revision?)

    fileprivate func purgeTombstones(before time: Int64, limit: Int) throws(StoreError) -> Int {
        var graves: [Grave] = []
        do {
            let statement = try database.prepare(
                "SELECT scope, id, revision FROM documents WHERE deleted = 1 AND modified < ? ORDER BY modified LIMIT ?",
                .integer(time),
                SQLValue(max(limit, 0))
            )
            while try statement.step() {
                let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
                graves.append((address, Revision(statement.text(2))))
            }
        }
        return try remove(graves)
    }

    /// Removes documents that still have these revisions, with everything that they wrote; returns how many.
    fileprivate func remove(_ graves: [Grave]) throws(StoreError) -> Int {
        let nothing = Projection()
        var counts = RowCounts()
        var removed = 0
        for (address, revision) in graves {
            guard let place = try database.place(of: address), place.revision == revision else { continue }
            let trace = ProjectionTrace(nothing, in: address.scope)
            try replace(place, by: nothing, trace, of: address, type: place.type, counting: &counts)
            try database.run("DELETE FROM past_revisions WHERE number = ?", .integer(place.number))
            try database.run("DELETE FROM documents WHERE number = ?", .integer(place.number))
            touched.append((address, nil))
            removed += 1
        }
        try counts.add(to: database)
        return removed
    }
}
