//  A key of a JSON object.

/// A key compared by its scalars; `==` of strings would take `é` and `e` with an accent for one key.
package struct JSONKey: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: JSONKey, right: JSONKey) -> Bool { sameScalars(left.text, right.text) }

    package func hash(into hasher: inout Hasher) { hashScalars(text, into: &hasher) }
}
