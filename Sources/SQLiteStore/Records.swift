//  Records in a table a month, so that a month goes at once.

import DocumentStore
import GRDB

extension SQLiteStore: RecordStore {
    package func append(_ records: [StoredRecord]) throws(StoreError) {
        guard !records.isEmpty else { return }
        try writer.perform(needsSpace: true) { session throws(StoreError) in
            let database = session.database
            var months = Set(try database.recordMonths())
            for record in records {
                let month = CalendarMonth(containing: record.time)
                if months.insert(month).inserted { try database.makeRecordTable(month) }
                try database.run(
                    "INSERT OR REPLACE INTO records_\(month) VALUES (?, ?, ?, ?, ?, ?)",
                    .text(record.scope.text),
                    .text(record.kind),
                    .integer(record.time),
                    .text(record.id.text),
                    .blob(record.body),
                    .integer(record.checksum)
                )
            }
        }
    }

    package func records(_ query: RecordQuery, in scope: Scope) throws(StoreError) -> RecordPage {
        precondition(query.limit > 0, "A page has at least one record.")
        return try readers.snapshot { database throws(StoreError) in
            var page = RecordPage(records: [], next: nil)
            guard !query.times.isEmpty else { return page }
            let months = try database.recordMonths()
            for month in query.order == .ascending ? months : months.reversed() {
                guard try !database.append(query, in: scope, of: month, to: &page) else { return page }
            }
            return page
        }
    }

    package func recordMonths() throws(StoreError) -> [CalendarMonth] {
        try readers.read { database throws(StoreError) in try database.recordMonths() }
    }

    package func dropRecords(before month: CalendarMonth) throws(StoreError) -> Int {
        try writer.perform(giving: 0) { session throws(StoreError) in
            let months = try session.database.recordMonths().filter { $0 < month }
            for month in months { try session.database.run("DROP TABLE records_\(month)") }
            return months.count
        }
    }
}

extension Database {
    func recordMonths() throws(StoreError) -> [CalendarMonth] {
        let statement = try prepare(
            """
            SELECT substr(name, 9) FROM sqlite_schema
            WHERE type = 'table' AND name GLOB 'records_[0-9]*' ORDER BY name
            """
        )
        var months: [CalendarMonth] = []
        while try statement.step() {
            if let month = CalendarMonth(statement.text(0)) { months.append(month) }
        }
        return months
    }

    fileprivate func makeRecordTable(_ month: CalendarMonth) throws(StoreError) {
        try run(
            """
            CREATE TABLE records_\(month) (
                scope TEXT NOT NULL,
                kind TEXT NOT NULL,
                time INTEGER NOT NULL,
                id TEXT NOT NULL,
                body BLOB NOT NULL,
                checksum INTEGER NOT NULL,
                PRIMARY KEY (scope, kind, time, id)
            ) STRICT, WITHOUT ROWID
            """
        )
    }

    /// Adds the records of one month; true once the page is full.
    fileprivate func append(
        _ query: RecordQuery,
        in scope: Scope,
        of month: CalendarMonth,
        to page: inout RecordPage
    ) throws(StoreError) -> Bool {
        guard
            (CalendarMonth(containing: query.times.lowerBound)...CalendarMonth(containing: query.times.upperBound))
                .contains(month)
        else { return false }
        let isAscending = query.order == .ascending
        var sql = "SELECT time, id, body, checksum FROM records_\(month)"
        sql += " WHERE scope = ? AND kind = ? AND time >= ? AND time < ?"
        var values: [SQLValue] = [
            .text(scope.text), .text(query.kind), .integer(query.times.lowerBound), .integer(query.times.upperBound),
        ]
        if let start = query.start {
            sql += " AND (time, id) \(isAscending ? ">=" : "<=") (?, ?)"
            values += [.integer(start.time), .text(start.id.text)]
        }
        let direction = isAscending ? "ASC" : "DESC"
        sql += " ORDER BY time \(direction), id \(direction) LIMIT ?"
        values.append(SQLValue(min(query.limit - page.records.count, Int(Int32.max)) + 1))
        let statement = try prepare(sql, values)
        while try statement.step() {
            let record = StoredRecord(
                scope: scope,
                kind: query.kind,
                time: statement.integer(0),
                id: DocumentID(statement.text(1)),
                body: statement.bytes(2)
            )
            guard record.checksum == statement.integer(3) else {
                throw .corrupt(record.damage)
            }
            guard page.records.count < query.limit else {
                page.next = record.position
                return true
            }
            page.records.append(record)
        }
        return false
    }
}

extension StoredRecord {
    /// What is said of one whose checksum is another.
    var damage: String { "The checksum of the \(kind) record \(id) does not match its content." }

    /// Over everything that is stored.
    var checksum: Int64 {
        var sum = Checksum()
        sum.add(scope.text)
        sum.add(kind)
        sum.add(UInt64(bitPattern: time))
        sum.add(id.text)
        sum.add(body)
        return sum.integer
    }
}
