//  Knows how to get documents and how to change them.

import Bytes
import DocumentStore
import Gateway
import JSON

/// Data access for documents of one kind; knows no rules and no events.
package protocol DAO: Sendable {
    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    func find(_ id: DocumentID, in records: Records) throws(APIError) -> StoredDocument

    /// Writes the new state of a change, or a tombstone if there is none.
    ///
    /// - Returns: the document with the revision that it will have.
    func write(_ change: Change, in records: Records) throws(APIError) -> StoredDocument
}

/// Documents as the store keeps them.
package struct StandardDAO: DAO {
    package init() {}
}

extension DAO {
    package func find(_ id: DocumentID, in records: Records) throws(APIError) -> StoredDocument {
        guard let stored = try records.stored(id) else { throw .badIdentifier(id.text) }
        return stored
    }

    package func write(_ change: Change, in records: Records) throws(APIError) -> StoredDocument {
        try records.write(change)
    }
}

/// The documents of one kind in one unit of work, as a DAO sees them.
package struct Records {
    private let resource: ResourceDefinition
    private let unit: UnitOfWork

    /// The largest document, in bytes. Merging can make more of a document than one body may bring.
    static let sizeLimit = 1_000_000

    init(_ resource: ResourceDefinition, _ unit: UnitOfWork) {
        self.resource = resource
        self.unit = unit
    }

    /// Returns the document, or nil if it does not exist, is deleted, or is of another kind.
    package func stored(_ id: DocumentID) throws(APIError) -> StoredDocument? {
        guard let stored = try unit.stored(id), stored.type == resource.documentType else { return nil }
        return stored
    }

    /// Writes a change into the unit of work with what is derived from it: rows, unique keys and references.
    package func write(_ change: Change) throws(APIError) -> StoredDocument {
        guard let document = change.new ?? change.old else { throw .internalFault("a change of nothing") }
        let body = document.publicBytes
        guard body.count <= Self.sizeLimit else {
            throw .invalid(
                "data",
                rule: "maxSize",
                "A document must not be more than \(Self.sizeLimit) bytes",
                ["target": .number(JSONNumber(Self.sizeLimit))]
            )
        }
        let privateBody = document.privateBytes
        let isDeleted = change.new == nil
        // The revision is shown to who may not see all of the content, and must not tell it.
        let salt = randomBytes(16)
        let replaced = unit.replaced(document.address, else: try replacedRevision(change, document))
        let stored = StoredDocument(
            id: document.id,
            scope: document.scope,
            type: resource.documentType,
            revision: Revision(after: replaced, content: body, privateBody, salt),
            created: document.created ?? unit.time,
            modified: unit.time,
            isDeleted: isDeleted,
            body: body,
            privateBody: privateBody
        )
        // Of what is stored, as a rebuild and a check read it: a row may tell when its document was made.
        let whole = document.written(as: stored)
        let projection = isDeleted ? whole.tombstoneProjection : resource.projection(of: whole)
        try unit.stage(DocumentWrite(stored, replacing: replaced, projection: projection))
        return stored
    }

    /// A document that is made again under an id that was deleted goes on from its tombstone.
    private func replacedRevision(_ change: Change, _ document: Document) throws(APIError) -> Revision? {
        if let old = change.old { return old.revision }
        return document.hasNewID ? nil : try unit.latest(document.id)?.revision
    }
}

extension Document {
    /// A tombstone can be restored until it is purged, so its files stay as long.
    var tombstoneProjection: Projection { Projection(attachments: attachmentDigests) }
}

extension ResourceDefinition {
    /// What a document writes into the indexes.
    func projection(of document: Document) -> Projection {
        Projection(
            rows: views.flatMap { $0.rows(of: document, self) },
            uniqueKeys: uniqueFields.flatMap { $0.keys(of: document, name).map(\.key) } + lookupKeys(document),
            references: references.flatMap { $0.references(of: document) },
            attachments: document.attachmentDigests
        )
    }
}
