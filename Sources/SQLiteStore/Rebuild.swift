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
            for item in projections {
                guard let place = try session.database.place(of: item.address), place.revision == item.revision else {
                    continue
                }
                let trace = ProjectionTrace(item.projection, in: item.address.scope)
                try session.keep(trace, at: place)
                try session.replace(place, by: item.projection, trace, of: item.address, type: type, counting: &counts)
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

extension WriteSession {
    /// Writes the trace of a projection beside a document that stays as it is.
    func keep(_ trace: ProjectionTrace, at place: StoredPlace) throws(StoreError) {
        guard trace != place.trace else { return }
        try database.run(
            "UPDATE documents SET trace = ? WHERE number = ?",
            .text(trace.text),
            .integer(place.number)
        )
    }

    fileprivate func record(_ progress: ProjectionProgress, of type: String) throws(StoreError) {
        try database.run(
            "INSERT OR REPLACE INTO projections VALUES (?, ?, ?)",
            .text(type),
            SQLValue(progress.version),
            progress.position.map(SQLValue.integer) ?? .null
        )
    }
}
