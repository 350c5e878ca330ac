//  What people see and change who are no administrators, and what accounts see of those around them.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite struct RightsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let user: String
    let token: String
    var account: String { "/v2/accounts/\(tenant.account)" }
    var own: String { "\(account)/users/\(user)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        let fields: JSON = ["first_name": "Ada", "last_name": "L", "username": "ada", "password": "a secret of hers"]
        user = try server.put("/v2/accounts/\(tenant.account)/users", fields, tenant.adminToken).id
        token = try server.token(tenant.account, user)
    }

    /// A field that a user sends for himself, and whether he may.
    static let fields: [(String, JSON, Bool)] = [
        ("first_name", "Augusta", true), ("email", "ada@example.com", true), ("timezone", "Europe/London", true),
        ("language", "en-gb", true), ("do_not_disturb", ["enabled": true], true),
        ("call_forward", ["enabled": true, "number": "+12125550100"], true), ("vm_to_email_enabled", false, true),
        ("ringtones", ["internal": "bell"], true), ("appList", ["voip"], true),
        ("priv_level", "admin", false), ("enabled", false, false), ("username", "root", false),
        ("formatters", ["to": [["prefix": "9"]]], false), ("call_recording", ["any": [:]], false),
        ("metaflows", ["binding_digit": "*"], false), ("presence_id", "1001", false),
        ("hotdesk", ["id": "7", "enabled": true], false), ("directories", ["d": "c"], false), ("flags", ["x"], false),
        ("caller_id", ["external": ["number": "+12125550199"]], false), ("require_password_update", true, false),
        ("x_note", 1, false),
    ]

    @Test(arguments: fields)
    func usersDecideOnlyWhatIsTheirOwnAffair(field: String, value: JSON, isAllowed: Bool) throws {
        let changed = try server.send("PATCH", own, .object([field: value]), token)
        #expect(changed.status == (isAllowed ? 200 : 400), "\(changed.json)")
        #expect((changed.data[field]?["forbidden"] != nil) != isAllowed)
        let administered = try server.send("PATCH", own, .object([field: value]), tenant.adminToken)
        #expect(administered.data[field]?["forbidden"] == nil)
    }

    @Test func aNewPasswordIsWhatWasAskedFor() throws {
        _ = try server.send("PATCH", own, ["require_password_update": true], tenant.adminToken)
        #expect(try server.send("PATCH", own, ["require_password_update": false], token).status == 400)
        let changed: JSON = ["password": "another secret", "require_password_update": false]
        #expect(try server.send("PATCH", own, changed, token).status == 200)
    }

    @Test func onlyAdministratorsSeeTheAccountsBelow() throws {
        let child = try server.makeTenant("Child", below: tenant)
        let grandchild = try server.makeTenant("Grandchild", below: child)
        for path in ["children", "descendants", "search?t=account&q=name&v=child"] {
            #expect(try server.get("\(account)/\(path)", token).status == 403, "\(path)")
            #expect(try server.get("\(account)/\(path)", tenant.adminToken).rows.count > 0, "\(path)")
        }
        func tree(_ token: String) throws -> JSON? {
            let rows = try server.get("\(account)/descendants", token).rows
            return rows.first { $0["id"]?.string == grandchild.account }?["tree"]
        }
        let line: [JSON] = [server.master, tenant, child].map { .string($0.account) }
        #expect(try tree(tenant.adminToken) == .array(Array(line.dropFirst())))
        #expect(try tree(server.master.adminToken) == .array(line))
    }

    @Test func privateCommentsAreForAdministrators() throws {
        let comments = "\(own)/comments"
        for (time, isPrivate) in [(1, true), (2, false)] {
            let comment: JSON = [
                "author": "A", "content": "B", "timestamp": .number(JSONNumber(time)), "is_private": .bool(isPrivate),
            ]
            _ = try server.put(comments, ["comments": [comment]], tenant.adminToken)
        }
        for path in [own, comments] {
            #expect(try server.get(path, tenant.adminToken).data["comments"]?.array?.count == 2)
            #expect(try server.get(path, token).data["comments"]?.array?.map { $0["timestamp"] } == [2])
        }
        #expect(try server.get("\(comments)/0", token).data["timestamp"] == 2)
        #expect(try server.get("\(comments)/1", token).status == 404)
        // What a user sends back loses nothing that he did not see.
        let seen = try server.get(own, token).data
        let sent = try server.send("POST", own, seen, token)
        #expect(sent.status == 200, "\(sent.json)")
        #expect(sent.data["comments"]?.array?.count == 1)
        #expect(try server.get(comments, tenant.adminToken).data["comments"]?.array?.count == 2)
    }

    @Test("B1, B14: webhooks are counted and stop with their account")
    func webhooksAreCountedAndStopWithTheirAccount() throws {
        let hooks = "\(account)/webhooks"
        let hook: JSON = ["name": "H", "hook": "object", "uri": "https://hooks.example.com/"]
        for _ in 0..<100 { _ = try server.put(hooks, hook, tenant.adminToken) }
        let refused = try server.send("PUT", hooks, hook, tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["hook"]?["maxItems"] != nil)
        let child = try server.makeTenant("Child", below: tenant)
        _ = try server.put("/v2/accounts/\(child.account)/webhooks", hook, child.adminToken)
        let desk = WebhookDesk(server.kit)
        #expect(try desk.hooks(now: TestServer.start).count == 101)
        // Whoever is switched off is told nothing, nor is anybody below.
        _ = try server.send("PATCH", account, ["enabled": false], server.master.adminToken)
        #expect(try desk.hooks(now: TestServer.start).isEmpty)
        _ = try server.send("PATCH", account, ["enabled": true], server.master.adminToken)
        #expect(try desk.hooks(now: TestServer.start).count == 101)
        let gone = "/v2/accounts/\(child.account)"
        #expect(try server.send("DELETE", gone, token: server.master.adminToken).status == 200)
        #expect(try desk.hooks(now: TestServer.start).count == 100)
    }
}
