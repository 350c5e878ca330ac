//  Normalisation of fields, one or many.

import JSON
import Testing

@testable import PluginKit

@Suite struct NormalisationTests {
    /// A path, fields, and the fields with the text at the path in capitals.
    static let table: [(FieldPath, JSONObject, JSONObject)] = [
        ("a", ["a": "x", "b": "x"], ["a": "X", "b": "x"]), ("a.b", ["a": ["b": "x"]], ["a": ["b": "X"]]),
        ("a[]", ["a": ["x", 1, "y"]], ["a": ["X", 1, "Y"]]),
        ("a[].b", ["a": [["b": "x"], "b"]], ["a": [["b": "X"], "b"]]), ("a.b", ["a": "x"], ["a": "x"]),
        ("a[]", ["a": "x"], ["a": "x"]), ("a", [:], [:]),
    ]

    @Test(arguments: table)
    func textAtThePathIsRewrittenAndNothingElse(path: FieldPath, fields: JSONObject, expected: JSONObject) {
        var fields = fields
        Normalisation(path) { $0.uppercased() }.apply(to: &fields)
        #expect(fields == expected)
    }
}
