//  Reads a list from the store: a page, a filtered page, or all of it.

import Bytes
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

    /// How many rows are read at a time when more may be needed than are shown, or all are.
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
            reply.paging = Paging(
                count: page.rows.count,
                start: request.startKey,
                next: next,
                isAscending: request.order == .ascending
            )
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
        guard !request.filter.isEmpty else {
            let query = query(request, from: start, limit: count)
            let found = try store.read { store throws(StoreError) in try store.summaries(query, in: scope) }
            return (try found.rows.map(decorate), found.next.map(position))
        }
        var start = start
        var rows: [[UInt8]] = []
        repeat {
            var query = query(request, from: start, limit: Self.batch)
            query.includesDocuments = true
            let found = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
            for entry in found.entries where chooses(entry, request.filter) {
                if rows.count == count { return (rows, position(of: entry)) }
                rows.append(try decorate(entry.summary))
            }
            start = found.next
        } while start != nil
        return (rows, nil)
    }

    private func query(_ request: ListRequest, from start: ListPosition?, limit: Int) -> ListQuery {
        ListQuery(
            view: view,
            lowerBound: request.keys?.lower ?? (request.order == .descending ? request.endKey : nil),
            upperBound: request.keys?.upper ?? (request.order == .ascending ? request.endKey?.successor : nil),
            order: request.order,
            start: start,
            limit: limit
        )
    }

    /// Whether a row's document fulfils every condition. A field that the caller does not see is missing: nobody finds
    /// out what it holds by asking for it.
    private func chooses(_ entry: ListEntry, _ filter: Filter) -> Bool {
        guard let document = entry.document, let fields = document.fields(concealment, for: caller) else {
            return false
        }
        return filter.matches(.object(fields), created: document.created, modified: document.modified)
    }

    private func position(of entry: ListEntry) -> ListPosition {
        position(ListPosition(key: entry.key, id: entry.address.id, owner: entry.address.scope))
    }

    /// A view of the system holds documents of many accounts, whose ids may be the same; any other holds an id once.
    private func position(_ place: ListPosition) -> ListPosition {
        ListPosition(key: place.key, id: place.id, owner: scope == .system ? place.owner : nil)
    }

    /// A list has the revision of what a client sees of it: the rows, and where the next page begins.
    ///
    /// A digest of checksums: a digest of all rows would be a quarter of the work that a list is.
    private func revision(of rows: [[UInt8]], _ next: String?) -> String {
        var content: [UInt8] = []
        content.reserveCapacity(rows.count * 8 + 256)
        for row in rows {
            var sum = Checksum()
            sum.add(row)
            withUnsafeBytes(of: sum.value.littleEndian) { content.append(contentsOf: $0) }
        }
        content.append(contentsOf: (next ?? "").utf8)
        return hexadecimal(SHA256.hash(data: content).prefix(16))
    }
}

extension CollationKey {
    /// The smallest key that is greater.
    fileprivate var successor: CollationKey { CollationKey(bytes: bytes + [0]) }
}
