//  Crossbar's own schemas, as far as they are known.

import JSON
import JSONSchema
import Testing

private let facts = PublicData("reference/schema-facts")

@Suite(.enabled(if: facts.exists, "SKIPPED: ../shared/reference/schema-facts is not there"))
struct SchemaFactsTests {
    /// The schemas by name; a file of parts has several.
    static func sources() throws -> [(name: String, source: JSON)] {
        try facts.files.flatMap { file in
            let json = try facts.json(file)
            guard file.hasSuffix("-parts.json") else { return [(String(file.dropLast(5)), json)] }
            return try #require(json.object).map { ($0.key, $0.value) }
        }
    }

    @Test func allOfThemCompile() throws {
        let set = try SchemaSet(SchemaFactsTests.sources())
        #expect(set.names.count >= 200)
        for name in set.names { #expect(set[name]?.source["_id"]?.string == name) }
    }

    /// Schema, document, the rules that it breaks by path, and what is filled in at some paths.
    static let documents: [(String, JSON, JSON, JSON)] = [
        ("users", ["first_name": "A"], ["last_name": ["required"]], ["priv_level": "user", "call_restriction": [:]]),
        (
            "users", ["first_name": "A", "last_name": "B", "enabled": "true", "call_forward": ["number": "1"]], [:],
            ["enabled": true, "call_forward.require_keypress": true, "call_forward.number": "1"]
        ),
        (
            "users", ["first_name": "A", "last_name": "B", "priv_level": "king", "username": "a b"],
            ["priv_level": ["enum"], "username": ["pattern"]], [:]
        ),
        ("vmboxes", ["name": "Desk", "mailbox": "1001", "pin": "12"], ["pin": ["minLength"]], ["mailbox": "1001"]),
        (
            "callflows",
            ["numbers": ["1001"], "flow": ["module": "nonsense", "data": [:], "children": [:]]],
            ["flow.module": ["error"]], [:]
        ),
        (
            "callflows",
            ["numbers": ["1001"], "flow": ["module": "user", "data": ["timeout": "soon"], "children": [:]]],
            ["flow.data.timeout": ["type"]], [:]
        ),
        (
            "callflows",
            [
                "numbers": ["1001"],
                "flow": ["module": "hangup", "data": [:], "children": ["_": ["module": "hangup"]]],
            ],
            ["flow.children._.data": ["required"]], [:]
        ),
    ]

    @Test(arguments: documents)
    func theyDecideAsCrossbarDoes(schema: String, document: JSON, broken: JSON, filled: JSON) throws {
        let set = try SchemaSet(SchemaFactsTests.sources())
        let result = try #require(set[schema]).validate(document)
        let rules = (result.violations.json.object ?? [:]).map { path, rules in
            (path, JSON.array((rules.object?.keys ?? []).map(JSON.string)))
        }
        #expect(JSON.object(JSONObject(rules)) == broken)
        for (path, value) in filled.object ?? [:] { #expect(result.value[path: JSONPath(path)] == value) }
    }
}
