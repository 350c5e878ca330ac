//  What Kazoo adds to JSON Schema.

import JSON
import JSONSchema
import Synchronization
import Testing

@Suite struct ExtensionTests {
    static let schemas: [(name: String, source: JSON)] = [
        (
            "callflows.action",
            [
                "type": "object", "required": ["data", "module"],
                "properties": [
                    "module": ["type": "string", "kazoo-validation": true],
                    "data": ["type": "object", "default": [:], "kazoo-validation": true],
                    "children": ["patternProperties": [".+": ["$ref": "callflows.action"]]],
                ],
            ]
        ),
        (
            "callflows.user",
            [
                "required": ["id"],
                "properties": ["id": ["type": "string"], "timeout": ["type": "integer", "default": 20]],
            ]
        ),
        ("webhooks", ["properties": ["uri": ["type": "string", "kazoo-validation": true]]]),
    ]

    private func validate(_ name: String, _ value: JSON, _ options: ValidationOptions = .crossbar) throws
        -> ValidationResult
    {
        try #require(try SchemaSet(ExtensionTests.schemas)[name]).validate(value, options: options)
    }

    @Test func theDataOfAModuleIsCheckedByTheModulesSchema() throws {
        let good = try validate("callflows.action", ["module": "user", "data": ["id": "u1", "timeout": "30"]])
        #expect(good.violations.isEmpty)
        #expect(good.value == ["module": "user", "data": ["id": "u1", "timeout": 30]])

        let nested: JSON = [
            "module": "user", "data": ["id": "u1"], "children": ["_": ["module": "user", "data": ["id": 7]]],
        ]
        let bad = try validate("callflows.action", nested)
        #expect(bad.violations.json.object?.keys == ["children._.data.id"])
        #expect(bad.value["data"] == ["id": "u1", "timeout": 20])
    }

    @Test func aModuleWithoutASchemaIsAnError() throws {
        let result = try validate("callflows.action", ["module": "nothing", "data": ["x": 1]])
        let message = "unable to find callflow schema for module nothing"
        #expect(result.violations.json == ["module": ["error": ["message": .string(message), "value": "nothing"]]])
    }

    @Test func whatSchemasCannotTellIsAskedOfTheCaller() throws {
        let asked = Mutex<[JSON]>([])
        let options = ValidationOptions(fillsDefaults: true, coercesTypes: true) { marked in
            asked.withLock { $0.append([.string(marked.name), marked.value, marked.document]) }
            return marked.value == "http://127.0.0.1/" ? "Invalid host" : nil
        }
        #expect(try validate("webhooks", ["uri": "http://example.com/"], options).violations.isEmpty)
        let refused = try validate("webhooks", ["uri": "http://127.0.0.1/"], options)
        #expect(
            refused.violations.json == ["uri": ["error": ["message": "Invalid host", "value": "http://127.0.0.1/"]]]
        )
        #expect(
            asked.withLock { $0 } == [
                ["webhooks.uri", "http://example.com/", ["uri": "http://example.com/"]],
                ["webhooks.uri", "http://127.0.0.1/", ["uri": "http://127.0.0.1/"]],
            ]
        )
        #expect(try validate("webhooks", ["uri": "http://127.0.0.1/"]).violations.isEmpty)
    }

    @Test func draft4KnowsNoneOfThis() throws {
        let set = try SchemaSet(
            [("test", ["disallow": "string", "divisibleBy": 2, "kazoo-regexp": true])],
            dialect: .draft4
        )
        #expect(set["test"]?.validate("(").violations.isEmpty == true)
        #expect(set["test"]?.validate(3).violations.isEmpty == true)
    }

    /// Format, string, whether Crossbar takes it.
    static let formats: [(String, String, Bool)] = [
        ("email", "a@b", true), ("email", ".a..@-", true), ("email", "a", false), ("email", "a@b@c", false),
        ("email", "@b", false), ("email", "a@", false), ("uri", "not a uri", true), ("regex", "(", true),
        ("hostname", "not a host", true), ("ipv4", "1.2.3.4", true), ("ipv4", "1.2.3", false), ("ipv6", "::1", true),
        ("ipv6", "1.2.3.4", false), ("date-time", "2024-02-29T00:00:00Z", true),
        ("date-time", "2023-02-29T00:00:00Z", false),
        ("unknown", "x", true),
    ]

    @Test(arguments: formats)
    func crossbarChecksFourFormats(format: String, text: String, isValid: Bool) throws {
        let set = try SchemaSet([("test", ["format": .string(format)])])
        #expect(set["test"]?.validate(.string(text)).violations.isEmpty == isValid)
    }
}
