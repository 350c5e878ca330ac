//  The tables of the database, and their version.

import DocumentStore
import GRDB

/// The version of the tables below; a change of them is a new number and a step in `prepareSchema`.
let schemaVersion: Int64 = 6

/// Makes the tables of a new database and checks those of an old one.
///
/// - Parameter onUpgrade: called before tables of an earlier version are changed, which reads all that is stored.
/// - Throws: `.corrupt` if a newer release of Jackfield wrote the database.
func prepareSchema(_ database: Database, onUpgrade: (_ version: Int64) -> Void) throws(StoreError) {
    try database.run("BEGIN IMMEDIATE")
    do {
        try prepareSchemaInTransaction(database, onUpgrade)
        try database.run("COMMIT")
    } catch {
        if database.hasTransaction { try database.run("ROLLBACK") }
        throw error
    }
}

private func prepareSchemaInTransaction(
    _ database: Database,
    _ onUpgrade: (Int64) -> Void
) throws(StoreError) {
    try database.run("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID")
    switch try metaInteger("schema_version", in: database) {
    case nil:
        for statement in tables { try database.run(statement) }
        try database.run("INSERT INTO meta VALUES ('schema_version', ?)", .integer(schemaVersion))
    case schemaVersion: break
    case let version? where steps[version] != nil:
        onUpgrade(version)
        for version in version..<schemaVersion {
            for statement in steps[version] ?? [] { try database.run(statement) }
        }
        try database.run("UPDATE meta SET value = ? WHERE name = 'schema_version'", .integer(schemaVersion))
    case let version?:
        throw .corrupt(
            "The database has version \(version) of the tables; this release of Jackfield knows version \(schemaVersion)."
                + " Start the release that wrote it, or restore a backup of this one's."
        )
    }
}

/// An integer of the `meta` table, or nil if it is not there.
func metaInteger(_ name: String, in database: Database) throws(StoreError) -> Int64? {
    let statement = try database.prepare("SELECT value FROM meta WHERE name = ?", .text(name))
    return try statement.step() ? statement.integer(0) : nil
}

/// What makes the tables of one version those of the next.
private let steps: [Int64: [String]] = [
    1: [
        "ALTER TABLE events ADD COLUMN reloads TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE events ADD COLUMN id TEXT NOT NULL DEFAULT ''",
        "UPDATE events SET id = lower(hex(randomblob(16)))",
        eventsOfScope,
    ],
    // What was written before has none.
    2: [
        "ALTER TABLE events ADD COLUMN checksum INTEGER",
        "ALTER TABLE past_revisions ADD COLUMN checksum INTEGER",
    ],
    3: [
        "ALTER TABLE attachment_uses ADD COLUMN bytes INTEGER",
        "DROP INDEX attachment_uses_of_document",
        attachmentUsesOfDocument,
    ],
    4: [heldAttachments],
    // What three indexes found before.
    5: [
        "ALTER TABLE documents ADD COLUMN trace TEXT NOT NULL DEFAULT '{}'",
        """
        UPDATE documents AS d SET trace = json_object(
            'rows', json((
                SELECT json_group_array(json_array(nullif(scope, d.scope), view, hex(key))) FROM list_rows AS r
                WHERE r.owner = d.scope AND r.id = d.id
            )),
            'keys', json((
                SELECT json_group_array(json_array(nullif(scope, d.scope), name, value)) FROM unique_keys AS k
                WHERE k.owner = d.scope AND k.id = d.id
            )),
            'references', json((
                SELECT json_group_array(json_array(field, target)) FROM document_references AS r
                WHERE r.scope = d.scope AND r.source = d.id
            ))
        )
        """,
        "DROP INDEX list_rows_of_document",
        "DROP INDEX unique_keys_of_document",
        "DROP INDEX document_references_of_source",
    ],
]

private let attachmentUsesOfDocument = "CREATE INDEX attachment_uses_of_document ON attachment_uses (owner, id, bytes)"

/// What is on disk for an owner though no document of his need name it: what came, and what one named until lately. When
/// the file was stored last, in Unix seconds, says when it can be collected.
private let heldAttachments = """
    CREATE TABLE held_attachments (
        owner TEXT NOT NULL,
        digest TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        stored INTEGER NOT NULL,
        PRIMARY KEY (owner, digest)
    ) STRICT, WITHOUT ROWID
    """

private let eventsOfScope = "CREATE INDEX events_of_scope ON events (scope, sequence)"

private let tables = [
    // A rowid, because documents may be large: the scope and the id lie in an index of their own. `trace` is where the
    // document's rows, unique keys and references are; see `ProjectionTrace`.
    """
    CREATE TABLE documents (
        number INTEGER PRIMARY KEY,
        scope TEXT NOT NULL,
        id TEXT NOT NULL,
        type TEXT NOT NULL,
        revision TEXT NOT NULL,
        created INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        trace TEXT NOT NULL DEFAULT '{}',
        body BLOB NOT NULL,
        private BLOB NOT NULL,
        checksum INTEGER NOT NULL,
        UNIQUE (scope, id)
    ) STRICT
    """,
    "CREATE INDEX documents_of_type ON documents (type)",
    "CREATE INDEX tombstones_of_type ON documents (scope, type, modified, id) WHERE deleted = 1",
    "CREATE INDEX tombstones ON documents (modified) WHERE deleted = 1",
    // `number` is that of the document; `replaced` is when the revision ceased to be the present one.
    """
    CREATE TABLE past_revisions (
        number INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        revision TEXT NOT NULL,
        modified INTEGER NOT NULL,
        replaced INTEGER NOT NULL,
        deleted INTEGER NOT NULL,
        body BLOB NOT NULL,
        checksum INTEGER,
        UNIQUE (number, generation)
    ) STRICT
    """,
    "CREATE INDEX past_revisions_by_time ON past_revisions (replaced)",
    // keeps I7: the table is the range. `owner` is the scope of the document that wrote the row.
    """
    CREATE TABLE list_rows (
        scope TEXT NOT NULL,
        view TEXT NOT NULL,
        key BLOB NOT NULL,
        id TEXT NOT NULL,
        owner TEXT NOT NULL,
        summary BLOB NOT NULL,
        checksum INTEGER NOT NULL,
        PRIMARY KEY (scope, view, key, id, owner)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE list_counts (
        scope TEXT NOT NULL,
        view TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (scope, view)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE unique_keys (
        scope TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (scope, name, value)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE document_references (
        scope TEXT NOT NULL,
        target TEXT NOT NULL,
        field TEXT NOT NULL,
        source TEXT NOT NULL,
        source_type TEXT NOT NULL,
        PRIMARY KEY (scope, target, field, source)
    ) STRICT, WITHOUT ROWID
    """,
    // How many bytes it has; 0 or null where an older release wrote it.
    """
    CREATE TABLE attachment_uses (
        digest TEXT NOT NULL,
        owner TEXT NOT NULL,
        id TEXT NOT NULL,
        bytes INTEGER,
        PRIMARY KEY (digest, owner, id)
    ) STRICT, WITHOUT ROWID
    """,
    attachmentUsesOfDocument,
    heldAttachments,
    // How far the projections of a type are; the position is null when all documents are done.
    """
    CREATE TABLE projections (
        type TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        position INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    // AUTOINCREMENT: a sequence is never used again, even when the last event has been purged.
    """
    CREATE TABLE events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        scope TEXT NOT NULL,
        document TEXT NOT NULL,
        type TEXT NOT NULL,
        revision TEXT NOT NULL,
        changed TEXT NOT NULL,
        related TEXT NOT NULL,
        actor TEXT NOT NULL,
        request TEXT NOT NULL,
        time INTEGER NOT NULL,
        reloads TEXT NOT NULL,
        id TEXT NOT NULL,
        checksum INTEGER
    ) STRICT
    """,
    eventsOfScope,
    // Up to which event a consumer has acknowledged, and who holds it until when.
    """
    CREATE TABLE consumers (
        name TEXT PRIMARY KEY,
        acknowledged INTEGER NOT NULL,
        holder TEXT NOT NULL,
        leased_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
]
