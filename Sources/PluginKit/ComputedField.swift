//  What a client is shown of a document beyond what is stored.

import DocumentStore
import Gateway
import JSON

/// A field that is computed when a document is shown. A client that sends it back changes nothing.
package struct ComputedField: Sendable {
    package let name: String
    /// Gives nil to leave the field out.
    package let value: @Sendable (Document, Reader) throws(APIError) -> JSON?

    package init(_ name: String, value: @escaping @Sendable (Document, Reader) throws(APIError) -> JSON?) {
        self.name = name
        self.value = value
    }
}
