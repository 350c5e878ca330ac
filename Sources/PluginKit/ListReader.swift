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
    let concealment: Concealment
    let caller: Caller?

    /// How many rows are read at a time when more may be needed than are shown.
    private static let batch = 500

    /// Returns a page, or all rows: at once if they are few, else as a stream, so that a long list costs no more memory
    /// than a short one.
    ///
    /// - Parameter decorate: adds to a row what is counted when the list is read.
    func read(
        _ request: ListRequest,
        decorating decorate: @escaping ([UInt8]) throws(APIError) -> [UInt8]
    ) throws(APIError) -> Reply {
        let count = request.pageSize ?? Self.batch
        let page = try page(request, from: request.startKey.map(Cursor.position), rows: count, decorate)
        guard request.pageSize == nil, let next = page.next else { return reply(page, request) }
        return Reply(
            .stream(
                RowStream { take in
                    try take(page.rows)
                    var rest: ListPosition? = next
                    while let start = rest {
                        let page = try self.page(request, from: start, rows: Self.batch, decorate)
                        try take(page.rows)
                        rest = page.next
                    }
                }
            )
        )
    }

    private typealias Page = (rows: [[UInt8]], next: ListPosition?)

    private func reply(_ page: Page, _ request: ListRequest) -> Reply {
        var reply = Reply(.rows(page.rows))
        let next = page.next.map(Cursor.text)
        reply.revision = page.rows.isEmpty ? nil : revision(of: page.rows, next)
        if request.pageSize != nil {
            reply.paging = Paging(count: page.rows.count, start: request.startKey, next: next)
        }
        return reply
    }

    /// Returns up to `count` rows that the request wants, and the place of the one behind them.
    private func page(
        _ request: ListRequest,
        from start: ListPosition?,
        rows count: Int,
        _ decorate: ([UInt8]) throws(APIError) -> [UInt8]
    ) throws(APIError) -> Page {
        var start = start
        var rows: [[UInt8]] = []
        repeat {
            let query = ListQuery(
                view: view,
                lowerBound: request.keys?.lower ?? (request.order == .descending ? request.endKey : nil),
                upperBound: request.keys?.upper ?? (request.order == .ascending ? request.endKey?.successor : nil),
                order: request.order,
                start: start,
                // One row more than the page shows is enough to know where the next one begins.
                limit: request.filter.isEmpty ? min(count - rows.count + 1, Self.batch) : Self.batch,
                includesDocuments: !request.filter.isEmpty
            )
            let found = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
            for entry in found.entries where chooses(entry, request.filter) {
                if rows.count == count { return (rows, position(of: entry)) }
                rows.append(try decorate(entry.summary))
            }
            start = found.next
        } while start != nil
        return (rows, nil)
    }

    /// Whether a row's document fulfils every condition. A field that the caller does not see is missing: nobody finds
    /// out what it holds by asking for it.
    private func chooses(_ entry: ListEntry, _ filter: Filter) -> Bool {
        if filter.isEmpty { return true }
        guard let document = entry.document, let fields = document.fields(concealment, for: caller) else {
            return false
        }
        return filter.matches(.object(fields), created: document.created, modified: document.modified)
    }

    /// A view of the system holds documents of many accounts, whose ids may be the same.
    private func position(of entry: ListEntry) -> ListPosition {
        let owner = scope == .system ? entry.address.scope : nil
        return ListPosition(key: entry.key, id: entry.address.id, owner: owner)
    }

    /// A list has the revision of what a client sees of it: the rows, and where the next page begins.
    private func revision(of rows: [[UInt8]], _ next: String?) -> String {
        var hash = SHA256()
        for row in rows {
            hash.update(data: row)
            hash.update(data: [0])
        }
        hash.update(data: Array((next ?? "").utf8))
        return hexadecimal(hash.finalize().prefix(16))
    }
}

extension CollationKey {
    /// The smallest key that is greater.
    fileprivate var successor: CollationKey { CollationKey(bytes: bytes + [0]) }
}
