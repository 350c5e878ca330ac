//  What a document wrote about itself last time gives way to what it writes now: rows, references, unique keys.

import DocumentStore
import GRDB

extension WriteSession {
    /// Replaces all of a document's projection but the unique keys that are new, which `claim` takes. What stays the same
    /// is not touched.
    ///
    /// - Parameters:
    ///   - previous: the document as it was stored; nil if it was not.
    ///   - trace: that of the projection.
    func replace(
        _ previous: StoredPlace?,
        by projection: Projection,
        _ trace: ProjectionTrace,
        of address: DocumentAddress,
        type: String,
        counting counts: inout RowCounts
    ) throws(StoreError) {
        for row in projection.rows { try write(row, of: address) }
        try replaceAttachments(projection.attachments, of: address, isNew: previous == nil)
        // A reference says what type its source has.
        if let previous, previous.trace == trace, previous.type == type { return }
        let past = try previous?.trace.places(of: address) ?? ProjectionTrace.Places()
        let places = Set(projection.rows.map(\.place))
        for place in places.subtracting(past.rows) { counts.change(place.view, by: 1) }
        for place in past.rows.subtracting(places) {
            try database.run(
                "DELETE FROM list_rows WHERE scope = ? AND view = ? AND key = ? AND id = ? AND owner = ?",
                .text(place.view.scope.text),
                .text(place.view.name),
                .blob(place.key.bytes),
                .text(address.id.text),
                .text(address.scope.text)
            )
            counts.change(place.view, by: -1)
        }
        for reference in projection.references { try write(reference, of: address, type: type) }
        for reference in past.references.subtracting(projection.references) {
            try database.run(
                "DELETE FROM document_references WHERE scope = ? AND target = ? AND field = ? AND source = ?",
                .text(address.scope.text),
                .text(reference.target.text),
                .text(reference.field),
                .text(address.id.text)
            )
        }
        for key in past.keys.subtracting(projection.uniqueKeys) {
            // A rebuild may have found it held by another.
            try database.run(
                "DELETE FROM unique_keys WHERE scope = ? AND name = ? AND value = ? AND owner = ? AND id = ?",
                .text(key.scope.text),
                .text(key.name),
                .text(key.value),
                .text(address.scope.text),
                .text(address.id.text)
            )
        }
    }

    private func write(_ row: ListRow, of address: DocumentAddress) throws(StoreError) {
        let entry = ListEntry(key: row.key, address: address, summary: row.summary)
        try database.run(
            """
            INSERT INTO list_rows VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET summary = excluded.summary, checksum = excluded.checksum
            WHERE summary <> excluded.summary OR checksum <> excluded.checksum
            """,
            .text(row.scope.text),
            .text(row.view),
            .blob(row.key.bytes),
            .text(address.id.text),
            .text(address.scope.text),
            .blob(row.summary),
            .integer(entry.checksum)
        )
    }

    private func write(_ reference: OutgoingReference, of source: DocumentAddress, type: String) throws(StoreError) {
        try database.run(
            """
            INSERT INTO document_references VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET source_type = excluded.source_type WHERE source_type <> excluded.source_type
            """,
            .text(source.scope.text),
            .text(reference.target.text),
            .text(reference.field),
            .text(source.id.text),
            .text(type)
        )
    }

    /// Replaces the attachments that a document names; those that stay the same are not touched. The owner goes on
    /// holding the others until they are collected.
    ///
    /// - Throws: `.missing` if the file of one is not there; an attachment's id is its digest.
    private func replaceAttachments(
        _ digests: [AttachmentDigest],
        of address: DocumentAddress,
        isNew: Bool
    ) throws(StoreError) {
        let (owner, id) = (SQLValue.text(address.scope.text), SQLValue.text(address.id.text))
        var wanted = Set(digests)
        var outdated: [String] = []
        if !isNew {
            let statement = try database.prepare(
                "SELECT digest, bytes FROM attachment_uses WHERE owner = ? AND id = ?",
                owner,
                id
            )
            while try statement.step() {
                let text = statement.text(0)
                // What an older release wrote has no bytes, and is written anew.
                if statement.integer(1) > 0, let digest = AttachmentDigest(text), wanted.remove(digest) != nil {
                    continue
                }
                outdated.append(text)
            }
        }
        for digest in outdated {
            if let digest = AttachmentDigest(digest) { _ = try hold(digest, for: address.scope) }
            try database.run(
                "DELETE FROM attachment_uses WHERE digest = ? AND owner = ? AND id = ?",
                .text(digest),
                owner,
                id
            )
        }
        for digest in wanted {
            // Collecting has a turn of its own, so that what is there now stays until the commit.
            guard let file = try attachments.status(of: digest) else {
                throw .missing(DocumentAddress(DocumentID(digest.text), in: address.scope))
            }
            try database.run(
                "INSERT INTO attachment_uses (digest, owner, id, bytes) VALUES (?, ?, ?, ?)",
                .text(digest.text),
                owner,
                id,
                .integer(file.bytes)
            )
        }
    }

    /// Counts an attachment for a scope until it is collected; false if it is not there.
    func hold(_ digest: AttachmentDigest, for scope: Scope) throws(StoreError) -> Bool {
        guard let file = try attachments.status(of: digest) else { return false }
        try database.run(
            "INSERT OR REPLACE INTO held_attachments (owner, digest, bytes, stored) VALUES (?, ?, ?, ?)",
            .text(scope.text),
            .text(digest.text),
            .integer(file.bytes),
            .integer(file.stored)
        )
        return true
    }

    /// Gives a document the unique keys that it does not have yet; returns those that other documents hold.
    func claim(_ keys: [UniqueKey], for address: DocumentAddress) throws(StoreError) -> [UniqueKey] {
        var taken: [UniqueKey] = []
        for key in keys {
            let holder = try database.holder(of: key)
            if holder == address { continue }
            guard holder == nil else {
                taken.append(key)
                continue
            }
            try database.run(
                "INSERT INTO unique_keys VALUES (?, ?, ?, ?, ?)",
                .text(key.scope.text),
                .text(key.name),
                .text(key.value),
                .text(address.scope.text),
                .text(address.id.text)
            )
        }
        return taken
    }
}

/// How a change set alters the numbers of rows.
struct RowCounts {
    private var changes: [ViewPlace: Int64] = [:]

    mutating func change(_ view: ViewPlace, by difference: Int64) { changes[view, default: 0] += difference }

    func add(to database: Database) throws(StoreError) {
        for (view, difference) in changes where difference != 0 {
            try database.run(
                """
                INSERT INTO list_counts VALUES (?, ?, ?)
                ON CONFLICT (scope, view) DO UPDATE SET count = count + excluded.count
                """,
                .text(view.scope.text),
                .text(view.name),
                .integer(difference)
            )
        }
    }
}
