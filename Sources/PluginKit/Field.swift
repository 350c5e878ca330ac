//  What a resource declares about its fields: how they are written, which are unique, which name other documents.

import DocumentStore
import Gateway
import JSON

/// A field that no two documents may share.
package struct UniqueField: Sendable {
    package enum Circle: Sendable {
        /// Unique among the documents of one account.
        case account
        /// Unique on the whole server.
        case system
    }

    package let path: JSONPath
    package let circle: Circle
    /// What counts as equal: the value as it is compared.
    package let comparable: @Sendable (String) -> String
    /// What a client is told when the value is taken.
    package let message: String

    package init(
        _ path: JSONPath,
        in circle: Circle = .account,
        comparing comparable: @escaping @Sendable (String) -> String = { $0 },
        message: String
    ) {
        self.path = path
        self.circle = circle
        self.comparable = comparable
        self.message = message
    }

    /// The unique key of a document, or nil if the field is absent or empty.
    func key(of document: Document, _ resource: String) -> UniqueKey? {
        guard let value = JSON.object(document.fields).value(at: path)?.controlText, !value.isEmpty else { return nil }
        return UniqueKey(
            scope: circle == .account ? document.scope : .system,
            name: "\(resource).\(path)",
            value: comparable(value)
        )
    }
}

/// A field that holds the id of another document of the same account.
package struct ReferenceField: Sendable {
    package let path: JSONPath

    package init(_ path: JSONPath) { self.path = path }

    func reference(of document: Document) -> OutgoingReference? {
        guard let id = JSON.object(document.fields).value(at: path)?.string else { return nil }
        return OutgoingReference(field: path.description, target: DocumentID(id))
    }
}

/// How a field of text is written before it is checked and stored.
package struct Normalisation: Sendable {
    package let path: JSONPath
    package let normalised: @Sendable (String) -> String

    package init(_ path: JSONPath, _ normalised: @escaping @Sendable (String) -> String) {
        self.path = path
        self.normalised = normalised
    }

    func apply(to fields: inout JSONObject) {
        var whole = JSON.object(fields)
        guard let text = whole.value(at: path)?.string, whole.set(.string(normalised(text)), at: path) else { return }
        fields = whole.object ?? fields
    }
}

extension String {
    /// Letters and digits of ASCII in lower case, and nothing else: how names are compared.
    package var alphanumericForm: String {
        String(decoding: lowercased().utf8.filter { Self.alphanumeric.contains($0) }, as: UTF8.self)
    }

    private static let alphanumeric = Set("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
}
