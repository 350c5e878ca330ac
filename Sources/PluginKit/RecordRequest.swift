//  What a client wants of a list by time: between which moments, which page, in which order. Source: Crossbar's range
//  views.

import DocumentStore
import Gateway
import Identity
import JSON

/// The parameters of a list of records.
package struct RecordRequest: Sendable {
    /// The longest time that one list covers, in seconds: 31 days and an hour.
    package static let longestRange: Int64 = 2_682_000

    package var times: Range<Int64>
    package var order: ListQuery.Order
    package var pageSize: Int
    /// The cursor as the client sent it.
    package var startKey: String?
    package var start: RecordPosition?

    /// - Throws: `.validation` for a time that ends before it begins or is too long; `.faultyRequest` for a faulty
    ///   `page_size`.
    package init(_ call: Call) throws(APIError) {
        let list = try ListRequest(call)
        pageSize = list.pageSize ?? ListRequest.maximumPageSize
        order = list.order
        startKey = list.startKey
        start = startKey.flatMap(Self.position)
        // Words that are no times count as if they were not there, as in Crossbar.
        func seconds(_ name: String) -> Int64? {
            call.control(name).flatMap { Int64($0) }.flatMap { $0 > 0 && $0 < 1 << 50 ? $0 : nil }
        }
        let to = seconds("created_to") ?? call.time + gregorianOffset
        let from = seconds("created_from") ?? max(0, to - Self.longestRange)
        guard from <= to else {
            throw Self.wrongRange("created_to \(to) is prior to created_from \(from)", cause: from)
        }
        guard to - from <= Self.longestRange else {
            let reason = "created_to \(to) is more than \(Self.longestRange) seconds from created_from \(from)"
            throw Self.wrongRange(reason, cause: to)
        }
        times = (from - gregorianOffset)..<(to - gregorianOffset + 1)
    }

    private static func wrongRange(_ message: String, cause: Int64) -> APIError {
        .invalid("created_from", rule: "date_range", message, ["cause": .number(JSONNumber(Int(cause)))])
    }

    /// A place among records as opaque text.
    package static func cursor(_ position: RecordPosition) -> String {
        String(decoding: Base64URL.encode(Array("\(position.time) \(position.id.text)".utf8)), as: UTF8.self)
    }

    private static func position(_ cursor: String) -> RecordPosition? {
        guard let bytes = Base64URL.decode(Array(cursor.utf8)[...]) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard words.count == 2, let time = Int64(words[0]) else { return nil }
        return RecordPosition(time: time, id: DocumentID(String(words[1])))
    }
}
