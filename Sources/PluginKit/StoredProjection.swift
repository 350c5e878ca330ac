//  What a stored document writes into the indexes, whoever wrote it: for checks and imports.

import DocumentStore

extension Catalogue {
    /// Returns the rows, unique keys and references that follow from a document.
    ///
    /// - Throws: `.corrupt` if no plugin that is on, and no part of the kit, has documents of this kind; or if the
    ///   fields are no JSON objects.
    package func projection(of stored: StoredDocument) throws(StoreError) -> Projection {
        switch stored.type {
        case Installation.type, LiveReload.type: return Projection()
        case Revocations.type where stored.isDeleted, StoredReplies.type where stored.isDeleted: return Projection()
        case Revocations.type: return try Revocations.projection(of: stored)
        case StoredReplies.type: return StoredReplies.projection(of: stored)
        default: break
        }
        guard let resource = self[type: stored.type] else {
            throw .corrupt("No plugin has documents of the kind \(stored.type).")
        }
        do {
            let document = try Document(stored)
            return stored.isDeleted ? document.tombstoneProjection : resource.projection(of: document)
        } catch {
            throw .corrupt("The fields of \(stored.type) \(stored.id) are no JSON object.")
        }
    }
}
