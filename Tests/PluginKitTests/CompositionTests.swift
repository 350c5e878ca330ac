//  One request that creates a user with lines, numbers and a voicemail box, and links them.

import TestServer
import Testing

@testable import PluginKit

@Suite struct CompositionTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let context: String

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        context = try Examples(server, tenant).make("context")
    }

    private var users: String { "/v2/accounts/\(tenant.account)/users" }

    private func collection(_ name: String) throws -> [JSON] {
        try server.get("/v2/accounts/\(tenant.account)/\(name)", tenant.adminToken).rows
    }

    private func user(
        line: String? = "Ada",
        number: JSON = "1001",
        voicemail: JSON = "1001",
        in context: String? = nil
    ) -> JSON {
        let context = context ?? self.context
        var named: JSONObject = ["extensions": [["exten": number, "context_id": .string(context)]]]
        named["name"] = line.map { .string($0) }
        return [
            "first_name": "Ada", "last_name": "Lovelace",
            "lines": [.object(named), ["name": "Ada at home"]],
            "voicemails": [["name": "Ada", "number": voicemail, "context_id": .string(context)]],
        ]
    }

    @Test func oneRequestMakesAndLinksEverything() throws {
        let before = try server.events().last?.sequence ?? 0
        let user = try server.put(users, user(), tenant.adminToken)
        let lines = user.data["lines"]?.array?.compactMap(\.string) ?? []
        #expect(lines.count == 2)
        let account = "/v2/accounts/\(tenant.account)"
        let line = try server.get("\(account)/lines/\(lines[0])", tenant.adminToken)
        #expect(line.data["name"] == "Ada")
        #expect(try line.data["users"] == [.string(user.id)])
        let number = try #require(line.data["extensions"]?.array?.first?.string)
        let exten = try server.get("\(account)/extensions/\(number)", tenant.adminToken)
        #expect(exten.data["exten"] == "1001")
        #expect(exten.data["lines"] == [.string(lines[0])])
        let box = try #require(user.data["voicemails"]?.array?.first?.string)
        #expect(try server.get("\(account)/voicemails/\(box)", tenant.adminToken).data["users"]?.array?.count == 1)
        let events = try server.events(after: before).map(\.event)
        #expect(
            events.map(\.name) == [
                "user_created", "line_created", "extension_created", "line_extension_associated", "line_created",
                "user_line_associated", "user_line_associated", "voicemail_created", "user_voicemail_associated",
            ]
        )
        // One commit: nothing has had a second revision, and every event names the one that is there.
        #expect(events.allSatisfy { $0.revision.generation == 1 })
        #expect(Set(events.map(\.requestID)).count == 1)
        #expect(
            events.filter { $0.name == "user_line_associated" }.map { $0.related.map(\.text) } == lines.map { [$0] }
        )
    }

    @Test func whatExistsIsLinkedByItsID() throws {
        let line = try server.put("/v2/accounts/\(tenant.account)/lines", ["name": "Hall"], tenant.adminToken).id
        let data: JSON = ["first_name": "A", "last_name": "B", "lines": [.string(line)]]
        #expect(try server.put(users, data, tenant.adminToken).data["lines"] == [.string(line)])
        let unknown = String(repeating: "f", count: 32)
        let wrong: JSON = ["first_name": "A", "last_name": "B", "lines": [.string(line), .string(unknown)]]
        let refused = try server.send("PUT", users, wrong, tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["lines.1"]?["not_found"]?["cause"]?.string == unknown)
    }

    @Test func whatIsWrongInsideStoresNothingAndSaysWhere() throws {
        let people = try collection("users").count
        let before = try server.events().last?.sequence
        let wrong: [(JSON, [String])] = [
            (user(line: nil), ["lines.0.name"]),
            (user(number: "no number"), ["lines.0.extensions.0.exten"]),
            (user(number: "3001"), ["lines.0.extensions"]),
            (user(voicemail: 7), ["voicemails.0.number"]),
            (user(line: nil, voicemail: 7), ["lines.0.name", "voicemails.0.number"]),
            (["first_name": "A", "last_name": "B", "lines": [3]], ["lines.0"]),
            (["first_name": "A", "last_name": "B", "lines": "one"], ["lines"]),
            (
                ["first_name": "A", "last_name": "B", "lines": [["name": "a", "extensions": ["nowhere"]]]],
                ["lines.0.extensions.0"]
            ),
        ]
        for (data, paths) in wrong {
            let answer = try server.send("PUT", users, data, tenant.adminToken)
            #expect(answer.status == 400)
            #expect(answer.data.object?.map(\.key).sorted() == paths)
        }
        #expect(try collection("users").count == people)
        for name in ["lines", "extensions", "voicemails"] { #expect(try collection(name).isEmpty) }
        #expect(try server.events().last?.sequence == before)
    }

    /// A store that fails while the parts are made, or when they are committed, keeps none of them.
    @Test func aStoreThatFailsAtAnyStepKeepsNothing() throws {
        let faults = Faults()
        let (server, tenant) = try TestServer.withTenant(faults: faults)
        let context = try Examples(server, tenant).make("context")
        let account = "/v2/accounts/\(tenant.account)"
        let before = try server.events().last?.sequence
        var failures = 0
        var status = 0
        while status != 201, failures < 1_000 {
            faults.failAfter(failures)
            status = try server.send("PUT", "\(account)/users", user(in: context), tenant.adminToken).status
            faults.failAfter(nil)
            guard status != 201 else { break }
            failures += 1
            #expect(try server.events().last?.sequence == before)
            for name in ["lines", "extensions", "voicemails"] {
                #expect(try server.get("\(account)/\(name)", tenant.adminToken).rows.isEmpty)
            }
            #expect(try server.get("\(account)/users", tenant.adminToken).rows.count == 1)
        }
        // The last step that failed is the commit of everything.
        #expect(status == 201)
        #expect(failures > 10)
    }

    @Test func aNumberThatIsTakenInTheSameRequestIsFound() throws {
        let line: JSON = ["name": "A", "extensions": [["exten": "1001", "context_id": .string(context)]]]
        let data: JSON = ["first_name": "A", "last_name": "B", "lines": [line, line]]
        let answer = try server.send("PUT", users, data, tenant.adminToken)
        #expect(answer.status == 400)
        #expect(answer.data["lines.1.extensions.0.exten"]?["unique"] != nil)
        #expect(try collection("lines").isEmpty)
    }

    @Test func aListOfMembersHasAnEnd() throws {
        let lines = JSON.array((0...500).map { ["name": .string("Line \($0)")] })
        let data: JSON = ["first_name": "A", "last_name": "B", "lines": lines]
        let refused = try server.send("PUT", users, data, tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["lines"]?["maxItems"]?["target"] == 500)
        #expect(try collection("lines").isEmpty)
        let user = try server.put(users, ["first_name": "A", "last_name": "B"], tenant.adminToken).id
        let replaced = try server.send("PUT", "\(users)/\(user)/lines", ["lines": lines], tenant.adminToken)
        #expect(replaced.data["lines"]?["maxItems"] != nil)
    }
}
