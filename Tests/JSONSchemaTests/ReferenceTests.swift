//  Schemas that refer to each other, and what is wrong when they do not.

import JSON
import JSONSchema
import Testing

@Suite struct ReferenceTests {
    @Test func schemasReferToEachOtherByBareName() throws {
        let set = try SchemaSet([
            ("users", ["properties": ["caller_id": ["$ref": "caller_id"], "flow": ["$ref": "callflows.action"]]]),
            ("caller_id", ["properties": ["name": ["maxLength": 2]]]),
            ("callflows.action", ["required": ["module"], "properties": ["child": ["$ref": "callflows.action"]]]),
        ])
        #expect(set.names == ["users", "caller_id", "callflows.action"])
        #expect(set["nothing"] == nil)
        let value: JSON = [
            "caller_id": ["name": "abc"], "flow": ["module": "a", "child": ["module": "b", "child": [:]]],
        ]
        let found = try #require(set["users"]).validate(value).violations.json
        #expect(found.object?.keys.sorted() == ["caller_id.name", "flow.child.child.module"])
    }

    @Test func whatStandsNextToAReferenceCountsInCrossbarsDialectOnly() throws {
        let schemas: [(String, JSON)] = [
            ("a", ["properties": ["x": ["$ref": "b", "maxItems": 1]]]), ("b", ["type": "array"]),
        ]
        let value: JSON = ["x": [1, 2]]
        #expect(try SchemaSet(schemas)["a"]?.validate(value).violations.isEmpty == false)
        #expect(try SchemaSet(schemas, dialect: .draft4)["a"]?.validate(value).violations.isEmpty == true)
    }

    /// Schema, place, reason.
    static let problems: [(JSON, String, SchemaError.Reason)] = [
        (1, "", .notAnObject),
        (["properties": ["a/b": 1]], "/properties/a~1b", .notAnObject),
        (["type": "text"], "/type", .unknownType("text")),
        (["type": 1], "/type", .malformed(keyword: "type", expected: "the name of a type or a list of names")),
        (
            ["minLength": -1], "/minLength",
            .malformed(keyword: "minLength", expected: "an integer that is not negative")
        ),
        (["maximum": "1"], "/maximum", .malformed(keyword: "maximum", expected: "a number")),
        (["required": []], "/required", .malformed(keyword: "required", expected: "a list of names, at least one")),
        (
            ["multipleOf": 0], "/multipleOf",
            .malformed(keyword: "multipleOf", expected: "greater than zero and of at most 18 digits")
        ),
        (["pattern": "("], "/pattern", .pattern("(", .malformed(at: 0))),
        (["pattern": "(?=a)"], "/pattern", .pattern("(?=a)", .needsBacktracking(at: 0))),
        (["patternProperties": ["[": [:]]], "/patternProperties", .pattern("[", .malformed(at: 0))),
        (["$ref": "nothing"], "/$ref", .unresolvedReference("nothing")),
        (["$ref": "#/definitions/a"], "/$ref", .unresolvedReference("#/definitions/a")),
        (["$ref": "#"], "", .circularReference("test#/")),
        (["anyOf": [["$ref": "#"]]], "/anyOf/0", .circularReference("test#/")),
        (
            ["additionalProperties": 1], "/additionalProperties",
            .malformed(keyword: "additionalProperties", expected: "a boolean or a schema")
        ),
        (
            ["dependencies": ["a": 1]], "/dependencies",
            .malformed(keyword: "dependencies", expected: "schemas or lists of names")
        ),
        (["allOf": []], "/allOf", .malformed(keyword: "allOf", expected: "a list of schemas, at least one")),
        (["uniqueItems": "yes"], "/uniqueItems", .malformed(keyword: "uniqueItems", expected: "a boolean")),
    ]

    @Test(arguments: problems)
    func aWrongSchemaNamesItselfAndItsPlace(schema: JSON, place: String, reason: SchemaError.Reason) throws {
        let error = try #require(throws: SchemaError.self) { try SchemaSet([("test", schema)]) }
        #expect(error.problems.map(\.schema) == ["test"])
        #expect(error.problems.map(\.place) == [place])
        #expect(error.problems.map(\.reason) == [reason])
    }

    @Test func everythingThatIsWrongIsSaidAtOnce() throws {
        let error = try #require(throws: SchemaError.self) {
            try SchemaSet([
                ("a", ["type": "x", "properties": ["p": ["pattern": "["]]]), ("b", ["$ref": "c"]), ("a", [:]),
            ])
        }
        #expect(
            error.description.split(separator: "\n") == [
                "schema a, at its root: another schema has this name",
                "schema a, at /properties/p/pattern: the regular expression is malformed at character 0: [",
                "schema a, at /type: there is no type x",
                "schema b, at /$ref: nothing is known by the reference c",
            ]
        )
    }
}
