//  What a list shows: which row a document writes about itself, and under which key.

import DocumentStore
import JSON

/// A list of documents.
package struct ListView: Sendable {
    /// One place of a document in the view.
    package struct Place: Sendable {
        /// Which of several lists of one name: the parent, for a list of children.
        package let within: String?
        package let key: JSON

        package init(within: String? = nil, key: JSON) {
            self.within = within
            self.key = key
        }
    }

    /// Nil for the list of the collection's own URL.
    package let name: String?
    /// Whether the list belongs to the system rather than to the document's account.
    package let isSystemWide: Bool
    package let row: [RowField]
    package let places: @Sendable (Document) -> [Place]

    /// A list sorted by fields; documents that lack one sort first.
    package init(_ name: String? = nil, key: [String] = ["name"], row: [RowField]) {
        self.init(name, row: row) { document in
            let values = key.map { document.fields[$0] ?? .null }
            return [Place(key: values.count == 1 ? values[0] : .array(values))]
        }
    }

    package init(
        _ name: String? = nil,
        isSystemWide: Bool = false,
        row: [RowField],
        places: @escaping @Sendable (Document) -> [Place]
    ) {
        self.name = name
        self.isSystemWide = isSystemWide
        self.row = row
        self.places = places
    }

    /// The rows that a document writes.
    func rows(of document: Document, _ resource: ResourceDefinition) -> [ListRow] {
        let places = places(document)
        if places.isEmpty { return [] }
        var summary = JSONObject()
        summary["id"] = .string(document.id.text)
        for field in row { summary[field.name] = field.value(document) }
        let bytes = JSON.object(summary).bytes()
        return places.map { place in
            ListRow(
                scope: isSystemWide ? .system : document.scope,
                view: resource.storeName(of: self, within: place.within),
                key: CollationKey(place.key),
                summary: bytes
            )
        }
    }
}

/// A field of a row: copied from the document if it has one, or computed.
package struct RowField: Sendable, ExpressibleByStringLiteral {
    package let name: String
    package let value: @Sendable (Document) -> JSON?

    package init(stringLiteral name: String) {
        self.init(name) { $0.fields[name] }
    }

    /// - Parameter value: gives nil to leave the field out.
    package init(_ name: String, value: @escaping @Sendable (Document) -> JSON?) {
        self.name = name
        self.value = value
    }
}
