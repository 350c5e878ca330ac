//  A document while it is worked on: its public and its private fields as values.

import DocumentStore
import Gateway
import JSON

/// A document in memory.
package struct Document: Equatable, Sendable {
    package let id: DocumentID
    package let scope: Scope
    /// The kind of document in the singular.
    package let type: String
    /// The revision that is stored, or nil if nothing is yet.
    package let revision: Revision?
    /// Unix seconds of the first and of the last write; 0 if nothing is stored yet.
    package let created: Int64
    package let modified: Int64
    /// What clients see and set, without `id`.
    package var fields: JSONObject
    /// What no client sees: credentials, the place in the tree.
    package var secrets: JSONObject

    /// A document that is not stored yet.
    package init(id: DocumentID = .random(), scope: Scope, type: String, fields: JSONObject) {
        self.id = id
        self.scope = scope
        self.type = type
        revision = nil
        created = 0
        modified = 0
        self.fields = fields
        secrets = JSONObject()
    }

    /// - Throws: `.internalFault` if the stored bytes are no JSON objects, which no write of ours leaves behind.
    package init(_ stored: StoredDocument) throws(APIError) {
        id = stored.id
        scope = stored.scope
        type = stored.type
        revision = stored.revision
        created = stored.created
        modified = stored.modified
        fields = try Self.object(stored.body, stored)
        fields["id"] = nil
        secrets = try Self.object(stored.privateBody, stored)
    }

    package subscript(field: String) -> JSON? { fields[field] }

    private static func object(_ bytes: [UInt8], _ stored: StoredDocument) throws(APIError) -> JSONObject {
        guard let object = (try? JSON(parsing: bytes))?.object else {
            throw .internalFault("document \(stored.scope.text)/\(stored.id) is damaged")
        }
        return object
    }
}

/// What happens to one document.
package struct Change: Sendable {
    /// Before, or nil if it is created.
    package let old: Document?
    /// After, or nil if it is deleted.
    package var new: Document?

    package init(old: Document?, new: Document?) {
        self.old = old
        self.new = new
    }

    /// Whether anything differs.
    package var isReal: Bool { old?.fields != new?.fields || old?.secrets != new?.secrets }

    /// The top-level public fields that differ, sorted.
    package var changedFields: [String] {
        let before = old?.fields ?? JSONObject()
        let after = new?.fields ?? JSONObject()
        return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
    }

    /// Whether a field differs.
    package func changes(_ field: String) -> Bool { old?.fields[field] != new?.fields[field] }
}
