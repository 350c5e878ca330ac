//  What a document has written into other tables, kept beside it: its next write finds there what to replace. An index
//  of each table by document would be a page more to write for each row of it.

import Bytes
import DocumentStore
import JSON

/// Where the rows, unique keys and references of one document are, as it is stored.
///
/// One JSON object, `{"rows":[[scope,view,key]],"keys":[[scope,name,value]],"references":[[field,target]]}`; the key of a
/// row is in hexadecimal digits, and a scope that is the document's own is null.
struct ProjectionTrace: Equatable {
    /// Equal means equal bytes, as in the table.
    struct RowPlace: Hashable {
        var view: ViewPlace
        var key: CollationKey

        init(scope: Scope, view: String, key: CollationKey) {
            self.view = ViewPlace(scope: scope, name: view)
            self.key = key
        }
    }

    /// What the text says.
    struct Places {
        var rows: Set<RowPlace> = []
        var keys: Set<UniqueKey> = []
        var references: Set<OutgoingReference> = []
    }

    let text: String

    init(stored text: String) { self.text = text }

    /// - Parameter own: the scope of the document.
    init(_ projection: Projection, in own: Scope) {
        var writer = JSONWriter(reservingCapacity: 512)
        func write(_ scope: Scope?, _ parts: String...) {
            writer.beginArray()
            if let scope { scope == own ? writer.null() : writer.string(scope.text) }
            for part in parts { writer.string(part) }
            writer.endArray()
        }
        writer.beginObject()
        writer.key("rows")
        writer.beginArray()
        for row in projection.rows { write(row.scope, row.view, hexadecimal(row.key.bytes)) }
        writer.endArray()
        writer.key("keys")
        writer.beginArray()
        for key in projection.uniqueKeys { write(key.scope, key.name, key.value) }
        writer.endArray()
        writer.key("references")
        writer.beginArray()
        for reference in projection.references { write(nil, reference.field, reference.target.text) }
        writer.endArray()
        writer.endObject()
        text = String(decoding: writer.bytes, as: UTF8.self)
    }

    static func == (left: ProjectionTrace, right: ProjectionTrace) -> Bool { sameScalars(left.text, right.text) }

    /// - Throws: `.corrupt` if the text is none that was written.
    func places(of address: DocumentAddress) throws(StoreError) -> Places {
        let damage = StoreError.corrupt("What \(words(address)) wrote into the indexes cannot be read.")
        guard let trace = (try? JSON(parsing: text))?.object else { throw damage }
        func entries<Entry>(_ name: String, _ read: ([JSON]) -> Entry?) throws(StoreError) -> Set<Entry> {
            var entries: Set<Entry> = []
            for element in trace[name]?.array ?? [] {
                guard let entry = element.array.flatMap(read) else { throw damage }
                entries.insert(entry)
            }
            return entries
        }
        func scope(_ value: JSON) -> Scope? { value == .null ? address.scope : value.string.map(Scope.init(text:)) }
        return Places(
            rows: try entries("rows") { parts in
                guard parts.count == 3, let scope = scope(parts[0]), let view = parts[1].string,
                    let key = parts[2].string.flatMap(bytes(hexadecimal:))
                else { return nil }
                return RowPlace(scope: scope, view: view, key: CollationKey(bytes: key))
            },
            keys: try entries("keys") { parts in
                guard parts.count == 3, let scope = scope(parts[0]), let name = parts[1].string,
                    let value = parts[2].string
                else { return nil }
                return UniqueKey(scope: scope, name: name, value: value)
            },
            references: try entries("references") { parts in
                guard parts.count == 2, let field = parts[0].string, let target = parts[1].string else { return nil }
                return OutgoingReference(field: field, target: DocumentID(target))
            }
        )
    }
}

/// A view of a scope. Equal means equal bytes, as in the tables.
struct ViewPlace: Hashable {
    var scope: Scope
    var name: String

    static func == (left: ViewPlace, right: ViewPlace) -> Bool {
        left.scope == right.scope && sameScalars(left.name, right.name)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(scope)
        hashScalars(name, into: &hasher)
    }
}

extension ListRow {
    var place: ProjectionTrace.RowPlace { .init(scope: scope, view: view, key: key) }
}
