//  What every resource owes its schema: each field refuses what the schema does not allow.

import TestServer
import Testing

@testable import PluginKit

/// A field of a resource with a value that its schema forbids.
struct BadValue: CustomTestStringConvertible, Sendable {
    let subject: Subject
    let field: String
    let value: JSON
    let rule: String

    var testDescription: String { "\(subject.definition.name).\(field) breaks \(rule)" }

    static func all(of subject: Subject) -> [BadValue] {
        subject.definition.properties.flatMap { field, schema in
            values(schema).map { BadValue(subject: subject, field: field, value: $0.value, rule: $0.rule) }
        }
    }

    /// Values that break one keyword each of a schema.
    private static func values(_ schema: JSON) -> [(rule: String, value: JSON)] {
        var values: [(String, JSON)] = []
        switch schema["type"]?.string {
        case "string"?: values.append(("type", ["not": "text"]))
        case "boolean"?: values.append(("type", "perhaps"))
        case "integer"?, "number"?: values.append(("type", "many"))
        case "array"?: values.append(("type", ["not": "a list"]))
        case "object"?: values.append(("type", "not an object"))
        default: break
        }
        if schema["enum"] != nil { values.append(("enum", "no such choice")) }
        if schema["pattern"] != nil { values.append(("pattern", "\u{1}")) }
        if let least = schema["minLength"]?.int, least > 1 {
            values.append(("minLength", .string(String(repeating: "1", count: least - 1))))
        }
        if let most = schema["maxLength"]?.int {
            values.append(("maxLength", .string(String(repeating: "1", count: most + 1))))
        }
        if let least = schema["minimum"]?.int { values.append(("minimum", .number(JSONNumber(least - 1)))) }
        if let most = schema["maximum"]?.int { values.append(("maximum", .number(JSONNumber(most + 1)))) }
        return values
    }
}

@Suite struct FieldConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    private func path(_ subject: Subject) throws -> String { try examples.collection(subject) }

    @Test(arguments: Subject.all)
    func everyFieldRefusesWhatItsSchemaForbids(subject: Subject) throws {
        let document = try examples.completed(subject.examples[0], of: subject.definition)
        let rows = try server.get(path(subject), tenant.adminToken).rows.count
        let bad = BadValue.all(of: subject)
        #expect(!bad.isEmpty)
        for bad in bad {
            var fields = try #require(document.object)
            fields[bad.field] = bad.value
            let refused = try server.send("PUT", path(subject), .object(fields), tenant.adminToken)
            #expect(refused.status == 400, "\(bad.testDescription)")
            #expect(refused.data[bad.field]?[bad.rule] != nil, "\(bad.testDescription): \(refused.data)")
        }
        #expect(try server.get(path(subject), tenant.adminToken).rows.count == rows)
    }

    @Test(arguments: Subject.all)
    func everyRequiredFieldIsAskedFor(subject: Subject) throws {
        guard !subject.definition.requiredFields.isEmpty else { return }
        let refused = try server.send("PUT", path(subject), [:], tenant.adminToken)
        #expect(refused.status == 400)
        for field in subject.definition.requiredFields { #expect(refused.data[field]?["required"] != nil, "\(field)") }
    }

    @Test(arguments: Subject.all)
    func aReferenceThatMustLeadSomewhereDoes(subject: Subject) throws {
        let definition = subject.definition
        let given = (definition.links.map(\.reference) + definition.parents.map(\.reference)).map(\.path)
        let nobody = String(repeating: "0", count: 32)
        for reference in subject.definition.references where reference.mustExist && !given.contains(reference.path) {
            var fields = try #require(examples.completed(subject.examples[0], of: subject.definition).object)
            fields.set(.string(nobody), at: JSONPath(reference.path.description))
            let refused = try server.send("PUT", path(subject), .object(fields), tenant.adminToken)
            #expect(refused.status == 400)
            #expect(refused.data[reference.path.description]?["not_found"]?["cause"]?.string == nobody)
        }
    }

    @Test(arguments: Subject.all)
    func everyFieldIsExplainedToPeople(subject: Subject) {
        let schema = subject.definition.schema.source
        #expect(schema["title"]?.string != nil)
        #expect(schema["description"]?.string != nil)
        for (field, schema) in subject.definition.properties where schema["$ref"] == nil {
            #expect(schema["title"]?.string != nil, "\(field)")
        }
    }
}
