//  Accounts: what they are given when they are made, what a change keeps, what only the server says, and what is free
//  again when one goes.

import PluginKit
import TestServer
import Testing

@Suite("B1: accounts") struct AccountsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }
    var master: String { "/v2/accounts/\(server.master.account)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    @Test func anAccountIsMadeBelowTheOneInThePathOrTheCallersOwn() throws {
        let own = try server.put("/v2/accounts", ["name": "Own"], tenant.adminToken)
        #expect(own.fields[.location] == "/v2/accounts/\(try own.id)")
        let named = try server.put(account, ["name": "Named"], server.master.adminToken)
        let children = try server.get("\(account)/children", tenant.adminToken).rows
        #expect(try Set(children.map { $0["id"]?.string }) == [own.id, named.id])
        for id in [try own.id, try named.id] {
            let tree = try server.get("/v2/accounts/\(id)/tree", server.master.adminToken).rows
            #expect(tree.map { $0["id"]?.string } == [server.master.account, tenant.account])
        }
        #expect(try server.get("/v2/accounts", tenant.adminToken).status == 405)
    }

    @Test func aNewAccountHasARealmTheTimeZoneOfItsParentAndAKey() throws {
        _ = try server.send("PATCH", account, ["timezone": "Europe/Amsterdam"], tenant.adminToken)
        let child = try server.put(account, ["name": "Child"], tenant.adminToken)
        #expect(child.data["realm"]?.string?.isEmpty == false)
        #expect(child.data["timezone"] == "Europe/Amsterdam")
        #expect(child.data["enabled"] == true)
        let other = try server.put(account, ["name": "Other", "timezone": "Asia/Tokyo"], tenant.adminToken)
        #expect(other.data["timezone"] == "Asia/Tokyo")
        #expect(other.data["realm"] != child.data["realm"])
        let key = try server.get("/v2/accounts/\(child.id)/api_key", tenant.adminToken).data["api_key"]?.string
        #expect(key?.utf8.count == 64)
    }

    /// Two accounts, and the field in which the second is refused.
    static let taken: [(JSONObject, JSONObject, String)] = [
        (["name": "Harbour & Sons"], ["name": "harbour sons"], "name"),
        (["name": "A", "realm": "Sip.Example.com"], ["name": "B", "realm": "sip.example.COM"], "realm"),
        (["name": "A", "realm": "sip. example.com"], ["name": "B", "realm": "sip.example.com "], "realm"),
    ]

    @Test(arguments: taken)
    func namesAndRealmsAreThoseOfOneAccountOfTheServer(first: JSONObject, second: JSONObject, field: String) throws {
        let made = try server.put(account, .object(first), tenant.adminToken)
        #expect(made.data["realm"]?.string?.contains(" ") == false)
        // Anywhere in the tree.
        let refused = try server.send("PUT", master, .object(second), server.master.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data[field]?["unique"] != nil, "\(refused.json)")
    }

    @Test func aChangeKeepsTheRealmAndTakesAwayWhatIsLeftOutOrNull() throws {
        _ = try server.send("PATCH", account, ["org": "Ours", "caller_id": ["a": ["name": "x"]]], tenant.adminToken)
        let merged = try server.send("PATCH", account, ["caller_id": ["b": ["name": "y"]]], tenant.adminToken).data
        #expect(merged["org"] == "Ours" && merged["caller_id"] == ["a": ["name": "x"], "b": ["name": "y"]])
        #expect(try server.send("PATCH", account, ["org": .null], tenant.adminToken).data["org"] == nil)
        let replaced = try server.send("POST", account, ["name": "Tenant"], tenant.adminToken).data
        #expect(replaced["caller_id"] == nil && replaced["realm"] == merged["realm"])
    }

    @Test func whatTheServerSaysOfAnAccountIsNotStored() throws {
        let sent: JSON = ["trial_time_left": 5, "notification_preference": "x", "api_key": "k", "created": 1]
        let shown = try server.send("PATCH", account, sent, tenant.adminToken).data
        for name in ["trial_time_left", "notification_preference", "api_key"] { #expect(shown[name] == nil) }
        #expect(shown["created"]?.int == Int(TestServer.start + gregorianOffset))
        #expect(shown["billing_mode"] == "manual" && shown["wnm_allow_additions"] == false)
    }

    @Test func administratorsAreShownTheKeyWhereTheyAskForIt() throws {
        let key = try server.get("\(account)/api_key", tenant.adminToken).data["api_key"]
        let target = "\(account)?include_api_key=true"
        #expect(try server.get(target, tenant.adminToken).data["api_key"] == key)
        #expect(try server.get(target, server.master.adminToken).data["api_key"] == key)
        let user = try server.put("\(account)/users", ["first_name": "U", "last_name": "X"], tenant.adminToken).id
        let theirs = try server.get(target, server.token(tenant.account, user))
        #expect(theirs.status == 200)
        #expect(theirs.data["api_key"] == nil)
        #expect(try server.get(account, tenant.adminToken).data["api_key"] == nil)
        // What was read with its key is sent back without storing it.
        let whole = try server.get(target, tenant.adminToken).data
        _ = try server.send("POST", account, whole, tenant.adminToken)
        #expect(try server.get(account, tenant.adminToken).data["api_key"] == nil)
    }

    @Test func aTokenThatMayNotAskForTheKeyIsNotShownIt() throws {
        let rules: JSON = ["restrictions": ["_": ["_": ["accounts": [["rules": ["*": ["GET"]]]]]]]]
        let sent = try server.send("POST", "\(account)/token_restrictions", rules, server.master.adminToken)
        try #require(sent.status == 200, "\(sent.json)")
        let token = try server.token(tenant.account, tenant.admin)
        #expect(try server.get("\(account)/api_key", token).status == 403)
        let shown = try server.get("\(account)?include_api_key=true", token)
        #expect(shown.status == 200 && shown.data["api_key"] == nil, "\(shown.json)")
    }

    @Test func rowsOfAccountsHaveWhatAClientReads() throws {
        let child = try server.makeTenant("Child", below: tenant)
        let row = try #require(server.get("\(master)/children", server.master.adminToken).rows.first)
        #expect(row["id"]?.string == tenant.account)
        #expect(row["name"] == "Tenant" && row["descendants_count"] == 1 && row["realm"] != nil)
        let below = try server.get("\(master)/descendants?ascending=true", server.master.adminToken).rows
        #expect(below.map { $0["name"] } == ["Child", "Tenant"])
        #expect(below.first?["id"]?.string == child.account)
        #expect(below.first?["tree"]?.array?.count == 2)
    }

    @Test func onlyWhoHasNobodyBelowGoes() throws {
        let child = try server.makeTenant("Child", below: tenant)
        let refused = try server.send("DELETE", account, token: server.master.adminToken)
        #expect(refused.status == 500)
        #expect(refused.json["message"] == "account_has_descendants")
        #expect(try server.send("DELETE", "/v2/accounts/\(child.account)", token: tenant.adminToken).status == 200)
        #expect(try server.send("DELETE", account, token: server.master.adminToken).status == 200)
        #expect(try server.send("DELETE", master, token: server.master.adminToken).status == 405)
    }

    /// A collection, and a document of it that only one account of the server can have.
    static let held: [(String, JSON)] = [
        ("phone_numbers/%2B12125550100", ["create_with_state": "available"]),
        ("faxboxes", ["name": "F", "custom_smtp_email_address": "fax@example.com"]),
        ("devices", ["name": "D", "sip": ["username": "user", "realm": "elsewhere.example.com"]]),
        ("devices", ["name": "D", "sip": ["method": "ip", "ip": "192.0.2.7"]]),
        ("whitelabel", ["domain": "phones.example.com"]),
    ]

    @Test(arguments: held)
    func whatAnAccountHeldIsFreeWhenItGoes(word: String, document: JSON) throws {
        let other = try server.makeTenant("Other")
        let (first, second) = ("\(account)/\(word)", "/v2/accounts/\(other.account)/\(word)")
        _ = try server.put(first, document, server.master.adminToken)
        #expect(try server.send("PUT", second, document, server.master.adminToken).status == 400)
        #expect(try server.send("DELETE", account, token: server.master.adminToken).status == 200)
        #expect(try server.send("PUT", second, document, server.master.adminToken).status == 201)
        let name: JSON = ["name": "Tenant"]
        #expect(try server.send("PUT", "/v2/accounts", name, server.master.adminToken).status == 201)
    }
}
