//  What a client is shown of a document beyond what is stored.

import DocumentStore
import Gateway
import JSON

/// A field that is computed when a document is shown. A client that sends it back changes nothing.
package struct ComputedField: Sendable {
    package let name: String
    /// Whether it may change while the document does not: then it is part of the document's entity tag.
    package let dependsOnOthers: Bool
    /// Gives nil to leave the field out.
    package let value: @Sendable (Document, Reader) throws(APIError) -> JSON?

    package init(
        _ name: String,
        dependsOnOthers: Bool = false,
        value: @escaping @Sendable (Document, Reader) throws(APIError) -> JSON?
    ) {
        self.name = name
        self.dependsOnOthers = dependsOnOthers
        self.value = value
    }
}
