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

    /// - Parameter decorate: adds to a row what is counted when the list is read.
    func read(
        _ request: ListRequest,
        decorating decorate: ([UInt8]) throws(APIError) -> [UInt8]
    ) throws(APIError) -> Reply {
        var start = request.startKey.map(Cursor.position)
        var found: [ListEntry] = []
        // One row more than the page shows is enough to know where the next one begins.
        let wanted = request.pageSize.map { $0 + 1 } ?? .max
        repeat {
            let query = ListQuery(
                view: view,
                order: request.order,
                start: start,
                limit: request.filter.isEmpty ? min(wanted - found.count, Self.batch) : Self.batch,
                includesDocuments: !request.filter.isEmpty
            )
            let page = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
            for entry in page.entries where found.count < wanted {
                if request.filter.isEmpty || entry.document.map(request.filter.matches) == true { found.append(entry) }
            }
            start = page.next
        } while start != nil && found.count < wanted
        var next: ListPosition?
        if let size = request.pageSize, found.count > size {
            next = ListPosition(key: found[size].key, id: found[size].address.id)
            found.removeLast(found.count - size)
        }
        var rows: [[UInt8]] = []
        for entry in found { rows.append(try decorate(entry.summary)) }
        var reply = Reply(.rows(rows))
        reply.revision = rows.isEmpty ? nil : revision(of: rows)
        if request.pageSize != nil {
            reply.paging = Paging(count: rows.count, start: request.startKey, next: next.map(Cursor.text))
        }
        return reply
    }

    /// A list has the revision of what it shows.
    private func revision(of rows: [[UInt8]]) -> String {
        var hash = SHA256()
        for row in rows { hash.update(data: row) }
        return hexadecimal(hash.finalize().prefix(16))
    }
}
