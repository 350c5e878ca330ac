//  What a client wants of a list: which page, in which order, of which documents.

import DocumentStore
import Gateway
import JSON

/// The parameters of a list.
package struct ListRequest: Sendable {
    package static let defaultPageSize = 50
    package static let maximumPageSize = 5_000

    /// Rows a page; nil for all rows at once.
    package var pageSize: Int?
    package var order: ListQuery.Order
    /// The cursor as the client sent it.
    package var startKey: String?
    /// The last key to show, inclusive; nil for no bound.
    package var endKey: CollationKey?
    package var filter: Filter
    /// The only keys that are wanted: from the first, inclusive, to the second, exclusive.
    package var keys: (lower: CollationKey, upper: CollationKey)?

    /// - Throws: `.faultyRequest` if `page_size` is no positive number.
    package init(_ call: Call) throws(APIError) {
        pageSize = try Self.pageSize(call)
        let isAscending = (call.query["ascending"] ?? "false") != "false" && call.query["descending"] != "true"
        order = isAscending ? .ascending : .descending
        startKey = call.control("start_key")
        endKey = call.control("end_key").map { Cursor.position($0).key }
        filter = Filter(call.query)
    }

    private static func pageSize(_ call: Call) throws(APIError) -> Int? {
        if let paginate = call.control("paginate"), paginate != "true" { return nil }
        guard let text = call.control("page_size") else { return defaultPageSize }
        guard let number = JSONNumber(text: text)?.double, number.isFinite else {
            throw .faultyRequest("invalid page size")
        }
        guard number.rounded() >= 1 else { throw .faultyRequest("page size must be at least 1") }
        return Int(min(number.rounded(), Double(maximumPageSize)))
    }
}
