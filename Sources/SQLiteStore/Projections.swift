//  What a document wrote about itself last time gives way to what it writes now: rows, references, unique keys.

import DocumentStore
import GRDB

extension WriteSession {
    /// Where a row lies; the document that wrote it is known.
    private struct RowPlace: Hashable {
        var scope: Scope
        var view: String
        var key: CollationKey
    }

    /// Replaces all of a document's projection but the unique keys that are new, which `claim` takes.
    func replace(
        _ projection: Projection,
        of address: DocumentAddress,
        type: String,
        isNew: Bool,
        counting counts: inout RowCounts
    ) throws(StoreError) {
        try replaceRows(projection.rows, of: address, isNew: isNew, counting: &counts)
        try replaceReferences(projection.references, of: address, type: type, isNew: isNew)
        try replaceAttachments(projection.attachments, of: address, isNew: isNew)
        if !isNew { try release(keysBut: Set(projection.uniqueKeys), of: address) }
    }

    /// Replaces the rows of a document; rows that stay the same are not touched.
    private func replaceRows(
        _ rows: [ListRow],
        of address: DocumentAddress,
        isNew: Bool,
        counting counts: inout RowCounts
    ) throws(StoreError) {
        var wanted: [RowPlace: [UInt8]] = [:]
        wanted.reserveCapacity(rows.count)
        for row in rows {
            wanted[RowPlace(scope: row.scope, view: row.view, key: row.key)] = row.summary
        }
        var outdated: [RowPlace] = []
        var present: Set<RowPlace> = []
        if !isNew {
            let statement = try database.prepare(
                "SELECT scope, view, key, summary FROM list_rows WHERE owner = ? AND id = ?",
                .text(address.scope.text),
                .text(address.id.text)
            )
            while try statement.step() {
                let place = RowPlace(
                    scope: Scope(text: statement.text(0)),
                    view: statement.text(1),
                    key: CollationKey(bytes: statement.bytes(2))
                )
                if let summary = wanted[place] {
                    present.insert(place)
                    if summary == statement.bytes(3) { wanted[place] = nil }
                } else {
                    outdated.append(place)
                }
            }
        }
        for place in outdated {
            try database.run(
                "DELETE FROM list_rows WHERE scope = ? AND view = ? AND key = ? AND id = ? AND owner = ?",
                .text(place.scope.text),
                .text(place.view),
                .blob(place.key.bytes),
                .text(address.id.text),
                .text(address.scope.text)
            )
            counts.change(place.view, in: place.scope, by: -1)
        }
        for (place, summary) in wanted {
            let entry = ListEntry(key: place.key, address: address, summary: summary)
            try database.run(
                "INSERT OR REPLACE INTO list_rows VALUES (?, ?, ?, ?, ?, ?, ?)",
                .text(place.scope.text),
                .text(place.view),
                .blob(place.key.bytes),
                .text(address.id.text),
                .text(address.scope.text),
                .blob(summary),
                .integer(entry.checksum)
            )
            if !present.contains(place) { counts.change(place.view, in: place.scope, by: 1) }
        }
    }

    /// Replaces the references of a document; references that stay the same are not touched.
    private func replaceReferences(
        _ references: [OutgoingReference],
        of address: DocumentAddress,
        type: String,
        isNew: Bool
    ) throws(StoreError) {
        let scope = address.scope
        let source = address.id
        var wanted = Set(references)
        var outdated: [OutgoingReference] = []
        if !isNew {
            let statement = try database.prepare(
                "SELECT field, target, source_type FROM document_references WHERE scope = ? AND source = ?",
                .text(scope.text),
                .text(source.text)
            )
            while try statement.step() {
                let reference = OutgoingReference(field: statement.text(0), target: DocumentID(statement.text(1)))
                let isSame = statement.text(2) == type && wanted.remove(reference) != nil
                if !isSame { outdated.append(reference) }
            }
        }
        for reference in outdated {
            try database.run(
                "DELETE FROM document_references WHERE scope = ? AND target = ? AND field = ? AND source = ?",
                .text(scope.text),
                .text(reference.target.text),
                .text(reference.field),
                .text(source.text)
            )
        }
        for reference in wanted {
            try database.run(
                "INSERT INTO document_references VALUES (?, ?, ?, ?, ?)",
                .text(scope.text),
                .text(reference.target.text),
                .text(reference.field),
                .text(source.text),
                .text(type)
            )
        }
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

    /// Gives up the unique keys that a document no longer has.
    private func release(keysBut wanted: Set<UniqueKey>, of address: DocumentAddress) throws(StoreError) {
        var outdated: [UniqueKey] = []
        let statement = try database.prepare(
            "SELECT scope, name, value FROM unique_keys WHERE owner = ? AND id = ?",
            .text(address.scope.text),
            .text(address.id.text)
        )
        while try statement.step() {
            let key = UniqueKey(
                scope: Scope(text: statement.text(0)),
                name: statement.text(1),
                value: statement.text(2)
            )
            if !wanted.contains(key) { outdated.append(key) }
        }
        for key in outdated {
            try database.run(
                "DELETE FROM unique_keys WHERE scope = ? AND name = ? AND value = ?",
                .text(key.scope.text),
                .text(key.name),
                .text(key.value)
            )
        }
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
    private struct View: Hashable {
        var scope: Scope
        var name: String
    }

    private var changes: [View: Int64] = [:]

    mutating func change(_ view: String, in scope: Scope, by difference: Int64) {
        changes[View(scope: scope, name: view), default: 0] += difference
    }

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
