//  Reading a list view: a range of keys, a direction, a position to start at.

/// Which rows of a view to read.
package struct ListQuery: Equatable, Sendable {
    package enum Order: Equatable, Sendable { case ascending, descending }

    package var view: String
    /// Only keys from here on in ascending order, inclusive; nil for no bound.
    package var lowerBound: CollationKey?
    /// Only keys up to here in ascending order, exclusive; nil for no bound.
    package var upperBound: CollationKey?
    package var order: Order
    /// Where to begin, inclusive, in the direction of `order`.
    package var start: ListPosition?
    /// How many rows at the most.
    package var limit: Int
    /// Whether each entry carries its document.
    package var includesDocuments: Bool

    package init(
        view: String,
        lowerBound: CollationKey? = nil,
        upperBound: CollationKey? = nil,
        order: Order = .descending,
        start: ListPosition? = nil,
        limit: Int,
        includesDocuments: Bool = false
    ) {
        self.view = view
        self.lowerBound = lowerBound
        self.upperBound = upperBound
        self.order = order
        self.start = start
        self.limit = limit
        self.includesDocuments = includesDocuments
    }
}

/// A place in a view: a key, and the document among those with that key; without an id, the first of the key
/// in the direction of reading.
package struct ListPosition: Hashable, Sendable {
    package var key: CollationKey
    package var id: DocumentID?
    /// The document's own scope, where documents of several scopes with one id list themselves; nil where the view
    /// holds each id once.
    package var owner: Scope?

    package init(key: CollationKey, id: DocumentID? = nil, owner: Scope? = nil) {
        self.key = key
        self.id = id
        self.owner = owner
    }
}

/// One row of a page.
package struct ListEntry: Equatable, Sendable {
    package var key: CollationKey
    package var address: DocumentAddress
    package var summary: [UInt8]
    package var document: StoredDocument?

    package init(key: CollationKey, address: DocumentAddress, summary: [UInt8], document: StoredDocument? = nil) {
        self.key = key
        self.address = address
        self.summary = summary
        self.document = document
    }
}

/// One page of a view.
package struct ListPage: Equatable, Sendable {
    package var entries: [ListEntry]
    /// Where the next page begins; nil on the last page.
    package var next: ListPosition?

    package init(entries: [ListEntry], next: ListPosition?) {
        self.entries = entries
        self.next = next
    }
}

/// What one page of a view shows.
package struct ListSummaries: Equatable, Sendable {
    /// The summaries of the rows, in the order of the query.
    package var rows: [[UInt8]]
    /// Where the next page begins; nil on the last page.
    package var next: ListPosition?

    package init(rows: [[UInt8]], next: ListPosition?) {
        self.rows = rows
        self.next = next
    }
}
