//  What a document was before.

import DocumentStore
import Gateway

extension BoundService {
    /// Returns the revisions of a document before the present one, the newest first, as far as the store remembers them.
    ///
    /// - Throws: `.badIdentifier` if there is no such document.
    package func pastRevisions(of id: DocumentID) throws(APIError) -> [PastRevision] {
        _ = try read(id)
        do {
            return try kit.store.pastRevisions(of: id, in: scope)
        } catch {
            throw APIError(error)
        }
    }
}
