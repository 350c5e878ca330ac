//  Records: what happened and is never changed, such as call detail records and the log of requests. They come in
//  masses, are read by time, and go by whole months.

package protocol RecordStore: Sendable {
    /// Adds records; one that has the scope, kind, time and id of another replaces it.
    func append(_ records: [StoredRecord]) throws(StoreError)

    /// Returns one page of records, by time and id.
    ///
    /// Cost: one index range a month that the page touches.
    func records(_ query: RecordQuery, in scope: Scope) throws(StoreError) -> RecordPage

    /// Returns the months of which there are records, oldest first.
    func recordMonths() throws(StoreError) -> [CalendarMonth]

    /// Removes all records, of all scopes and kinds, of the months before `month`; returns how many months went.
    ///
    /// Cost: that of giving pages back, not of looking at records.
    func dropRecords(before month: CalendarMonth) throws(StoreError) -> Int
}

package struct StoredRecord: Equatable, Sendable {
    package var scope: Scope
    /// `cdr`, `request`.
    package var kind: String
    /// Unix seconds.
    package var time: Int64
    package var id: DocumentID
    /// One compact JSON object in UTF-8.
    package var body: [UInt8]

    package init(scope: Scope, kind: String, time: Int64, id: DocumentID, body: [UInt8]) {
        self.scope = scope
        self.kind = kind
        self.time = time
        self.id = id
        self.body = body
    }

    package var position: RecordPosition { RecordPosition(time: time, id: id) }
}

/// A place among the records of a scope and kind.
package struct RecordPosition: Hashable, Sendable, Comparable {
    package var time: Int64
    package var id: DocumentID

    package init(time: Int64, id: DocumentID) {
        self.time = time
        self.id = id
    }

    package static func < (left: RecordPosition, right: RecordPosition) -> Bool {
        left.time != right.time
            ? left.time < right.time : left.id.text.utf8.lexicographicallyPrecedes(right.id.text.utf8)
    }
}

package struct RecordQuery: Equatable, Sendable {
    package var kind: String
    /// Unix seconds: from the first, inclusive, to the second, exclusive.
    package var times: Range<Int64>
    package var order: ListQuery.Order
    /// Where to begin, inclusive, in the direction of `order`.
    package var start: RecordPosition?
    package var limit: Int

    package init(
        kind: String,
        times: Range<Int64>,
        order: ListQuery.Order = .descending,
        start: RecordPosition? = nil,
        limit: Int
    ) {
        self.kind = kind
        self.times = times
        self.order = order
        self.start = start
        self.limit = limit
    }
}

package struct RecordPage: Equatable, Sendable {
    package var records: [StoredRecord]
    /// Where the next page begins; nil on the last page.
    package var next: RecordPosition?

    package init(records: [StoredRecord], next: RecordPosition?) {
        self.records = records
        self.next = next
    }
}
