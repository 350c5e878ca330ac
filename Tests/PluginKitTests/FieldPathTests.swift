//  What sub-objects and arrays owe, tested once: each plugin is driven through HTTP from its declaration.

import Plugins
import TestServer
import Testing

@testable import PluginKit

/// A field with a path of its own, below one kind of document.
struct FieldSubject: CustomTestStringConvertible, Sendable {
    let word: String
    let field: String
    /// The kind of document that has the field.
    let owner: String
    let schema: String
    let examples: [JSON]

    var testDescription: String { "\(owner).\(field)" }

    static let objects: [FieldSubject] = DiscoveredPlugins.all.flatMap { plugin in
        (plugin as? any SubObjectPlugin.Type).map { plugin in
            plugin.owners.map {
                FieldSubject(
                    word: plugin.name,
                    field: plugin.field,
                    owner: $0.documentType,
                    schema: plugin.schemaName,
                    examples: plugin.examples
                )
            }
        } ?? []
    }

    static let arrays: [FieldSubject] = DiscoveredPlugins.all.flatMap { plugin in
        (plugin as? any ArrayPlugin.Type).map { plugin in
            plugin.owners.map {
                FieldSubject(
                    word: plugin.name,
                    field: plugin.field,
                    owner: $0.documentType,
                    schema: plugin.schemaName,
                    examples: plugin.examples
                )
            }
        } ?? []
    }
}

@Suite struct FieldPathTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    /// The path of a new document; the account is one already.
    private func item(_ subject: FieldSubject) throws -> String {
        if subject.owner == "account" { return "/v2/accounts/\(tenant.account)" }
        return try "\(examples.collection(.of(subject.owner)))/\(examples.make(subject.owner))"
    }

    private func get(_ path: String) throws -> Answer { try server.get(path, tenant.adminToken) }

    private func send(_ method: String, _ path: String, _ data: JSON = [:]) throws -> Answer {
        try server.send(method, path, data, tenant.adminToken)
    }

    @Test func thereAreSomeOfBoth() {
        #expect(!FieldSubject.objects.isEmpty)
        #expect(!FieldSubject.arrays.isEmpty)
    }

    @Test(arguments: FieldSubject.objects)
    func anObjectIsReadWrittenAndRemovedBesideItsDocument(subject: FieldSubject) throws {
        let item = try item(subject)
        let path = "\(item)/\(subject.word)"
        #expect(try get(path).data == [:])
        for example in subject.examples {
            let written = try send("POST", path, example)
            #expect(written.status == 200, "\(written.json)")
            // An object in it has the defaults of its schema by now.
            for (name, value) in example.object ?? [:] where value.object == nil {
                #expect(written.data[name] == value)
            }
            #expect(try get(path).data == written.data)
            let document = try get(item)
            #expect(document.data[subject.field] == written.data)
            #expect(document.revision == written.revision)
        }
        let merged = try send("PATCH", path, ["x_note": 1])
        #expect(merged.data["x_note"] == 1)
        let removed = try send("DELETE", path)
        #expect(removed.status == 200)
        #expect(removed.data == [:])
        #expect(try get(item).data[subject.field] == nil)
    }

    @Test(arguments: FieldSubject.objects)
    func aChangeIsAnEditOfTheDocumentAndToldOnce(subject: FieldSubject) throws {
        let path = "\(try item(subject))/\(subject.word)"
        let before = try server.events().last?.sequence ?? 0
        for _ in 0..<2 { _ = try send("POST", path, subject.examples[0]) }
        let told = try server.events(after: before).map(\.event)
        #expect(told.map(\.name) == ["\(subject.owner)_edited"])
        #expect(told.first?.changed == [subject.field])
    }

    @Test(arguments: FieldSubject.objects + FieldSubject.arrays)
    func whatTheSchemaForbidsAStaleRevisionAndStrangersAreRefused(subject: FieldSubject) throws {
        let item = try item(subject)
        let path = "\(item)/\(subject.word)"
        let isArray = FieldSubject.arrays.contains { $0.word == subject.word }
        let properties = server.kit.schemas[subject.schema]?.source["properties"]?.object ?? [:]
        let bad = try #require(properties.first { $0.value["type"] == "string" || $0.value["type"] == "array" })
        var fields = try #require(subject.examples[0].object)
        fields[bad.key] = ["not": "valid"]
        let method = isArray ? "PUT" : "POST"
        func body(_ value: JSON) -> JSON { isArray ? .object([subject.field: [value]]) : value }
        let refused = try send(method, path, body(.object(fields)))
        #expect(refused.status == 400)
        #expect(refused.data[bad.key]?["type"] != nil)
        let stale = try server.send(
            method,
            path,
            JSON.object(["data": body(subject.examples[0])]).text(),
            token: tenant.adminToken,
            fields: ["HTTP_IF_MATCH": "\"1-00000000000000000000000000000000\""]
        )
        #expect(stale.status == 412)
        #expect(try get(item).data[subject.field] == nil)
        let stranger = try server.makeTenant("Stranger")
        #expect(try server.get(path, stranger.adminToken).status == 403)
        #expect(try server.send("GET", path).status == 401)
    }

    @Test(arguments: FieldSubject.arrays)
    func elementsAreAListAndItems(subject: FieldSubject) throws {
        let path = "\(try item(subject))/\(subject.word)"
        #expect(try get(path).data == .object([subject.field: []]))
        for (count, example) in subject.examples.enumerated() {
            let added = try send("PUT", path, .object([subject.field: [example]]))
            #expect(added.status == 201, "\(added.json)")
            #expect(added.data[subject.field]?.array?.count == count + 1)
        }
        let all = try #require(get(path).data[subject.field]?.array)
        for (place, element) in all.enumerated() { #expect(try get("\(path)/\(place)").data == element) }
        let merged = try send("PATCH", "\(path)/0", ["x_note": 1])
        #expect(merged.data["x_note"] == 1)
        let replaced = try send("POST", "\(path)/0", all[0])
        #expect(replaced.data == all[0])
        let removed = try send("DELETE", "\(path)/0")
        #expect(removed.data == all[0])
        #expect(try get("\(path)/0").data == all[1])
        for place in ["1", "-1", "+0", "00", "x", "99999999999999999999"] {
            let missing = try get("\(path)/\(place)")
            #expect(missing.status == 404, "\(place)")
            #expect(missing.data["cause"]?.string == place)
        }
        #expect(try send("DELETE", path).data == .object([subject.field: []]))
    }

    @Test func commentsStandInTheOrderOfTheirTimes() throws {
        let path = "/v2/accounts/\(tenant.account)/comments"
        for time in [3, 1, 2] {
            let comment: JSON = ["author": "A", "content": "B", "timestamp": .number(JSONNumber(time))]
            #expect(try send("PUT", path, ["comments": [comment]]).status == 201)
        }
        let times = try get(path).data["comments"]?.array?.compactMap { $0["timestamp"]?.int }
        #expect(times == [1, 2, 3])
    }
}
