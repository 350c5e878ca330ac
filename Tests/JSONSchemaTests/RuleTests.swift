//  Each rule as it stands on the wire: its name, its words, its members.

import JSON
import JSONSchema
import Testing

/// Checks a value against a schema of Crossbar's dialect.
func validate(_ value: JSON, by schema: JSON, options: ValidationOptions = .crossbar) throws -> ValidationResult {
    let set = try SchemaSet([("test", schema)])
    return try #require(set["test"]).validate(value, options: options)
}

@Suite struct RuleTests {
    /// Schema, value, what is answered.
    static let table: [(JSON, JSON, JSON)] = [
        (
            ["required": ["last_name"]], ["first_name": "A"],
            ["last_name": ["required": ["message": "Field is required but missing", "value": ["first_name": "A"]]]]
        ),
        (
            ["properties": ["a": ["type": "string"]]], ["a": 1],
            ["a": ["type": ["message": "Value did not match type(s): string", "target": "string", "value": 1]]]
        ),
        (
            ["type": ["object", "array"]], "x",
            [
                "": [
                    "type": [
                        "message": "Value did not match type(s): object, array", "target": "object, array",
                        "value": "x",
                    ]
                ]
            ]
        ),
        (
            ["enum": ["a", 1]], "b",
            [
                "": [
                    "enum": [
                        "message": "Value not found in enumerated list of values", "target": ["a", 1], "value": "b",
                    ]
                ]
            ]
        ),
        (
            ["minLength": 3], "ab",
            [
                "": [
                    "minLength": [
                        "message": "String must be at least 3 characters", "target": 3, "cause": "ab", "value": "ab",
                    ]
                ]
            ]
        ),
        (
            ["maxLength": 1], "ab",
            [
                "": [
                    "maxLength": [
                        "message": "String must not be more than 1 characters", "target": 1, "cause": "ab",
                        "value": "ab",
                    ]
                ]
            ]
        ),
        (["minimum": 1], 0, ["": ["minimum": ["message": "Value must be at least 1", "target": 1, "value": 0]]]),
        (
            ["minimum": 1, "exclusiveMinimum": true], 1,
            ["": ["minimum": ["message": "Value must be at least 1", "target": 1, "value": 1]]]
        ),
        (["maximum": 1.5], 2, ["": ["maximum": ["message": "Value must be at most 1.5", "target": 1.5, "value": 2]]]),
        (
            ["maximum": 1, "exclusiveMaximum": true], 1,
            ["": ["maximum": ["message": "Value must be at most 1", "target": 1, "value": 1]]]
        ),
        (
            ["minItems": 2], [1],
            ["": ["minItems": ["message": "The list must have at least 2 items", "target": 2, "value": [1]]]]
        ),
        (
            ["maxItems": 1], [1, 2],
            ["": ["maxItems": ["message": "The list is more than 1 items", "target": 1, "value": [1, 2]]]]
        ),
        (
            ["minProperties": 1], [:],
            ["": ["minProperties": ["message": "The object must have at least 1 keys", "target": 1, "value": [:]]]]
        ),
        (
            ["uniqueItems": true], [1, 1.0],
            ["": ["uniqueItems": ["message": "List of items is not unique", "value": [1, 1.0]]]]
        ),
        (
            ["pattern": "^a+$"], "b",
            ["": ["pattern": ["message": "Failed to match pattern '^a+$'", "target": "^a+$", "value": "b"]]]
        ),
        (
            ["properties": ["a": [:]], "additionalProperties": false], ["a": 1, "b.c": 2],
            [
                "b%2Ec": [
                    "additionalProperties": [
                        "message": "Strict checking of data is enabled; only include schema-defined properties",
                        "value": ["a": 1, "b.c": 2],
                    ]
                ]
            ]
        ),
        (
            ["items": [[:]], "additionalItems": false], [1, 2],
            [
                "": [
                    "additionalItems": [
                        "message": "Strict checking of data is enabled; only include schema-defined items",
                        "value": [1, 2],
                    ]
                ]
            ]
        ),
        (
            ["dependencies": ["a": ["b"]]], ["a": 1],
            ["": ["dependencies": ["message": "Dependencies were not validated", "value": ["a": 1]]]]
        ),
        (
            ["divisibleBy": 2], 3,
            ["": ["divisibleBy": ["message": "Value not divisible by 2", "target": "2", "value": 3]]]
        ),
        (
            ["disallow": ["string", "null"]], "x",
            [
                "": [
                    "disallow": [
                        "message": "Value is disallowed by string, null", "target": "string, null", "value": "x",
                    ]
                ]
            ]
        ),
        (
            ["format": "ipv4"], "x",
            ["": ["wrong_format": ["message": "Field is not in the correct format", "value": "x", "format": "ipv4"]]]
        ),
        (
            ["kazoo-regexp": true], "(",
            ["": ["error": ["message": "invalid regular expression: '('", "value": "("]]]
        ),
        (
            ["maxProperties": 0], ["a": 1],
            ["": ["too_many_properties": ["message": "failed to validate", "value": ["a": 1]]]]
        ),
        (["multipleOf": 2], 3, ["": ["not_multiple_of": ["message": "failed to validate", "value": 3]]]),
        (["not": [:]], 3, ["": ["not_schema_valid": ["message": "failed to validate", "value": 3]]]),
        (
            ["anyOf": [["type": "string"], ["type": "null"]]], 3,
            ["": ["any_schemas_not_valid": ["message": "failed to validate", "value": 3]]]
        ),
        (
            ["oneOf": [["type": "string"], ["type": "null"]]], 3,
            ["": ["not_one_schema_valid": ["message": "failed to validate", "value": 3]]]
        ),
        (
            ["oneOf": [["type": "integer"], ["type": "number"]]], 3,
            ["": ["more_than_one_schema_valid": ["message": "failed to validate", "value": 3]]]
        ),
    ]

    @Test(arguments: table)
    func aBrokenRuleIsAnsweredInItsOwnWords(schema: JSON, value: JSON, expected: JSON) throws {
        let result = try validate(value, by: schema)
        #expect(result.violations.json == expected)
        #expect(result.value == value)
    }

    @Test func everythingThatIsWrongIsSaidAtOnce() throws {
        let schema: JSON = [
            "required": ["name", "id"],
            "properties": [
                "emails": ["items": ["type": "string", "maxLength": 3, "pattern": "^x"]],
                "caller_id": ["properties": ["internal": ["properties": ["name": ["maxLength": 1]]]]],
                "kind": ["type": "string", "enum": ["a"]],
            ],
        ]
        let value: JSON = [
            "emails": ["abcd", "x", 1], "caller_id": ["internal": ["name": "ab"]], "kind": 5, "id": 1,
        ]
        let found = try validate(value, by: schema).violations.json
        let rules = (found.object ?? [:]).map { path, rules in
            (path, JSON.array((rules.object?.keys ?? []).map(JSON.string)))
        }
        #expect(
            JSON.object(JSONObject(rules)) == [
                "name": ["required"], "emails.0": ["maxLength", "pattern"], "emails.2": ["type"],
                "caller_id.internal.name": ["maxLength"], "kind": ["type", "enum"],
            ]
        )
    }

    @Test func lengthsCountCharactersNotBytes() throws {
        #expect(try validate("äöü", by: ["maxLength": 3]).violations.isEmpty)
        #expect(try validate("👍🏽", by: ["minLength": 2, "maxLength": 2]).violations.isEmpty)
        #expect(try !validate("äöü", by: ["minLength": 4]).violations.isEmpty)
    }

    @Test func otherCodeAddsRulesOfItsOwn() {
        var violations = Violations()
        #expect(violations.isEmpty)
        violations.add(path: "username", rule: "unique", message: "Username must be unique within account", cause: "a")
        violations.add(path: "username", rule: "unique", message: "said twice")
        violations.add(path: "username", rule: "invalid", message: "no", target: 1, value: 2, more: [("format", "x")])
        var more = Violations()
        more.add(path: "username", rule: "unique", message: "said a third time")
        more.add(path: JSONPath(elements: ["a.b", "0"]), rule: "required", message: "missing")
        violations.merge(more)
        #expect(
            violations.json == [
                "username": [
                    "unique": ["message": "Username must be unique within account", "cause": "a"],
                    "invalid": ["message": "no", "target": 1, "value": 2, "format": "x"],
                ],
                "a%2Eb.0": ["required": ["message": "missing"]],
            ]
        )
    }
}
