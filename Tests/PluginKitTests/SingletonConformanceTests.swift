//  What every singleton owes, tested once: each plugin is driven through HTTP from its declaration.

import Plugins
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

/// A singleton of documents, so that both kinds of owner are tested, and one that shows nothing before it is stored.
private struct MenuLimitsPlugin: SingletonPlugin {
    static let name = "menu_limits"
    static let schemaName = "limits"
    static let owners: [any ResourcePlugin.Type] = [MenusPlugin.self, AccountsPlugin.self]
    static let standard: JSONObject? = nil
    static let examples: [JSON] = [["calls": 1]]
}

/// A singleton below one kind of owner.
struct SingletonSubject: CustomTestStringConvertible, Sendable {
    let definition: ResourceDefinition
    let path: String
    /// The kind of document that owns it; nil for the account.
    let ownerType: String?
    let examples: [JSON]

    var testDescription: String { path }

    static let plugins: [any Plugin.Type] = DiscoveredPlugins.all + [MenuLimitsPlugin.self]

    static let all: [SingletonSubject] = {
        guard let catalogue = try? Catalogue(plugins, schemas: DiscoveredPlugins.schemaSet()) else { return [] }
        return plugins.flatMap { ($0 as? any SingletonPlugin.Type)?.subjects(catalogue) ?? [] }
    }()
}

extension SingletonPlugin {
    fileprivate static func subjects(_ catalogue: Catalogue) -> [SingletonSubject] {
        guard let definition = catalogue[type: documentType] else { return [] }
        return paths.map { path in
            let parent = definition.parents.first { path.contains("{\($0.type)}") }
            return SingletonSubject(definition: definition, path: path, ownerType: parent?.type, examples: examples)
        }
    }
}

@Suite struct SingletonConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant(plugins: SingletonSubject.plugins)
        examples = Examples(server, tenant)
    }

    /// The path of a new owner's singleton.
    private func path(_ subject: SingletonSubject) throws -> String {
        var path = "/v2" + subject.path.replacing("{account}", with: tenant.account)
        if let type = subject.ownerType { path = path.replacing("{\(type)}", with: try examples.make(type)) }
        return path
    }

    private func get(_ path: String) throws -> Answer { try server.get(path, tenant.adminToken) }

    private func send(_ method: String, _ path: String, _ data: JSON = [:]) throws -> Answer {
        try server.send(method, path, data, tenant.adminToken)
    }

    @Test func bothKindsOfOwnerAreTested() {
        #expect(SingletonSubject.all.contains { $0.ownerType == nil })
        #expect(SingletonSubject.all.contains { $0.ownerType != nil })
    }

    @Test(arguments: SingletonSubject.all)
    func whatIsNotStoredIsShownAsDeclared(subject: SingletonSubject) throws {
        let path = try path(subject)
        let shown = try get(path)
        #expect(shown.revision == nil)
        guard subject.definition.singleton?.standard != nil else {
            #expect(shown.status == 404)
            return
        }
        #expect(shown.status == 200)
        for (field, schema) in subject.definition.properties {
            if let standard = schema["default"] { #expect(shown.data[field] == standard) }
        }
        #expect(try server.events().allSatisfy { $0.event.type != subject.definition.documentType })
    }

    @Test(arguments: SingletonSubject.all, ["PUT", "POST", "PATCH"])
    func theFirstChangeCreatesItAndItIsReadBack(subject: SingletonSubject, method: String) throws {
        let path = try path(subject)
        let changed = try send(method, path, subject.examples[0])
        #expect(changed.status == (method == "PUT" ? 201 : 200), "\(changed.json)")
        #expect(changed.revision?.hasPrefix("1-") == true)
        for (field, value) in subject.examples[0].object ?? [:] { #expect(changed.data[field] == value) }
        let read = try get(path)
        #expect(read.data == changed.data)
        #expect(read.fields[.eTag] == changed.revision.map { "\"\($0)\"" })
        #expect(try send("PUT", path, subject.examples[0]).status == 409)
    }

    @Test(arguments: SingletonSubject.all)
    func eachRealChangeIsToldOnce(subject: SingletonSubject) throws {
        let path = try path(subject)
        let before = try server.events().last?.sequence ?? 0
        for value in [1, 1, 2] { _ = try send("PATCH", path, ["x_note": .number(JSONNumber(value))]) }
        #expect(try send("DELETE", path).status == 200)
        #expect(try send("DELETE", path).status == 404)
        _ = try send("POST", path, subject.examples[0])
        let type = subject.definition.documentType
        let told = try server.events(after: before).map(\.event)
        #expect(told.map(\.name) == ["created", "edited", "deleted", "created"].map { "\(type)_\($0)" })
        #expect(told.map(\.revision.generation) == [1, 2, 3, 4])
    }

    @Test(arguments: SingletonSubject.all)
    func deletingItTakesItBack(subject: SingletonSubject) throws {
        let path = try path(subject)
        let before = try get(path)
        _ = try send("POST", path, subject.examples[0])
        _ = try send("DELETE", path)
        let after = try get(path)
        #expect(after.status == before.status)
        if after.status == 200 { #expect(after.data == before.data) }
    }

    @Test(arguments: SingletonSubject.all)
    func aConditionCountsBeforeAndAfterTheFirstChange(subject: SingletonSubject) throws {
        let path = try path(subject)
        func post(_ field: String, _ tag: String) throws -> Answer {
            let body = JSON.object(["data": subject.examples[0]]).text()
            return try server.send("POST", path, body, token: tenant.adminToken, fields: [field: tag])
        }
        #expect(try post("HTTP_IF_MATCH", "\"1-0\"").status == 412)
        let created = try post("HTTP_IF_NONE_MATCH", "*")
        #expect(created.status == 200)
        #expect(try post("HTTP_IF_NONE_MATCH", "*").status == 412)
        #expect(try post("HTTP_IF_MATCH", "\"\(created.revision ?? "")\"").status == 200)
    }

    @Test(arguments: SingletonSubject.all)
    func badValuesAndStrangersAreRefused(subject: SingletonSubject) throws {
        let path = try path(subject)
        for (field, schema) in subject.definition.properties where schema["type"] == "integer" {
            let refused = try send("POST", path, .object([field: "many"]))
            #expect(refused.status == 400)
            #expect(refused.data[field]?["type"] != nil)
        }
        let stranger = try server.makeTenant("Stranger")
        #expect(try server.send("GET", path).status == 401)
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            #expect(try server.send(method, path, [:], stranger.adminToken).status == 403)
        }
    }

    @Test(arguments: SingletonSubject.all.filter { $0.ownerType != nil })
    func itBelongsToOneDocumentAndGoesWithIt(subject: SingletonSubject) throws {
        let (first, second) = (try path(subject), try path(subject))
        for path in [first, second] { #expect(try send("POST", path, subject.examples[0]).status == 200) }
        #expect(try get(first).data["id"] != get(second).data["id"])
        let owner = first.split(separator: "/").dropLast().joined(separator: "/")
        let before = try server.events().last?.sequence ?? 0
        #expect(try send("DELETE", "/\(owner)").status == 200)
        let told = try server.events(after: before).map(\.event.name)
        #expect(told.contains("\(subject.definition.documentType)_deleted"))
        #expect(try get(first).status == 404)
        #expect(try get(second).status == 200)
    }
}
