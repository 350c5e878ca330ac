//  Making deleted documents again, as long as their tombstones are kept.

import DocumentStore
import Gateway
import JSON

extension Work {
    /// Makes a deleted document again: the same id, the same fields and files, as the resource's service restores it.
    ///
    /// Links that it held come back as far as both sides still bear them. Links of others to it are theirs, and do not.
    /// - Throws: `.badIdentifier` if no deleted document of this kind has the id; `.preconditionFailed`; `.validation`,
    ///   for example if another document has its number meanwhile.
    func restore(_ id: DocumentID) throws(APIError) -> Document {
        guard let tombstone = try unit.latest(id), tombstone.isDeleted, tombstone.type == resource.documentType else {
            throw .badIdentifier(id.text)
        }
        try unit.subject?.conditions.check(current: tombstone.revision.description)
        let deleted = try Document(tombstone)
        var restored = deleted
        for link in resource.links { restored.fields[link.field] = nil }
        restored.ranks = JSONObject()
        var document = try resource.service.restore(restored, in: self)
        for link in resource.links { document = try restore(link, of: deleted, to: document) }
        return document
    }

    /// Gives a document the links that it had, but those that cannot be made any more.
    private func restore(_ link: Link, of deleted: Document, to document: Document) throws(APIError) -> Document {
        let association = try AssociationWork(link, self)
        var document = document
        for id in link.ids(of: deleted) {
            guard let right = try reader.document(id, type: link.rightType) else { continue }
            do throws(APIError) {
                document = try association.link(document, link.ids(of: document) + [id], new: [right])
            } catch .validation {
                continue
            }
        }
        return document
    }
}

extension BoundService {
    /// Makes a deleted document again.
    ///
    /// - Throws: `.badIdentifier`, `.preconditionFailed`, `.validation`.
    package func restore(_ id: DocumentID) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in try work.restore(id) }
    }
}

/// The deleted documents of accounts that can be made again.
package struct DeletedDocuments: Sendable {
    let store: any DocumentStore & DocumentHistory

    /// One page of them.
    package struct Page: Sendable {
        /// The latest deleted first.
        package let rows: [JSON]
        /// Where the next page begins; nil on the last page.
        package let next: String?
    }

    /// Returns the deleted documents of some kinds.
    ///
    /// - Parameters:
    ///   - start: where the page begins, as the one before says; nil for the latest.
    ///   - limit: how many a page has, at the most 50: a tombstone is as large as its document was.
    /// - Throws: `.faultyRequest` for a start that no page gave.
    ///
    /// Cost: one index range of `limit` documents for each kind, those of two kinds at a time in memory.
    package func page(
        of types: [ResourceDefinition],
        from start: String?,
        limit: Int,
        in account: String
    ) throws(APIError) -> Page {
        var position: TombstonePosition?
        if let start {
            guard let place = TombstonePosition(cursor: start) else { throw .faultyRequest("invalid start_key") }
            position = place
        }
        let limit = min(limit, 50)
        let scope = Scope.account(DocumentID(account))
        var found: [(resource: ResourceDefinition, document: StoredDocument)] = []
        for resource in types {
            let tombstones = try store.read { _ throws(StoreError) in
                try store.tombstones(of: resource.documentType, in: scope, from: position, limit: limit + 1)
            }
            found += tombstones.map { (resource, $0) }
            found.sort { ($0.document.modified, $0.document.id.text) > ($1.document.modified, $1.document.id.text) }
            found.removeLast(max(0, found.count - limit - 1))
        }
        let next = found.dropFirst(limit).first.map { $0.document }
        return Page(
            rows: try found.prefix(limit).map { resource, document throws(APIError) in
                try row(of: Document(document), resource, deleted: document.modified)
            },
            next: next.map { TombstonePosition(deleted: $0.modified, id: $0.id).cursor }
        )
    }

    /// What its list showed of it, with its kind and when it was deleted.
    private func row(of document: Document, _ resource: ResourceDefinition, deleted: Int64) -> JSON {
        let view = resource.views.first
        let summary = view?.rows(of: document, resource).first?.summary
        var row = summary.flatMap { (try? JSON(parsing: $0))?.object } ?? ["id": .string(document.id.text)]
        for field in view?.row ?? [] where field.isSecret { row[field.name] = nil }
        row["type"] = .string(resource.documentType)
        row["deleted"] = .number(JSONNumber(Int(deleted)))
        return .object(row)
    }
}

extension TombstonePosition {
    /// The position as a word for clients, who make nothing of it.
    fileprivate var cursor: String { "\(deleted).\(id)" }

    fileprivate init?(cursor: String) {
        guard let dot = cursor.firstIndex(of: "."), let deleted = Int64(cursor[..<dot]) else { return nil }
        self.init(deleted: deleted, id: DocumentID(String(cursor[cursor.index(after: dot)...])))
    }
}

extension Kit {
    /// What was deleted and can be made again.
    package var deleted: DeletedDocuments { DeletedDocuments(store: store) }

    /// Returns a deleted document of the account in a call's path, with the resource whose it was.
    ///
    /// - Throws: `.badIdentifier` if there is none.
    package func deletedDocument(
        _ id: DocumentID,
        for call: Call
    ) throws(APIError) -> (document: Published, resource: ResourceDefinition) {
        let unit = try unit(for: call)
        guard let stored = try unit.latest(id), stored.isDeleted, let resource = catalogue[type: stored.type] else {
            throw .badIdentifier(id.text)
        }
        return (try resource.published(stored, unit), resource)
    }
}
