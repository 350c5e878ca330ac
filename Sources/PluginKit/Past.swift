//  What a document was before.

import DocumentStore
import Gateway
import JSON

extension BoundService {
    /// Returns the revisions of a document before the present one as the caller sees them, the newest first, as far as the
    /// store remembers them.
    ///
    /// - Throws: `.badIdentifier` if there is no such document.
    package func pastRevisions(of id: DocumentID) throws(APIError) -> [PastRevision] {
        _ = try read(id)
        var past: [PastRevision]
        do {
            past = try kit.store.pastRevisions(of: id, in: scope)
        } catch {
            throw APIError(error)
        }
        guard resource.concealment.hides(from: call.caller) else { return past }
        for index in past.indices {
            guard var fields = (try? JSON(parsing: past[index].body))?.object else { continue }
            resource.concealment.conceal(in: &fields, of: id, from: call.caller)
            past[index].body = JSON.object(fields).bytes()
        }
        return past
    }
}
