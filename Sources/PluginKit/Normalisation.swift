//  How a field of text is written before it is checked and stored.

import JSON

/// A function over the text of a field, or of each of several.
package struct Normalisation: Sendable {
    package let path: FieldPath
    package let normalised: @Sendable (String) -> String

    package init(_ path: FieldPath, _ normalised: @escaping @Sendable (String) -> String) {
        self.path = path
        self.normalised = normalised
    }

    func apply(to fields: inout JSONObject) {
        fields = path.map(fields) { value in
            guard let text = value.string else { return value }
            return .string(normalised(text))
        }
    }
}
