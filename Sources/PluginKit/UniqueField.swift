//  A field that no two documents may share.

import DocumentStore
import Gateway
import JSON

/// One value, or each of several, that at most one document of a circle may hold.
package struct UniqueField: Sendable {
    package enum Circle: Sendable {
        /// Unique among the documents of one account.
        case account
        /// Unique on the whole server.
        case system
    }

    /// Where the values stand; all of them share one space of values.
    package let paths: [FieldPath]
    package let circle: Circle
    /// The field whose values divide the circle: an extension is unique within its context.
    package let divider: FieldPath?
    /// What counts as equal: the value as it is compared.
    package let comparable: @Sendable (String) -> String
    /// What a client is told when the value is taken.
    package let message: String
    /// The name of the space of values; fields of several resources may share one. Nil for the resource's own.
    package let space: String?
    /// The field that a client is told of; nil for the one that holds the value.
    package let reportedAt: JSONPath?
    /// What a client is told instead, when a document of the same scope holds the value.
    let telling: (@Sendable (_ value: String, _ holder: Document) -> String)?

    package init(
        _ paths: FieldPath...,
        in circle: Circle = .account,
        within divider: FieldPath? = nil,
        space: String? = nil,
        reportedAt: JSONPath? = nil,
        comparing comparable: @escaping @Sendable (String) -> String = { $0 },
        message: String,
        telling: (@Sendable (_ value: String, _ holder: Document) -> String)? = nil
    ) {
        self.paths = paths
        self.circle = circle
        self.divider = divider
        self.space = space
        self.reportedAt = reportedAt
        self.telling = telling
        self.comparable = comparable
        self.message = message
    }

    /// The unique keys of a document, each with where its value stands. A value that comes twice is one key.
    func keys(of document: Document, _ resource: String) -> [(path: JSONPath, key: UniqueKey)] {
        var known: Set<UniqueKey> = []
        return paths.flatMap { $0.texts(in: document.fields) }.compactMap { path, text in
            let key = UniqueKey(
                scope: circle == .account ? document.scope : .system,
                name: (space ?? "\(resource).\(paths.first?.description ?? "")") + part(of: document),
                value: comparable(text)
            )
            return known.insert(key).inserted ? (path, key) : nil
        }
    }

    /// The key of a value, if the field is of a resource that all documents of a scope share.
    func key(_ value: String, in scope: Scope, _ resource: String) -> UniqueKey {
        UniqueKey(
            scope: circle == .account ? scope : .system,
            name: space ?? "\(resource).\(paths.first?.description ?? "")",
            value: comparable(value)
        )
    }

    /// Which part of the circle a document belongs to.
    private func part(of document: Document) -> String {
        divider.map { "/" + ($0.texts(in: document.fields).first?.text ?? "") } ?? ""
    }
}

extension String {
    /// Letters and digits of ASCII in lower case, and nothing else: how names are compared. A name that has none of
    /// them is compared as a whole.
    package var alphanumericForm: String {
        var form: [UInt8] = []
        for byte in (utf8.allSatisfy { $0 < 0x80 } ? self : lowercased()).utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): form.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): form.append(byte)
            default: break
            }
        }
        return form.isEmpty ? lowercased() : String(decoding: form, as: UTF8.self)
    }
}
