//  A document as clients see it.

import DocumentStore
import Gateway
import JSON

/// What leaves the kit of a document: its public fields, computed ones among them.
package struct Published: Sendable {
    package let id: DocumentID
    package let revision: Revision
    /// One compact JSON object in UTF-8.
    package let body: [UInt8]
}

extension ResourceDefinition {
    /// Returns what clients see. What has no computed fields is shown as it is stored, byte by byte.
    func published(_ stored: StoredDocument, _ unit: UnitOfWork) throws(APIError) -> Published {
        guard !computed.isEmpty else {
            return Published(id: stored.id, revision: stored.revision, body: stored.body)
        }
        let document = try Document(stored)
        var fields = document.fields
        fields["id"] = .string(stored.id.text)
        for field in computed { fields[field.name] = try field.value(document, Reader(unit)) }
        return Published(id: stored.id, revision: stored.revision, body: JSON.object(fields).bytes())
    }
}
