//  How much of everything is stored.

import DocumentStore
import GRDB
import Glibc

/// Numbers of one commit.
package struct StoreContents: Equatable, Sendable {
    package struct Kind: Equatable, Sendable {
        package var type: String
        /// How many there are that are not deleted.
        package var documents: Int
        package var tombstones: Int
    }

    package struct Consumer: Equatable, Sendable {
        package var name: String
        /// How many events wait for it.
        package var waiting: Int
    }

    package struct Month: Equatable, Sendable {
        package var month: CalendarMonth
        package var records: Int
    }

    /// By kind of document, in alphabetical order.
    package var kinds: [Kind] = []
    package var listRows = 0
    package var uniqueKeys = 0
    package var references = 0
    package var pastRevisions = 0
    package var events = 0
    /// By name.
    package var consumers: [Consumer] = []
    /// How many records of each month there are, oldest first.
    package var records: [Month] = []
    /// How many attachments documents name.
    package var attachments = 0
    package var sizes = StoreSizes()
}

/// Bytes on disk.
package struct StoreSizes: Equatable, Sendable {
    package var database = 0
    /// The write-ahead log.
    package var log = 0
    /// What the file system has left for this user.
    package var free = 0
}

extension StoreReader {
    /// Counts everything.
    ///
    /// Cost: reads every index once.
    package func contents() throws(StoreError) -> StoreContents {
        var contents = try readers.snapshot { database throws(StoreError) in try database.contents() }
        contents.sizes = sizes
        return contents
    }

    /// Cost: three calls to the kernel.
    package var sizes: StoreSizes {
        var sizes = StoreSizes(database: fileSize(readers.path), log: fileSize(readers.path + "-wal"))
        var system = statvfs()
        if statvfs(readers.path, &system) == 0 { sizes.free = Int(clamping: system.f_bavail * UInt(system.f_frsize)) }
        return sizes
    }

    /// Returns how many events wait for the consumer that is furthest behind, and since when the first does, in Unix
    /// seconds; nil if none waits.
    package func backlog() throws(StoreError) -> (events: Int, since: Int64)? {
        try readers.snapshot { database throws(StoreError) in
            let statement = try database.prepare(
                """
                SELECT (SELECT count(*) FROM events WHERE sequence > least), time
                FROM (SELECT min(acknowledged) AS least FROM consumers)
                JOIN events ON sequence = (SELECT min(sequence) FROM events WHERE sequence > least)
                """
            )
            guard try statement.step() else { return nil }
            return (Int(statement.integer(0)), statement.integer(1))
        }
    }

    /// When the last event happened, in Unix seconds; nil if there is none.
    package func lastEventTime() throws(StoreError) -> Int64? {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare("SELECT time FROM events ORDER BY sequence DESC LIMIT 1")
            return try statement.step() ? statement.integer(0) : nil
        }
    }
}

extension Database {
    fileprivate func contents() throws(StoreError) -> StoreContents {
        var contents = StoreContents()
        let kinds = try prepare(
            "SELECT type, count(*) - sum(deleted), sum(deleted) FROM documents GROUP BY type ORDER BY type"
        )
        while try kinds.step() {
            contents.kinds.append(
                .init(type: kinds.text(0), documents: Int(kinds.integer(1)), tombstones: Int(kinds.integer(2)))
            )
        }
        contents.listRows = try rowCount(of: "list_rows")
        contents.uniqueKeys = try rowCount(of: "unique_keys")
        contents.references = try rowCount(of: "document_references")
        contents.pastRevisions = try rowCount(of: "past_revisions")
        contents.events = try rowCount(of: "events")
        let consumers = try prepare(
            """
            SELECT name, (SELECT count(*) FROM events WHERE sequence > acknowledged) FROM consumers ORDER BY name
            """
        )
        while try consumers.step() {
            contents.consumers.append(.init(name: consumers.text(0), waiting: Int(consumers.integer(1))))
        }
        for month in try recordMonths() {
            contents.records.append(.init(month: month, records: try rowCount(of: "records_\(month)")))
        }
        contents.attachments = try usedAttachments().count
        return contents
    }
}

private func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
