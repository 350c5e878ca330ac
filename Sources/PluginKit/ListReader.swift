//  Reads a list from the store: a page, a filtered page, or all of it.

import Crypto
import DocumentStore
import Gateway

/// Reads one view.
struct ListReader {
    let store: any DocumentStore
    let scope: Scope
    /// The view's name in the store.
    let view: String

    /// How many rows are read at a time when more may be needed than are shown.
    private static let batch = 500

    /// A page, or all rows: at once if they are few, else as a stream, so that a long list costs no more memory than a
    /// short one.
    func read(_ request: ListRequest) throws(APIError) -> Reply {
        let start = request.startKey.map(Cursor.position)
        let page = try page(request, from: start, rows: request.pageSize ?? Self.batch)
        guard request.pageSize == nil, let next = page.next else {
            var reply = Reply(.rows(page.rows))
            if request.pageSize != nil {
                let next = page.next.map(Cursor.text)
                reply.paging = Paging(count: page.rows.count, start: request.startKey, next: next)
            }
            return reply.revised()
        }
        return Reply(
            .stream(
                RowStream { take in
                    try take(page.rows)
                    var rest: ListPosition? = next
                    while let start = rest {
                        let page = try self.page(request, from: start, rows: Self.batch)
                        try take(page.rows)
                        rest = page.next
                    }
                }
            )
        )
    }

    /// Returns up to `count` rows that the request wants, and the place of the one behind them.
    private func page(
        _ request: ListRequest,
        from start: ListPosition?,
        rows count: Int
    ) throws(APIError) -> (rows: [[UInt8]], next: ListPosition?) {
        var start = start
        var rows: [[UInt8]] = []
        repeat {
            let query = ListQuery(
                view: view,
                lowerBound: request.order == .descending ? request.endKey : nil,
                upperBound: request.order == .ascending ? request.endKey?.successor : nil,
                order: request.order,
                start: start,
                // One row more than the page shows is enough to know where the next one begins.
                limit: request.filter.isEmpty ? min(count - rows.count + 1, Self.batch) : Self.batch,
                includesDocuments: !request.filter.isEmpty
            )
            let page = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
            for entry in page.entries where request.filter.isEmpty || entry.document.map(request.filter.matches) == true
            {
                if rows.count == count { return (rows, ListPosition(key: entry.key, id: entry.address.id)) }
                rows.append(entry.summary)
            }
            start = page.next
        } while start != nil
        return (rows, nil)
    }
}

extension Reply {
    /// The list with each row changed; its revision is that of what it shows.
    package func mappingRows(
        _ change: @escaping @Sendable ([UInt8]) throws(APIError) -> [UInt8]
    ) throws(APIError) -> Reply {
        var reply = self
        switch content {
        case .none, .value: return self
        case .rows(let rows):
            var changed: [[UInt8]] = []
            for row in rows { changed.append(try change(row)) }
            reply.content = .rows(changed)
        case .stream(let rows):
            reply.content = .stream(
                RowStream { take in try rows.read { batch in try take(batch.map { row in try change(row) }) } }
            )
        }
        return reply.revised()
    }

    /// The list with the revision of what a client sees of it: the rows, and where the next page begins. An empty list
    /// has none, nor has one that is read while it is sent.
    fileprivate func revised() -> Reply {
        var reply = self
        reply.revision = nil
        guard case .rows(let rows) = content, !rows.isEmpty else { return reply }
        var hash = SHA256()
        for row in rows {
            hash.update(data: row)
            hash.update(data: [0])
        }
        hash.update(data: Array((paging?.next ?? "").utf8))
        reply.revision = hexadecimal(hash.finalize().prefix(16))
        return reply
    }
}

extension CollationKey {
    /// The smallest key that is greater.
    fileprivate var successor: CollationKey { CollationKey(bytes: bytes + [0]) }
}
