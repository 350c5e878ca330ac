//  Looking at everything that is stored, and saying in sentences what is not as it should be.

import DocumentStore
import GRDB
import JSON

extension SQLiteStore {
    /// Checks every invariant of the stored data, as of one commit, while the store is used.
    ///
    /// - Returns: a sentence for each finding, at most 1,000; none if all is well.
    ///
    /// Cost: reads everything once.
    package func check() throws(StoreError) -> [String] {
        try readers.snapshot { [attachments] database throws(StoreError) in
            var check = StoreCheck(database: database, attachments: attachments)
            return try check.findings()
        }
    }
}

struct StoreCheck {
    let database: Database
    let attachments: AttachmentFolder
    private var sentences: [String] = []

    private static let limit = 1_000

    init(database: Database, attachments: AttachmentFolder) {
        self.database = database
        self.attachments = attachments
    }

    mutating func findings() throws(StoreError) -> [String] {
        try checkPages()
        // The rest asks questions that a damaged tree cannot answer.
        guard sentences.isEmpty else { return sentences }
        try checkDocuments()
        try checkRows()
        try checkCounts()
        try checkOwners()
        try checkEvents()
        try checkAttachments()
        return sentences
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
        let statement = try database.prepare("SELECT scope, id, \(documentColumns) FROM documents ORDER BY number")
        while try statement.step() {
            let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
            do {
                let document = try storedDocument(statement, at: address, from: 2)
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

    private mutating func checkRows() throws(StoreError) {
        let statement = try database.prepare("SELECT key, id, owner, summary, checksum, view FROM list_rows")
        while try statement.step() {
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

    /// Whatever a document wrote is gone with the document.
    private mutating func checkOwners() throws(StoreError) {
        for (table, scope, id, noun) in [
            ("list_rows", "owner", "id", "A row"), ("unique_keys", "owner", "id", "A unique key"),
            ("document_references", "scope", "source", "A reference"),
            ("attachment_uses", "owner", "id", "The use of an attachment"),
        ] {
            let statement = try database.prepare(
                """
                SELECT t.\(scope), t.\(id) FROM \(table) AS t
                LEFT JOIN documents AS d ON d.scope = t.\(scope) AND d.id = t.\(id) WHERE d.number IS NULL
                """
            )
            while try statement.step() {
                let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
                add("\(noun) belongs to \(words(address)), which does not exist.")
            }
        }
        let statement = try database.prepare(
            """
            SELECT past_revisions.revision FROM past_revisions LEFT JOIN documents USING (number)
            WHERE documents.id IS NULL
            """
        )
        while try statement.step() { add("The past revision \(statement.text(0)) belongs to no document.") }
    }

    private mutating func checkEvents() throws(StoreError) {
        var last: Int64 = 0
        while true {
            do {
                let events = try database.events(after: last, limit: 1_000)
                guard let sequence = events.last?.sequence else { return }
                last = sequence
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                return add(sentence)
            }
        }
    }

    private mutating func checkAttachments() throws(StoreError) {
        for digest in try database.usedAttachments() {
            do {
                if try attachments.bytes(of: digest) == nil { add("Attachment \(digest) is named but not there.") }
            } catch {
                guard case .corrupt(let sentence) = error else { throw error }
                add(sentence)
            }
        }
    }
}

extension Database {
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
