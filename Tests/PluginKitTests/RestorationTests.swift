//  Documents that were deleted, and made again.

import Plugins
import TestServer
import Testing

@testable import PluginKit

@Suite struct RestorationTests {
    private let server: TestServer
    private let tenant: TestServer.Tenant
    private let account: String
    private let deleted: String

    init() throws {
        server = try TestServer()
        tenant = try server.makeTenant("Tenant")
        account = "/v2/accounts/\(tenant.account)"
        deleted = "\(account)/deleted"
    }

    private func make(_ collection: String, _ fields: JSON) throws -> String {
        try server.put("\(account)/\(collection)", fields, tenant.adminToken).id
    }

    private func delete(_ path: String) throws {
        #expect(try server.send("DELETE", "\(account)/\(path)", token: tenant.adminToken).status == 200)
    }

    private func restore(_ id: String) throws -> Answer {
        try server.send("PUT", "\(deleted)/\(id)", token: tenant.adminToken)
    }

    @Test func theLatestDeletedComesFirstPageByPage() throws {
        let ids = try ["A", "B", "C"].map { try make("menus", ["name": .string($0)]) }
        for id in ids {
            server.advance(by: 1)
            try delete("menus/\(id)")
        }
        let list = try make("lists", ["name": "L"])
        server.advance(by: 1)
        try delete("lists/\(list)")
        let first = try server.get("\(deleted)?page_size=3", tenant.adminToken)
        #expect(first.rows.map { $0["type"] } == ["list", "menu", "menu"])
        #expect(first.rows.map { $0["name"] } == ["L", "C", "B"])
        #expect(first.rows.first?["deleted"]?.int == Int(TestServer.start) + 4)
        let next = try #require(first.json["next_start_key"]?.string)
        let second = try server.get("\(deleted)?page_size=3&start_key=\(next)", tenant.adminToken)
        #expect(second.rows.map { $0["name"] } == ["A"] && second.json["next_start_key"] == nil)
        #expect(try server.get("\(deleted)?start_key=yesterday", tenant.adminToken).status == 404)
    }

    @Test func whatNobodyMayHaveTwiceIsNotRestoredWhileAnotherHasIt() throws {
        let box = try make("vmboxes", ["name": "Old", "mailbox": "1001"])
        try delete("vmboxes/\(box)")
        let other = try make("vmboxes", ["name": "New", "mailbox": "1001"])
        let refused = try restore(box)
        #expect(refused.status == 400 && refused.data["mailbox"]?["unique"] != nil)
        #expect(try server.get("\(account)/vmboxes/\(box)", tenant.adminToken).status == 404)
        try delete("vmboxes/\(other)")
        #expect(try restore(box).status == 201)
    }

    @Test func whatIsRestoredPassesWhatANewOneHasToPass() throws {
        let hook: JSON = ["name": "H", "hook": "object", "uri": "https://hooks.example.com/"]
        let first = try make("webhooks", hook)
        try delete("webhooks/\(first)")
        var last = ""
        for _ in 0..<100 { last = try make("webhooks", hook) }
        let refused = try restore(first)
        #expect(refused.status == 400 && refused.data["hook"]?["maxItems"] != nil, "\(refused.json)")
        try delete("webhooks/\(last)")
        #expect(try restore(first).status == 201)
        #expect(try restore(last).data["hook"]?["maxItems"] != nil)
    }

    /// What its service does for a new document, it does for one that is made again.
    @Test func aHookThatIsRestoredIsToldOfWhatHappensFromThenOn() throws {
        let hook: JSON = ["name": "H", "hook": "object", "uri": "https://hooks.example.com/"]
        let id = try make("webhooks", hook)
        try delete("webhooks/\(id)")
        server.advance(by: 1_000)
        #expect(try restore(id).status == 201)
        let told = try WebhookDesk(server.kit).hooks(now: server.time)
        #expect(told.map { $0["since"]?.int } == [Int(TestServer.start) + 1_000], "\(told)")
    }

    @Test func linksComeBackAsFarAsTheyCan() throws {
        let users = try ["Ada", "Joan"].map { name in
            try make("users", ["first_name": .string(name), "last_name": "X", "lines": [["name": .string(name)]]])
        }
        let members = JSON.array(users.map { .string($0) })
        let group = try make("groups", ["name": "Sales", "endpoints": [:], "users": members])
        let lines = try #require(server.get("\(account)/users/\(users[1])", tenant.adminToken).data["lines"]?.array)
        try delete("groups/\(group)")
        try delete("users/\(users[1])/lines/\(try #require(lines.first?.string))")
        let restored = try restore(group)
        #expect(restored.status == 201)
        let read = try server.get("\(account)/groups/\(group)", tenant.adminToken).data
        #expect(read["users"] == [.string(users[0])])
        let names = try server.events().map(\.event).filter { $0.document.text == group }.map(\.name)
        #expect(names.suffix(2) == ["group_created", "group_user_associated"])
    }

    @Test func aUserWhoIsRestoredNeedsANewPassword() throws {
        let ada: JSON = ["first_name": "Ada", "last_name": "X", "username": "ada", "password": "secret"]
        let id = try make("users", ada)
        let login = #"{"data":{"account_name":"Tenant","username":"ada","password":"secret"}}"#
        #expect(try server.send("PUT", "/v2/user_auth", login).status == 201)
        let former = try server.token(tenant.account, id)
        #expect(try server.get("\(account)/users/\(id)", former).status == 200)
        try delete("users/\(id)")
        #expect(try restore(id).status == 201)
        #expect(try server.send("PUT", "/v2/user_auth", login).status == 401)
        #expect(try server.get("\(account)/users/\(id)", former).status == 401)
        #expect(try server.get("\(account)/users/\(id)", tenant.adminToken).data["username"] == "ada")
    }

    /// Who may not put a number into the inventory does not get one back that was released.
    @Test func whatOnlyTheMasterCreatesOnlyTheMasterRestores() throws {
        let number = "\(account)/phone_numbers/+12125550199"
        #expect(try server.send("PUT", number, [:], server.master.adminToken).status == 201)
        #expect(try server.send("DELETE", number, token: tenant.adminToken).status == 200)
        #expect(try restore("+12125550199").status == 404)
        let path = "\(deleted)/+12125550199"
        #expect(try server.send("PUT", path, token: server.master.adminToken).status == 201)
        #expect(try server.get(number, tenant.adminToken).status == 200)
    }

    @Test func onlyAdministratorsOfTheAccountRestore() throws {
        let menu = try make("menus", ["name": "A"])
        try delete("menus/\(menu)")
        let user = try make("users", ["first_name": "U", "last_name": "X"])
        let token = try server.token(tenant.account, user)
        #expect(try server.get(deleted, token).status == 403)
        #expect(try server.send("PUT", "\(deleted)/\(menu)", token: token).status == 403)
        let other = try server.makeTenant("Other")
        #expect(try server.send("PUT", "\(deleted)/\(menu)", token: other.adminToken).status != 201)
        let elsewhere = "/v2/accounts/\(other.account)/deleted/\(menu)"
        #expect(try server.send("PUT", elsewhere, token: other.adminToken).status == 404)
        #expect(try server.send("PUT", "\(deleted)/\(user)", token: tenant.adminToken).status == 404)
    }
}
