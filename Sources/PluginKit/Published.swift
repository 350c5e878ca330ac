//  A document as clients see it.

import Bytes
import Crypto
import DocumentStore
import Gateway
import JSON

/// What leaves the kit of a document: its public fields, computed ones among them.
package struct Published: Sendable {
    package let id: DocumentID
    package let revision: Revision
    /// The revision; where the body shows what depends on other documents, or on who asks, that is told behind it.
    package let entityTag: String
    /// One compact JSON object in UTF-8.
    package let body: [UInt8]
}

extension ResourceDefinition {
    /// Returns what the caller sees. What has no computed fields, and no hidden ones, is shown as it is stored, byte by
    /// byte.
    func published(_ stored: StoredDocument, _ unit: UnitOfWork) throws(APIError) -> Published {
        let revision = stored.revision.description
        guard !computed.isEmpty || concealment.hides(from: unit.caller) else {
            return Published(id: stored.id, revision: stored.revision, entityTag: revision, body: stored.body)
        }
        var document = try Document(stored)
        concealment.conceal(in: &document.fields, of: stored.id, from: unit.caller)
        var fields = document.fields
        fields["id"] = .string(stored.id.text)
        var fromOthers = JSONObject()
        for field in computed {
            let value = try field.value(document, Reader(unit))
            fields[field.name] = value
            if field.dependsOnOthers { fromOthers[field.name] = value }
        }
        var entityTag = revision
        if !fromOthers.isEmpty {
            let digest = SHA256.hash(data: JSON.object(fromOthers).bytes()).prefix(4)
            entityTag += "-\(hexadecimal(digest))"
        }
        // Who sees it whole one day must not be told that nothing has changed.
        if concealment.hides(from: unit.caller) { entityTag += "-part" }
        return Published(
            id: stored.id,
            revision: stored.revision,
            entityTag: entityTag,
            body: JSON.object(fields).bytes()
        )
    }
}
