//  One page of a list view: one range of one index.

import DocumentStore
import GRDB

extension Database {
    func page(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListPage {
        precondition(query.limit > 0, "A page has at least one row.")
        let statement = try prepare(pageSQL(query), pageValues(query, in: scope))
        var entries: [ListEntry] = []
        while try statement.step() {
            if entries.count == query.limit { return ListPage(entries: entries, next: listPosition(statement)) }
            entries.append(try listEntry(statement, view: query.view, in: scope))
        }
        return ListPage(entries: entries, next: nil)
    }

    func summaries(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListSummaries {
        precondition(query.limit > 0 && !query.includesDocuments, "A page of summaries has rows and no documents.")
        let statement = try prepare(pageSQL(query), pageValues(query, in: scope))
        var rows: [[UInt8]] = []
        while try statement.step() {
            if rows.count == query.limit { return ListSummaries(rows: rows, next: listPosition(statement)) }
            try checkRow(statement, view: query.view)
            rows.append(statement.bytes(3))
        }
        return ListSummaries(rows: rows, next: nil)
    }
}

/// - Throws: `.corrupt` if the bytes of the row are not those that were written.
private func checkRow(_ statement: borrowing PreparedStatement, view: String) throws(StoreError) {
    // In the order of `ListEntry.checksum`.
    var sum = Checksum()
    statement.add(0, to: &sum)
    statement.add(2, to: &sum)
    statement.add(1, to: &sum)
    statement.add(3, to: &sum)
    guard sum.integer == statement.integer(4) else {
        let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(2)))
        throw .corrupt("The checksum of a row of \(words(address)) in the view \(view) does not match its content.")
    }
}

/// The row after the last one of a page is where the next page begins.
private func listPosition(_ statement: borrowing PreparedStatement) -> ListPosition {
    ListPosition(
        key: CollationKey(bytes: statement.bytes(0)),
        id: DocumentID(statement.text(1)),
        owner: Scope(text: statement.text(2))
    )
}

private func listEntry(
    _ statement: borrowing PreparedStatement,
    view: String,
    in scope: Scope
) throws(StoreError) -> ListEntry {
    try checkRow(statement, view: view)
    let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(2)))
    var entry = ListEntry(
        key: CollationKey(bytes: statement.bytes(0)),
        address: address,
        summary: statement.bytes(3)
    )
    if statement.columnCount > 5, !statement.isNull(5) {
        entry.document = try storedDocument(statement, at: address, from: 5)
    }
    return entry
}

/// keeps I7: bounds and position become one range of (key, id, owner), in the order in which the table lies.
func pageSQL(_ query: ListQuery) -> String {
    var sql = "SELECT r.key, r.id, r.owner, r.summary, r.checksum"
    if query.includesDocuments {
        sql += ", d.type, d.revision, d.created, d.modified, d.deleted, d.body, d.private, d.checksum"
    }
    sql += " FROM list_rows AS r"
    if query.includesDocuments { sql += " LEFT JOIN documents AS d ON d.scope = r.owner AND d.id = r.id" }
    sql += " WHERE r.scope = ? AND r.view = ?"
    let isAscending = query.order == .ascending
    if query.lowerBound != nil { sql += " AND r.key >= ?" }
    if query.upperBound != nil { sql += " AND r.key < ?" }
    switch (query.start, query.start?.id, query.start?.owner) {
    case (nil, _, _): break
    case (_, nil, _): sql += isAscending ? " AND r.key >= ?" : " AND r.key <= ?"
    case (_, _, nil): sql += isAscending ? " AND (r.key, r.id) >= (?, ?)" : " AND (r.key, r.id) <= (?, ?)"
    default: sql += " AND (r.key, r.id, r.owner) \(isAscending ? ">=" : "<=") (?, ?, ?)"
    }
    let direction = isAscending ? "ASC" : "DESC"
    return sql + " ORDER BY r.key \(direction), r.id \(direction), r.owner \(direction) LIMIT ?"
}

func pageValues(_ query: ListQuery, in scope: Scope) -> [SQLValue] {
    var values: [SQLValue] = [.text(scope.text), .text(query.view)]
    if let bound = query.lowerBound { values.append(.blob(bound.bytes)) }
    if let bound = query.upperBound { values.append(.blob(bound.bytes)) }
    if let start = query.start {
        values.append(.blob(start.key.bytes))
        if let id = start.id {
            values.append(.text(id.text))
            if let owner = start.owner { values.append(.text(owner.text)) }
        }
    }
    values.append(SQLValue(min(query.limit, Int(Int32.max)) + 1))
    return values
}
