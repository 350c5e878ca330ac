//  Knows how to get documents and how to change them.

import DocumentStore
import Gateway
import JSON

/// Data access for documents of one kind; knows no rules and no events.
package protocol DAO: Sendable {
    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    func find(_ id: DocumentID, _ resource: ResourceDefinition, in work: UnitOfWork) throws(APIError) -> Document

    /// Writes the new state of a change into the unit of work, or its tombstone if there is none.
    ///
    /// - Returns: the document with the revision that it will have.
    func write(_ change: Change, _ resource: ResourceDefinition, in work: UnitOfWork) throws(APIError) -> StoredDocument
}

extension DAO {
    package func find(
        _ id: DocumentID,
        _ resource: ResourceDefinition,
        in work: UnitOfWork
    ) throws(APIError) -> Document {
        try Document(work.stored(id, type: resource.documentType))
    }

    package func write(
        _ change: Change,
        _ resource: ResourceDefinition,
        in work: UnitOfWork
    ) throws(APIError) -> StoredDocument {
        guard let document = change.new ?? change.old else { throw .internalFault("a change of nothing") }
        let body = document.publicBytes
        let privateBody = JSON.object(document.secrets).bytes()
        let isDeleted = change.new == nil
        let stored = StoredDocument(
            id: document.id,
            scope: document.scope,
            type: resource.documentType,
            revision: Revision(
                after: change.old?.revision,
                content: body,
                privateBody,
                Array("\(work.time) \(isDeleted)".utf8)
            ),
            created: change.old?.stored?.created ?? work.time,
            modified: work.time,
            isDeleted: isDeleted,
            body: body,
            privateBody: privateBody
        )
        let projection = isDeleted ? Projection() : resource.projection(of: document)
        work.stage(DocumentWrite(stored, replacing: change.old?.revision, projection: projection))
        return stored
    }
}

/// Documents as the store keeps them.
package struct StandardDAO: DAO {
    package init() {}
}

extension Document {
    /// The public fields with the id, as one compact JSON object.
    var publicBytes: [UInt8] {
        var whole = fields
        whole["id"] = .string(id.text)
        return JSON.object(whole).bytes()
    }
}

extension ResourceDefinition {
    /// What a document writes into the indexes.
    func projection(of document: Document) -> Projection {
        Projection(
            rows: views.flatMap { $0.rows(of: document, self) },
            uniqueKeys: uniqueFields.compactMap { $0.key(of: document, name) } + lookupKeys(document),
            references: references.compactMap { $0.reference(of: document) }
        )
    }
}
