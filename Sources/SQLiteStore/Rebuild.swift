//  Projections written anew, in batches, with the progress in the same commit.

import DocumentStore
import GRDB

extension SQLiteStore: ProjectionRebuild {
    package func projectionProgress(of type: String) throws(StoreError) -> ProjectionProgress? {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                "SELECT version, position FROM projections WHERE type = ?",
                .text(type)
            )
            guard try statement.step() else { return nil }
            return ProjectionProgress(
                version: Int(statement.integer(0)),
                position: statement.isNull(1) ? nil : statement.integer(1)
            )
        }
    }

    package func documents(
        of type: String,
        after position: Int64,
        limit: Int
    ) throws(StoreError) -> [PositionedDocument] {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                """
                SELECT number, scope, id, \(documentColumns) FROM documents
                WHERE type = ? AND number > ? ORDER BY number LIMIT ?
                """,
                .text(type),
                .integer(position),
                SQLValue(max(limit, 0))
            )
            var documents: [PositionedDocument] = []
            while try statement.step() {
                let address = DocumentAddress(DocumentID(statement.text(2)), in: Scope(text: statement.text(1)))
                let document = try storedDocument(statement, at: address, from: 3)
                documents.append(PositionedDocument(position: statement.integer(0), document: document))
            }
            return documents
        }
    }

    package func reproject(
        _ projections: [Reprojection],
        of type: String,
        progress: ProjectionProgress
    ) throws(StoreError) -> [UniqueKey] {
        try writer.perform(giving: [], needsSpace: true) { session throws(StoreError) in
            var counts = RowCounts()
            var current: [Reprojection] = []
            for item in projections where try session.database.revision(of: item.address) == item.revision {
                try session.replace(item.projection, of: item.address, type: type, isNew: false, counting: &counts)
                current.append(item)
            }
            var taken: [UniqueKey] = []
            for item in current { taken += try session.claim(item.projection.uniqueKeys, for: item.address) }
            try counts.add(to: session.database)
            try session.record(progress, of: type)
            return taken
        }
    }
}

extension Database {
    fileprivate func revision(of address: DocumentAddress) throws(StoreError) -> Revision? {
        let statement = try prepare(
            "SELECT revision FROM documents WHERE scope = ? AND id = ?",
            .text(address.scope.text),
            .text(address.id.text)
        )
        return try statement.step() ? Revision(statement.text(0)) : nil
    }
}

extension WriteSession {
    fileprivate func record(_ progress: ProjectionProgress, of type: String) throws(StoreError) {
        try database.run(
            "INSERT OR REPLACE INTO projections VALUES (?, ?, ?)",
            .text(type),
            SQLValue(progress.version),
            progress.position.map(SQLValue.integer) ?? .null
        )
    }
}
