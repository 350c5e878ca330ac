//  What deleting a document would do to those that name it.

import DocumentStore
import Gateway

/// One document that names another, and what happens to it when that is deleted.
package struct AffectedDocument: Sendable {
    package let id: DocumentID
    package let type: String
    /// The field that names it.
    package let field: String
    package let rule: ReferenceField.DeleteRule
}

extension BoundService {
    /// Returns the documents that name one, at most `limit`; what follows from their own deletion is not among them.
    package func affected(byDeleting id: DocumentID, limit: Int) throws(APIError) -> [AffectedDocument] {
        let found: [IncomingReference]
        do {
            found = try kit.store.references(to: id, in: scope, limit: limit)
        } catch {
            throw APIError(error)
        }
        return found.map { reference in
            AffectedDocument(
                id: reference.source,
                type: reference.sourceType,
                field: reference.field,
                rule: kit.catalogue.rule(for: reference, to: resource.documentType)
            )
        }
    }

    /// Returns how many rows a view has.
    package func count(_ view: ListView? = nil, within: String? = nil) throws(APIError) -> Int {
        guard let view = view ?? resource.views.first else { return 0 }
        do {
            return try kit.store.count(
                of: view.storeName(resource.name, within: within),
                in: view.isSystemWide ? .system : scope
            )
        } catch {
            throw APIError(error)
        }
    }
}
