//  What the fields of a form mean by the schema.

import JSON
import JSONSchema
import PluginKit
import Testing

@Suite struct FormReadingTests {
    private static let schema: JSON = [
        "type": "object",
        "properties": [
            "name": ["type": "string"], "count": ["type": "integer"], "isOn": ["type": "boolean"],
            "flags": ["type": "array", "items": ["type": "string"]],
            "periods": ["type": "array", "items": ["type": "object", "properties": ["from": ["type": "string"]]]],
            "group": ["type": "object", "properties": ["pin": ["type": "string"]]],
            "free": ["type": "object"],
            "either": ["oneOf": [["type": "boolean"], ["type": "string"]]],
        ],
    ]

    /// The fields, and what is read of them.
    static let table: [(JSON, JSON?)] = [
        (["name": ""], nil),
        (["name": "a", "group": ["pin": ""]], ["name": "a"]),
        (["count": "12"], ["count": "12"]),
        (["count": "a dozen"], ["count": "a dozen"]),
        (["isOn": "false"], ["isOn": "false"]),
        (["flags": "one\r\n two \r\n\r\nthree"], ["flags": ["one", "two", "three"]]),
        (["flags": ["0": "a", "1": "", "2": "c"]], ["flags": ["a", "c"]]),
        (["flags": ["10": "k", "9": "j"]], ["flags": ["j", "k"]]),
        (["periods": ["0": ["from": ""], "1": ["from": "8"]]], ["periods": [["from": "8"]]]),
        (["free": "{\"a\":[1]}"], ["free": ["a": [1]]]),
        (["free": "no JSON"], ["free": "no JSON"]),
        (["either": "true"], ["either": true]), (["either": "truth"], ["either": "truth"]),
        (["name": "{\"a\":1}"], ["name": "{\"a\":1}"]),
        (["name": "a\r\nb"], ["name": "a\nb"]),
        (["unknown": "x", "empty": ""], ["unknown": "x"]),
        (["flags": ["0": ["a": "b"]]], ["flags": [["a": "b"]]]),
    ]

    @Test(arguments: table)
    func textBecomesWhatTheSchemaAsksFor(fields: JSON, read: JSON?) throws {
        let set = try SchemaSet([(name: "thing", source: Self.schema)])
        #expect(try #require(SchemaShape("thing", in: set)).read(fields) == read)
    }
}
