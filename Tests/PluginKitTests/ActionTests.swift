//  What a resource answers beyond its five verbs.

import Plugins
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

/// One action of each form.
private struct BellsPlugin: ResourcePlugin {
    static let name = "bells"
    static let schemaName = "menus"
    static let list = ListView(row: ["name"])
    static let examples: [JSON] = [["name": "Bell"]]

    static let actions = [
        Action.collection(.get, "loudest", access: .account(.user)) { call, service throws(APIError) in
            Reply(["asked": .string(call.path)])
        },
        Action.collection(.post, "silence") { fields, work throws(APIError) in
            var done: [JSON] = []
            for id in fields["bells"]?.array ?? [] {
                _ = try work.merge(["silent": true], into: DocumentID(id.string ?? ""))
                done.append(id)
            }
            return ["succeeded": .array(done)]
        },
        Action.item(.put, "rings/{ring}") { call, service throws(APIError) in
            let bell = try service.read(service.documentID())
            return Reply(["bell": .string(bell.id.text), "ring": .string(call.argument("ring") ?? "")])
        },
        Action.item(.put) { id, fields, work throws(APIError) in
            try work.merge(["rung": fields["action"] ?? .null], into: id)
        },
    ]
}

@Suite struct ActionTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let path: String

    init() throws {
        (server, tenant) = try TestServer.withTenant(plugins: DiscoveredPlugins.all + [BellsPlugin.self])
        path = "/v2/accounts/\(tenant.account)/bells"
    }

    private func bell() throws -> String { try server.put(path, ["name": "Bell"], tenant.adminToken).id }

    @Test func anActionAnswersForItself() throws {
        let loudest = try server.get("\(path)/loudest", tenant.adminToken)
        #expect(loudest.data["asked"]?.string == "\(path)/loudest")
        let bell = try bell()
        let rung = try server.send("PUT", "\(path)/\(bell)/rings/3", [:], tenant.adminToken)
        #expect(rung.data == ["bell": .string(bell), "ring": "3"])
    }

    @Test func aChangeOfManyIsOneCommit() throws {
        let bells = try (0..<3).map { _ in try bell() }
        let before = try server.events().last?.sequence ?? 0
        let bad: JSON = ["bells": .array((bells + ["nobody"]).map { .string($0) })]
        #expect(try server.send("POST", "\(path)/silence", bad, tenant.adminToken).status == 404)
        #expect(try server.events(after: before).isEmpty)
        let good: JSON = ["bells": .array(bells.map { .string($0) })]
        let done = try server.send("POST", "\(path)/silence", good, tenant.adminToken)
        #expect(done.data["succeeded"] == good["bells"])
        #expect(try server.events(after: before).map(\.event.name) == ["bell_edited", "bell_edited", "bell_edited"])
    }

    @Test func anActionWithoutWordsJoinsTheVerbsOfItsPlace() throws {
        let item = try "\(path)/\(bell())"
        let before = try server.get(item, tenant.adminToken)
        let body = #"{"data":{"action":"ding"}}"#
        let stale = ["HTTP_IF_MATCH": "\"1-0\""]
        #expect(try server.send("PUT", item, body, token: tenant.adminToken, fields: stale).status == 412)
        let rung = try server.send("PUT", item, body, token: tenant.adminToken)
        #expect(rung.status == 201)
        #expect(rung.data["rung"] == "ding")
        #expect(rung.revision != before.revision)
        #expect(try server.get(item, tenant.adminToken).revision == rung.revision)
        let refused = try server.send("PUT", path + "/silence", [:], tenant.adminToken)
        #expect(refused.status == 405)
        #expect(refused.fields[.allow] == "POST")
    }

    @Test func whoMayIsAskedOfActionsToo() throws {
        let names: JSON = ["first_name": "A", "last_name": "B"]
        let user = try server.put("/v2/accounts/\(tenant.account)/users", names, tenant.adminToken).id
        let token = try server.token(tenant.account, user)
        #expect(try server.get("\(path)/loudest", token).status == 200)
        #expect(try server.send("POST", "\(path)/silence", [:], token).status == 403)
    }

    @Test func allEntriesOfAListGoAtOnceAndNoOthers() throws {
        let lists = "/v2/accounts/\(tenant.account)/lists"
        let ids = try (0..<2).map { _ in try server.put(lists, ["name": "L"], tenant.adminToken).id }
        for id in ids {
            for number in ["1", "2"] {
                _ = try server.put("\(lists)/\(id)/entries", ["number": .string(number)], tenant.adminToken)
            }
        }
        let emptied = try server.send("DELETE", "\(lists)/\(ids[0])/entries", token: tenant.adminToken)
        #expect(emptied.status == 200, "\(emptied.json)")
        #expect(emptied.rows.count == 2)
        #expect(try server.get("\(lists)/\(ids[0])/entries", tenant.adminToken).rows.isEmpty)
        #expect(try server.get("\(lists)/\(ids[1])/entries", tenant.adminToken).rows.count == 2)
    }
}
