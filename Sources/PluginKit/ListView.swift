//  What a list shows: which row a document writes about itself, and under which key.

import DocumentStore
import Gateway
import JSON

/// A list of documents.
///
/// Change a view as you like: another program than the one that wrote the rows goes through all documents once, while it
/// serves, and writes those that differ. See `Rebuild`.
package struct ListView: Sendable {
    /// One place of a document in the view.
    package struct Place: Sendable {
        /// Which of several lists of one name: the parent, for a list of children.
        package let within: String?
        package let key: JSON
        /// What the row says beside the view's fields, because it stands here.
        package let fields: JSONObject

        package init(within: String? = nil, key: JSON, fields: JSONObject = [:]) {
            self.within = within
            self.key = key
            self.fields = fields
        }
    }

    /// Nil for the list of the collection's own URL.
    package let name: String?
    /// Whether the list belongs to the system rather than to the document's account.
    package let isSystemWide: Bool
    package let row: [RowField]
    /// Fields of a row that are not written with the document but counted when the list is read.
    package let counted: [CountedField]
    /// The fields that the order follows, the weightiest first; empty if it follows what no field says.
    package let sortedBy: [String]
    package let places: @Sendable (Document) -> [Place]

    /// A list sorted by fields, or by id if none is named; documents that lack a field sort first.
    package init(_ name: String? = nil, key: [JSONPath] = [], row: [RowField], counted: [CountedField] = []) {
        self.init(name, row: row, counted: counted, sortedBy: key.map(\.description)) { document in
            let fields = JSON.object(document.fields)
            let values = key.map { fields.value(at: $0) ?? .null }
            switch values.count {
            case 0: return [Place(key: .string(document.id.text))]
            case 1: return [Place(key: values[0])]
            default: return [Place(key: .array(values))]
            }
        }
    }

    package init(
        _ name: String? = nil,
        isSystemWide: Bool = false,
        row: [RowField],
        counted: [CountedField] = [],
        sortedBy: [String] = [],
        places: @escaping @Sendable (Document) -> [Place]
    ) {
        self.name = name
        self.isSystemWide = isSystemWide
        self.row = row
        self.counted = counted
        self.sortedBy = sortedBy
        self.places = places
    }

    /// The rows that a document writes. Secret fields decide neither whether nor where it stands in a list.
    func rows(of document: Document, _ resource: ResourceDefinition) -> [ListRow] {
        var shown = document
        resource.concealment.removeSecrets(from: &shown.fields)
        let places = places(shown)
        if places.isEmpty { return [] }
        shown.secrets = JSONObject()
        var summary = JSONObject()
        summary["id"] = .string(document.id.text)
        for field in row {
            // A list is a summary: what would fill a page by itself is left to the document.
            guard let value = field.value(document, shown), !value.isLarger(than: Self.fieldLimit) else { continue }
            summary[field.name] = value
        }
        return places.map { place in
            var summary = summary
            for (name, value) in place.fields { summary[name] = value }
            return ListRow(
                scope: isSystemWide ? .system : document.scope,
                view: storeName(resource.name, within: place.within),
                key: CollationKey(place.key),
                summary: JSON.object(summary).bytes()
            )
        }
    }

    /// The largest field of a row, in bytes, about.
    static let fieldLimit = 4_096

    /// The name of the view in the store.
    func storeName(_ resource: String, within: String?) -> String {
        var text = resource
        for part in [name, within] {
            guard let part else { continue }
            text += "/"
            text += part
        }
        return text
    }
}

/// A field of a row: copied from the document if it has one, or computed when the document is written.
package struct RowField: Sendable, ExpressibleByStringLiteral {
    package let name: String
    /// Whether only those see it who see the documents' secret fields.
    let isSecret: Bool
    /// Given the document, and the document without its private and its secret fields.
    let value: @Sendable (_ whole: Document, _ shown: Document) -> JSON?

    /// A field of the document. What is secret in it is written, and shown to those who may see it.
    package init(stringLiteral name: String) {
        self.init(name, isSecret: false) { whole, _ in whole.fields[name] }
    }

    /// - Parameter value: is given the document without its private and its secret fields; nil leaves the field out.
    package init(_ name: String, value: @escaping @Sendable (Document) -> JSON?) {
        self.init(name, isSecret: false) { _, shown in value(shown) }
    }

    /// A private field that everybody may see who may see the list.
    package init(private name: String) {
        self.init(name, isSecret: false) { whole, _ in whole.secrets[name] }
    }

    /// A field that shows something secret to those who may see it.
    package init(secret name: String, value: @escaping @Sendable (Document) -> JSON?) {
        self.init(name, isSecret: true) { whole, _ in value(whole) }
    }

    private init(_ name: String, isSecret: Bool, value: @escaping @Sendable (Document, Document) -> JSON?) {
        self.name = name
        self.isSecret = isSecret
        self.value = value
    }
}

/// A field of a row that follows from other documents, such as how many rows another view has for the document.
package struct CountedField: Sendable {
    package let name: String
    /// Gives nil to leave the field out.
    package let value: @Sendable (DocumentID, Reader) throws(APIError) -> JSON?

    package init(_ name: String, value: @escaping @Sendable (DocumentID, Reader) throws(APIError) -> JSON?) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, count: @escaping @Sendable (DocumentID, Reader) throws(APIError) -> Int) {
        self.init(name) { id, reader throws(APIError) in .number(JSONNumber(try count(id, reader))) }
    }
}
