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
    /// What the store has, or nil if the document is new.
    private(set) var stored: StoredDocument?
    /// Whether the id was made with the document, so that nothing can have been there before.
    private(set) var hasNewID: Bool
    /// What clients see and set, without `id`.
    package var fields: JSONObject
    /// What no client sees: credentials, the place in the tree.
    package var secrets: JSONObject
    /// The files by name, each as its record.
    var attachments = JSONObject()
    /// The place of each link among those that lead to the same document, where that counts.
    var ranks = JSONObject()

    /// A document that is not stored yet.
    init(id: DocumentID? = nil, scope: Scope, type: String, fields: JSONObject) {
        self.id = id ?? .random()
        hasNewID = id == nil
        self.scope = scope
        self.type = type
        stored = nil
        self.fields = fields
        secrets = JSONObject()
    }

    /// - Throws: `.internalFault` if the stored bytes are no JSON objects, which no write of ours leaves behind.
    init(_ stored: StoredDocument) throws(APIError) {
        id = stored.id
        scope = stored.scope
        type = stored.type
        self.stored = stored
        hasNewID = false
        fields = try Self.object(stored.body, stored)
        fields["id"] = nil
        secrets = try Self.object(stored.privateBody, stored)
        ranks = secrets.removeValue(forKey: Self.ranksField)?.object ?? JSONObject()
        attachments = secrets.removeValue(forKey: Self.attachmentsField)?.object ?? JSONObject()
    }

    /// The document when the store has it in this form.
    func written(as stored: StoredDocument) -> Document {
        var document = self
        document.stored = stored
        document.hasNewID = false
        return document
    }

    package var revision: Revision? { stored?.revision }

    /// Unix seconds of the first write; nil if nothing is stored yet.
    package var created: Int64? { stored?.created }

    var address: DocumentAddress { DocumentAddress(id, in: scope) }

    /// Unix seconds of the last write; nil if nothing is stored yet.
    package var modified: Int64? { stored?.modified }

    package subscript(field: String) -> JSON? { fields[field] }

    /// The public fields with the id, as one compact JSON object.
    var publicBytes: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 1_024)
        writer.beginObject()
        for (name, value) in fields where name != "id" {
            writer.key(name)
            writer.value(value)
        }
        writer.key("id")
        writer.string(id.text)
        writer.endObject()
        return writer.bytes
    }

    /// What no client sees, as one compact JSON object.
    var privateBytes: [UInt8] {
        var whole = secrets
        if !ranks.isEmpty { whole[Self.ranksField] = .object(ranks) }
        if !attachments.isEmpty { whole[Self.attachmentsField] = .object(attachments) }
        return JSON.object(whole).bytes()
    }

    private static let ranksField = "link_ranks"
    private static let attachmentsField = "attachments"

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
    /// Whether what is created is a document that was deleted: of it nothing can be asked that only a client brings.
    package private(set) var isRestoration = false

    package init(old: Document?, new: Document?) {
        self.old = old
        self.new = new
    }

    /// A deleted document, made again.
    static func restoration(of deleted: Document) -> Change {
        var change = Change(old: nil, new: deleted)
        change.isRestoration = true
        return change
    }

    /// Whether anything differs.
    package var isReal: Bool {
        old?.fields != new?.fields || old?.secrets != new?.secrets || old?.attachments != new?.attachments
    }

    /// The top-level public fields and the attachments that differ, sorted.
    package var changedFields: [String] {
        let fields = Self.names(in: old?.fields, thatDifferIn: new?.fields)
        let files = Self.names(in: old?.attachments, thatDifferIn: new?.attachments)
        return (fields + files.filter { !fields.contains($0) }).sorted()
    }

    private static func names(in old: JSONObject?, thatDifferIn new: JSONObject?) -> [String] {
        let (old, new) = (old ?? JSONObject(), new ?? JSONObject())
        return old.filter { new[$0.key] != $0.value }.map(\.key) + new.filter { old[$0.key] == nil }.map(\.key)
    }

    /// Whether a field differs.
    package func changes(_ field: String) -> Bool { old?.fields[field] != new?.fields[field] }
}
