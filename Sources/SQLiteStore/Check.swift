//  Looking at everything that is stored, and saying in sentences what is not as it should be.

import DocumentStore
import GRDB
import JSON

extension StoreReader {
    /// Checks every invariant of the stored data, as of one commit, while the store is used.
    ///
    /// - Parameters:
    ///   - project: what a document should have written into the indexes; nil to ask only whether each index is in
    ///     order. What it throws is a finding.
    ///   - progress: told of how many documents, rows and files of how many everything is read.
    /// - Returns: a sentence for each finding, at most 1,000; none if all is well.
    ///
    /// Cost: reads everything once.
    package func check(
        project: ((StoredDocument) throws(StoreError) -> Projection)? = nil,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> [String] {
        let (sentences, missing) = try readers.snapshot { [attachments] database throws(StoreError) in
            var check = StoreCheck(database: database, attachments: attachments, project: project, progress: progress)
            return (try check.findings(), check.missingAttachments)
        }
        // One that was let go of after the snapshot is not missing.
        let used =
            missing.isEmpty
            ? []
            : try readers.read { database throws(StoreError) in
                Set(try database.usedAttachments())
            }
        return sentences
            + missing.filter { used.contains($0) }.map(\.loss)
    }
}

private struct StoreCheck {
    let database: Database
    let attachments: any AttachmentSource
    let project: ((StoredDocument) throws(StoreError) -> Projection)?
    let progress: (Int, Int) -> Void
    private(set) var missingAttachments: [AttachmentDigest] = []
    private var sentences: [String] = []
    private var done = 0
    private var total = 0

    private static let limit = 1_000

    init(
        database: Database,
        attachments: any AttachmentSource,
        project: ((StoredDocument) throws(StoreError) -> Projection)?,
        progress: @escaping (Int, Int) -> Void
    ) {
        self.database = database
        self.attachments = attachments
        self.project = project
        self.progress = progress
    }

    mutating func findings() throws(StoreError) -> [String] {
        try checkPages()
        // The rest asks questions that a damaged tree cannot answer.
        guard sentences.isEmpty else { return sentences }
        let months = try database.recordMonths()
        for table in ["documents", "list_rows", "past_revisions", "events"] + months.map({ "records_\($0)" }) {
            total += try database.rowCount(of: table)
        }
        let used = try usedAttachments()
        total += used.count
        try checkDocuments()
        try checkRows()
        try checkCounts()
        try checkOwners()
        try checkPastRevisions()
        try checkEvents()
        try checkConsumers()
        for month in months { try checkRecords(of: month) }
        try check(used)
        return sentences
    }

    private mutating func step() {
        done += 1
        progress(done, max(done, total))
    }

    private mutating func add(_ sentence: String) {
        if sentences.count < Self.limit { sentences.append(sentence) }
    }

    private mutating func checkPages() throws(StoreError) {
        do {
            let statement = try database.prepare("PRAGMA integrity_check(100)")
            while try statement.step() {
                let finding = statement.text(0)
                if finding != "ok" { add("The database file is damaged: \(finding).") }
            }
        } catch {
            guard case .corrupt(let reason) = error else { throw error }
            add("The database file is damaged: \(reason).")
        }
    }

    private mutating func checkDocuments() throws(StoreError) {
        let statement = try database.prepare(
            "SELECT scope, id, trace, \(documentColumns) FROM documents ORDER BY number"
        )
        while try statement.step() {
            let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
            do {
                step()
                let document = try storedDocument(statement, at: address, from: 3)
                let trace = ProjectionTrace(stored: statement.text(2))
                try checkProjection(of: document, trace: try trace.places(of: address))
                for (part, text) in [("public", document.body), ("private", document.privateBody)] {
                    guard (try? JSON(parsing: text))?.object == nil else { continue }
                    add("The \(part) fields of \(words(address)) are no JSON object.")
                }
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                add(sentence)
            }
        }
    }

    /// What the indexes say of a document is what it wrote, and what follows from its fields.
    private mutating func checkProjection(of document: StoredDocument, trace: ProjectionTrace.Places) throws(StoreError)
    {
        let found = try database.projection(of: document.address, trace: trace)
        for (noun, missing) in [
            ("list rows", trace.rows.count - found.rows.count),
            ("unique keys", trace.keys.count - found.uniqueKeys.count),
            ("references", trace.references.count - found.references.count),
        ] where missing > 0 {
            add("Of the \(noun) of \(words(document.address)) \(missing) are not there.")
        }
        guard let project else { return }
        let wanted = try project(document)
        for (noun, isSame) in [
            ("list rows", Set(found.rows) == Set(wanted.rows)),
            ("unique keys", Set(found.uniqueKeys) == Set(wanted.uniqueKeys)),
            ("references", Set(found.references) == Set(wanted.references)),
            ("attachments", Set(found.attachments) == Set(wanted.attachments)),
        ] where !isSame {
            add("The \(noun) of \(words(document.address)) are not those that follow from its fields.")
        }
    }

    private mutating func checkRows() throws(StoreError) {
        let statement = try database.prepare("SELECT key, id, owner, summary, checksum, view FROM list_rows")
        while try statement.step() {
            step()
            let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(2)))
            let key = CollationKey(bytes: statement.bytes(0))
            let entry = ListEntry(key: key, address: address, summary: statement.bytes(3))
            guard entry.checksum != statement.integer(4) else { continue }
            add(
                "The checksum of a row of \(words(address)) in the view \(statement.text(5)) does not match its content."
            )
        }
    }

    private mutating func checkCounts() throws(StoreError) {
        let statement = try database.prepare(
            """
            SELECT coalesce(r.scope, c.scope), coalesce(r.view, c.view), coalesce(r.rows, 0), coalesce(c.count, 0)
            FROM (SELECT scope, view, count(*) AS rows FROM list_rows GROUP BY scope, view) AS r
            FULL JOIN list_counts AS c ON c.scope = r.scope AND c.view = r.view
            WHERE coalesce(r.rows, 0) <> coalesce(c.count, 0)
            """
        )
        while try statement.step() {
            let scope = statement.text(0)
            add(
                "The view \(statement.text(1)) of \(scope.isEmpty ? "the system" : "account \(scope)") has"
                    + " \(statement.integer(2)) rows, its counter says \(statement.integer(3))."
            )
        }
    }

    /// Whatever a document wrote is gone with the document, or when it wrote something else.
    private mutating func checkOwners() throws(StoreError) {
        // Whether the trace of the document has an entry that says so.
        func isTraced(_ list: String, _ entry: String) -> String {
            let entries = "json_each(iif(json_valid(d.trace), d.trace, '{}'), '$.\(list)')"
            return "EXISTS (SELECT 1 FROM \(entries) WHERE \(entry))"
        }
        let isInScope = "coalesce(value ->> 0, d.scope) = t.scope"
        for (table, scope, id, noun, isOwned) in [
            (
                "list_rows", "owner", "id", "A row",
                isTraced("rows", "\(isInScope) AND value ->> 1 = t.view AND upper(value ->> 2) = hex(t.key)")
            ),
            (
                "unique_keys", "owner", "id", "A unique key",
                isTraced("keys", "\(isInScope) AND value ->> 1 = t.name AND value ->> 2 = t.value")
            ),
            (
                "document_references", "scope", "source", "A reference",
                isTraced("references", "value ->> 0 = t.field AND value ->> 1 = t.target")
            ),
            ("attachment_uses", "owner", "id", "The use of an attachment", "d.number IS NOT NULL"),
        ] {
            let statement = try database.prepare(
                """
                SELECT t.\(scope), t.\(id), d.number IS NULL FROM \(table) AS t
                LEFT JOIN documents AS d ON d.scope = t.\(scope) AND d.id = t.\(id)
                WHERE NOT \(isOwned)
                """
            )
            while try statement.step() {
                let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
                let isGone = statement.integer(2) != 0
                add("\(noun) belongs to \(words(address)), which \(isGone ? "does not exist" : "did not write it").")
            }
        }
    }

    private mutating func checkPastRevisions() throws(StoreError) {
        let statement = try database.prepare(
            """
            SELECT \(pastRevisionColumns), documents.scope, documents.id
            FROM past_revisions LEFT JOIN documents USING (number)
            """
        )
        while try statement.step() {
            step()
            guard !statement.isNull(6) else {
                add("The past revision \(statement.text(0)) belongs to no document.")
                continue
            }
            let address = DocumentAddress(DocumentID(statement.text(6)), in: Scope(text: statement.text(5)))
            do {
                let past = try storedRevision(statement, of: address)
                if (try? JSON(parsing: past.body))?.object == nil {
                    add("The past revision \(past.revision) of \(words(address)) is no JSON object.")
                }
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                add(sentence)
            }
        }
    }

    private mutating func checkEvents() throws(StoreError) {
        let statement = try database.prepare("SELECT \(eventColumns) FROM events ORDER BY sequence")
        while try statement.step() {
            step()
            do {
                _ = try recordedEvent(statement)
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                add(sentence)
            }
        }
    }

    private mutating func checkConsumers() throws(StoreError) {
        let statement = try database.prepare(
            """
            SELECT name, acknowledged FROM consumers
            WHERE acknowledged > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)
            """
        )
        while try statement.step() {
            add("The consumer \(statement.text(0)) has had event \(statement.integer(1)), which has not happened yet.")
        }
    }

    private mutating func checkRecords(of month: CalendarMonth) throws(StoreError) {
        let statement = try database.prepare("SELECT scope, kind, time, id, body, checksum FROM records_\(month)")
        while try statement.step() {
            step()
            let record = StoredRecord(
                scope: Scope(text: statement.text(0)),
                kind: statement.text(1),
                time: statement.integer(2),
                id: DocumentID(statement.text(3)),
                body: statement.bytes(4)
            )
            if record.checksum != statement.integer(5) { add(record.damage) }
        }
    }

    private mutating func usedAttachments() throws(StoreError) -> [AttachmentDigest] {
        do {
            return try database.usedAttachments()
        } catch {
            guard case .corrupt(let sentence) = error else { throw error }
            add(sentence)
            return []
        }
    }

    private mutating func check(_ used: [AttachmentDigest]) throws(StoreError) {
        for digest in used {
            step()
            do {
                guard let bytes = try attachments.read(digest, { _ in }) else {
                    missingAttachments.append(digest)
                    continue
                }
                let wrong = try database.prepare(
                    // None, where an older release wrote it.
                    "SELECT 1 FROM attachment_uses WHERE digest = ? AND bytes NOT IN (0, ?) LIMIT 1",
                    .text(digest.text),
                    .integer(Int64(bytes))
                )
                if try wrong.step() { add("Attachment \(digest) counts other bytes than it has.") }
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                add(sentence)
            }
        }
    }
}

extension Database {
    func rowCount(of table: String) throws(StoreError) -> Int {
        let statement = try prepare("SELECT count(*) FROM \(table)")
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    /// What the indexes say of a document, as far as what it wrote is there.
    fileprivate func projection(
        of address: DocumentAddress,
        trace: ProjectionTrace.Places
    ) throws(StoreError) -> Projection {
        var projection = Projection()
        let (owner, id) = (SQLValue.text(address.scope.text), SQLValue.text(address.id.text))
        for place in trace.rows {
            let row = try prepare(
                "SELECT summary FROM list_rows WHERE scope = ? AND view = ? AND key = ? AND id = ? AND owner = ?",
                .text(place.view.scope.text),
                .text(place.view.name),
                .blob(place.key.bytes),
                id,
                owner
            )
            if try row.step() {
                let summary = row.bytes(0)
                projection.rows.append(
                    ListRow(scope: place.view.scope, view: place.view.name, key: place.key, summary: summary)
                )
            }
        }
        for key in trace.keys where try holder(of: key) == address { projection.uniqueKeys.append(key) }
        for reference in trace.references {
            let row = try prepare(
                "SELECT 1 FROM document_references WHERE scope = ? AND target = ? AND field = ? AND source = ?",
                owner,
                .text(reference.target.text),
                .text(reference.field),
                id
            )
            if try row.step() { projection.references.append(reference) }
        }
        let uses = try prepare("SELECT digest FROM attachment_uses WHERE owner = ? AND id = ?", owner, id)
        while try uses.step() {
            // What is no digest is a finding of its own.
            if let digest = AttachmentDigest(uses.text(0)) { projection.attachments.append(digest) }
        }
        return projection
    }

    /// Every attachment that a document names.
    func usedAttachments() throws(StoreError) -> [AttachmentDigest] {
        let statement = try prepare("SELECT DISTINCT digest FROM attachment_uses")
        var digests: [AttachmentDigest] = []
        while try statement.step() {
            guard let digest = AttachmentDigest(statement.text(0)) else {
                throw .corrupt("\(statement.text(0)) is no digest of an attachment.")
            }
            digests.append(digest)
        }
        return digests
    }
}
