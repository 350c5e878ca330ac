//  Missing properties and the defaults of their schemas.

import JSON
import JSONSchema
import Testing

@Suite struct DefaultTests {
    /// Schema, value, the value with defaults; as text, because the order counts.
    static let table: [(JSON, String, String)] = [
        (["properties": ["a": ["type": "integer", "default": 1]]], "{}", #"{"a":1}"#),
        (["properties": ["a": ["type": "integer", "default": 1]]], #"{"z":0,"a":2}"#, #"{"z":0,"a":2}"#),
        // Without a type, or with a default of another type, nothing is set.
        (["properties": ["a": ["default": 1]]], "{}", "{}"),
        (["properties": ["a": ["type": "string", "default": 1]]], "{}", "{}"),
        (["properties": ["a": ["type": ["null", "string"], "default": "x"]]], "{}", #"{"a":"x"}"#),
        // Nor with a default that its own schema refuses.
        (["properties": ["a": ["type": "string", "minLength": 4, "default": "bad"]]], "{}", "{}"),
        (
            ["properties": ["a": ["type": "object", "required": ["b"], "default": [:]]]], "{}",
            "{}"
        ),
        // A default brings its own defaults along.
        (
            [
                "properties": [
                    "a": ["type": "object", "default": [:], "properties": ["b": ["type": "boolean", "default": true]]]
                ]
            ],
            "{}", #"{"a":{"b":true}}"#
        ),
        // An object that is absent and has no default stays absent; one that is there is filled.
        (
            ["properties": ["a": ["type": "object", "properties": ["b": ["type": "boolean", "default": true]]]]], "{}",
            "{}"
        ),
        (
            ["properties": ["a": ["type": "object", "properties": ["b": ["type": "boolean", "default": true]]]]],
            #"{"a":{"c":1}}"#, #"{"a":{"c":1,"b":true}}"#
        ),
        // A property with nothing but a reference is not filled, even if what it refers to has a default.
        (
            [
                "definitions": ["d": ["type": "object", "default": ["x": 1]]],
                "properties": ["a": ["$ref": "#/definitions/d"]],
            ],
            "{}", "{}"
        ),
        // Next to a reference a default counts, and what is referred to fills it.
        (
            [
                "definitions": ["d": ["properties": ["x": ["type": "integer", "default": 1]]]],
                "properties": ["a": ["$ref": "#/definitions/d", "type": "object", "default": [:]]],
            ],
            "{}", #"{"a":{"x":1}}"#
        ),
        (
            ["items": ["properties": ["a": ["type": "integer", "default": 1]]]], #"[{},{"a":2},3]"#,
            #"[{"a":1},{"a":2},3]"#
        ),
        (
            ["patternProperties": ["^p": ["properties": ["a": ["type": "integer", "default": 1]]]]],
            #"{"p1":{},"q":{}}"#, #"{"p1":{"a":1},"q":{}}"#
        ),
        (
            ["additionalProperties": ["properties": ["a": ["type": "integer", "default": 1]]]], #"{"q":{}}"#,
            #"{"q":{"a":1}}"#
        ),
        // The choice that holds brings its defaults.
        (
            [
                "oneOf": [
                    ["required": ["x"], "properties": ["a": ["type": "integer", "default": 1]]],
                    ["required": ["y"], "properties": ["a": ["type": "integer", "default": 2]]],
                ]
            ],
            #"{"y":0}"#, #"{"y":0,"a":2}"#
        ),
        (
            [
                "anyOf": [
                    ["required": ["x"]], ["properties": ["a": ["type": "integer", "default": 2]]],
                ]
            ],
            #"{}"#, #"{"a":2}"#
        ),
        (
            [
                "allOf": [
                    ["properties": ["a": ["type": "integer", "default": 1]]],
                    ["properties": ["b": ["type": "null", "default": .null]]],
                ]
            ],
            "{}", #"{"a":1,"b":null}"#
        ),
        (["not": ["required": ["z"], "properties": ["a": ["type": "integer", "default": 1]]]], "{}", "{}"),
    ]

    @Test(arguments: table)
    func missingPropertiesAreSetToValidDefaults(schema: JSON, before: String, after: String) throws {
        let value = try JSON(parsing: before)
        let result = try validate(value, by: schema)
        #expect(result.value.text() == after)
        #expect(result.violations.isEmpty)
        let unchanged = try validate(value, by: schema, options: .checkOnly)
        #expect(unchanged.value.text() == before)
    }

    @Test func aDefaultDoesNotSatisfyRequired() throws {
        let schema: JSON = ["required": ["a"], "properties": ["a": ["type": "integer", "default": 1]]]
        let result = try validate([:], by: schema)
        #expect(result.violations.json["a"]?["required"] != nil)
        #expect(result.value == ["a": 1])
    }

    @Test func aDefaultThatBringsItselfIsRefused() {
        #expect {
            try SchemaSet([("loop", ["properties": ["a": ["$ref": "loop", "type": "object", "default": [:]]]])])
        } throws: { error in
            (error as? SchemaError)?.problems.first?.reason == .endlessDefault
        }
    }
}
