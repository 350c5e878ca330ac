//  Accounts as a tree: who is shown, who is moved, who acts for whom, and what ends whose tokens.

import HTTPMessage
import Identity
import SQLiteStore
import TestServer
import Testing

@testable import PluginKit

@Suite struct AccountTreeTests {
    let server: TestServer
    let reseller: TestServer.Tenant
    let company: TestServer.Tenant
    let branch: TestServer.Tenant

    init() throws {
        server = try TestServer()
        reseller = try server.makeTenant("Reseller")
        company = try server.makeTenant("Company", below: reseller)
        branch = try server.makeTenant("Branch", below: company)
    }

    private func ids(_ target: String, _ token: String) throws -> [String] {
        try server.get(target, token).rows.compactMap { $0["id"]?.string }
    }

    @Test(arguments: ["tree", "parents"])
    func nothingAboveTheCallersAccountIsShown(word: String) throws {
        let path = "/v2/accounts/\(branch.account)/\(word)"
        #expect(try ids(path, server.master.adminToken) == [server.master.account, reseller.account, company.account])
        #expect(try ids(path, company.adminToken) == [company.account])
        #expect(try ids(path, branch.adminToken) == [])
    }

    @Test func siblingsAreTheParentsChildren() throws {
        let other = try server.makeTenant("Other branch", below: company)
        let path = "/v2/accounts/\(branch.account)/siblings"
        #expect(try Set(ids(path, company.adminToken)) == [branch.account, other.account])
        #expect(try server.get(path, branch.adminToken).status == 403)
        #expect(try server.get(path, other.adminToken).status == 403)
        let root = "/v2/accounts/\(server.master.account)/siblings"
        #expect(try server.get(root, server.master.adminToken).status == 404)
    }

    @Test func movingTakesTheWholeLineAlong() throws {
        let other = try server.makeTenant("Other reseller")
        let old = try server.token(branch.account, branch.admin)
        let path = "/v2/accounts/\(company.account)/move"
        let to: JSON = ["to": .string(other.account)]
        #expect(try server.send("POST", path, to, reseller.adminToken).status == 403)
        #expect(try server.send("POST", path, [:], server.master.adminToken).data["to"]?["required"] != nil)
        let answer = try server.send("POST", path, to, server.master.adminToken)
        #expect(answer.status == 200, "\(answer.json)")
        #expect(try answer.id == company.account)

        let tree = "/v2/accounts/\(branch.account)/tree"
        #expect(try ids(tree, server.master.adminToken) == [server.master.account, other.account, company.account])
        #expect(try server.get("/v2/accounts/\(branch.account)", other.adminToken).status == 200)
        #expect(try server.get("/v2/accounts/\(branch.account)", reseller.adminToken).status == 403)
        let below = try Set(ids("/v2/accounts/\(other.account)/descendants", other.adminToken))
        #expect(below == [company.account, branch.account])
        #expect(try ids("/v2/accounts/\(reseller.account)/descendants", reseller.adminToken).isEmpty)
        // Tokens made under the former line are over.
        #expect(try server.get("/v2/accounts/\(branch.account)", old).status == 401)
        let events = try server.events().filter { $0.event.name == "account_moved" }.map { $0.event.document.text }
        #expect(Set(events) == [company.account, branch.account])
    }

    @Test func nothingIsMovedIntoItself() throws {
        let path = "/v2/accounts/\(company.account)/move"
        for target in [company.account, branch.account] {
            #expect(try server.send("POST", path, ["to": .string(target)], server.master.adminToken).status == 403)
        }
        let root = "/v2/accounts/\(server.master.account)/move"
        let answer = try server.send("POST", root, ["to": .string(company.account)], server.master.adminToken)
        #expect(answer.status == 403)
        let nowhere: JSON = ["to": "0123456789abcdef0123456789abcdef"]
        #expect(try server.send("POST", path, nowhere, server.master.adminToken).status == 404)
    }

    @Test func aResellerIsTheNearestOneAbove() throws {
        let path = "/v2/accounts/\(reseller.account)"
        func owner(_ account: String) throws -> String? {
            try server.get("/v2/accounts/\(account)", server.master.adminToken).data["reseller_id"]?.string
        }
        #expect(try owner(branch.account) == server.master.account)
        let before = try server.get("/v2/accounts/\(branch.account)", server.master.adminToken).fields[.eTag]
        #expect(try server.send("PUT", "\(path)/reseller", token: reseller.adminToken).status == 403)
        #expect(try server.send("PUT", "\(path)/reseller", token: server.master.adminToken).status == 201)
        #expect(try server.get(path, reseller.adminToken).data["is_reseller"] == true)
        #expect(try owner(branch.account) == reseller.account)
        #expect(try owner(reseller.account) == server.master.account)
        // What an account shows of others is part of its entity tag.
        #expect(try server.get("/v2/accounts/\(branch.account)", server.master.adminToken).fields[.eTag] != before)
        let login = try server.logIn("Branch")
        #expect(login.data["reseller_id"]?.string == reseller.account)
        #expect(try server.send("DELETE", "\(path)/reseller", token: server.master.adminToken).status == 200)
        #expect(try owner(branch.account) == server.master.account)
    }

    @Test func anAccountAboveThatIsSwitchedOffEndsLoginsAndTokens() throws {
        let path = "/v2/accounts/\(branch.account)"
        #expect(try server.get(path, branch.adminToken).status == 200)
        let off: JSON = ["enabled": false]
        let answer = try server.send("PATCH", "/v2/accounts/\(reseller.account)", off, server.master.adminToken)
        #expect(answer.data["enabled"] == false)
        for tenant in [reseller, company, branch] {
            #expect(try server.get("/v2/accounts/\(tenant.account)", tenant.adminToken).status == 401)
        }
        #expect(try server.logIn("Branch").status == 401)
        #expect(try server.get(path, server.master.adminToken).status == 200)
        _ = try server.send("PATCH", "/v2/accounts/\(reseller.account)", ["enabled": true], server.master.adminToken)
        #expect(try server.logIn("Branch").status == 201)
    }

    @Test func nobodySwitchesHisOwnAccount() throws {
        let answer = try server.send("PATCH", "/v2/accounts/\(company.account)", ["enabled": false], company.adminToken)
        #expect(answer.status == 200 && answer.data["enabled"] == true)
        let root = "/v2/accounts/\(server.master.account)"
        #expect(try server.send("PATCH", root, ["enabled": false], server.master.adminToken).data["enabled"] == true)
    }

    @Test func theLastRulerCannotGo() throws {
        let users = "/v2/accounts/\(server.master.account)/users"
        let own = "\(users)/\(server.master.admin)"
        let token = server.master.adminToken
        for change: JSON in [["priv_level": "user"], ["enabled": false], ["username": .null, "password": .null]] {
            let answer = try server.send("PATCH", own, change, token)
            #expect(answer.status == 400, "\(answer.json)")
            #expect(answer.data["priv_level"]?["last_administrator"] != nil, "\(answer.json)")
        }
        #expect(try server.send("DELETE", own, token: token).status == 400)
        // A user who cannot log in does not count, and one who can does.
        _ = try server.put(users, ["first_name": "A", "last_name": "B", "priv_level": "admin"], token)
        #expect(try server.send("DELETE", own, token: token).status == 400)
        _ = try server.makeUser(server.master, "second", level: "admin")
        #expect(try server.send("DELETE", own, token: token).status == 200)
    }

    @Test func anAdministratorFromAboveActsAsAUser() throws {
        let user = try server.makeUser(branch, "ada")
        let path = "/v2/accounts/\(branch.account)/users/\(user)/user_auth"
        let body = #"{"data":{},"action":"impersonate_user"}"#
        let answer = try server.send("PUT", path, body, token: company.adminToken)
        #expect(answer.status == 201, "\(answer.json)")
        #expect(answer.data["owner_id"]?.string == user)
        #expect(answer.data["original_account_id"]?.string == company.account)
        #expect(answer.data["original_owner_id"]?.string == company.admin)
        let token = try (answer.json["auth_token"]?.string).orSurprise("\(answer.json)")
        #expect(try server.get("/v2/accounts/\(branch.account)/users/\(user)", token).status == 200)
        #expect(try server.get("/v2/accounts/\(company.account)", token).status == 403)
        // It is written down where the account's own administrators see it.
        let attempts = try server.get("/v2/accounts/\(branch.account)/security/attempts", branch.adminToken)
        let attempt = try attempts.rows.first { $0["message"] == "impersonated" }.orSurprise("\(attempts.json)")
        let id = try (attempt["id"]?.string).orSurprise("no id")
        let full = try server.get("/v2/accounts/\(branch.account)/security/attempts/\(id)", branch.adminToken)
        #expect(full.data["metadata"]?["original_owner_id"]?.string == company.admin)
        // What ends the administrator's own tokens ends this one.
        let off: JSON = ["priv_level": "user"]
        let admin = "/v2/accounts/\(company.account)/users/\(company.admin)"
        #expect(try server.send("PATCH", admin, off, reseller.adminToken).status == 200)
        #expect(try server.get("/v2/accounts/\(branch.account)/users/\(user)", token).status == 401)
    }

    @Test func aLoginMayBeAsSomebodyBelow() throws {
        let user = try server.makeUser(branch, "ada")
        _ = try server.makeUser(company, "plain")
        func logIn(_ username: String, _ subject: JSON) throws -> Answer {
            try server.logIn("Company", username, more: ["as": subject])
        }
        let subject: JSON = ["account_id": .string(branch.account), "owner_id": .string(user)]
        let answer = try logIn("admin", subject)
        #expect(answer.status == 201, "\(answer.json)")
        #expect(answer.data["account_id"]?.string == branch.account && answer.data["owner_id"]?.string == user)
        #expect(answer.data["original_owner_id"]?.string == company.admin)
        let token = try (answer.json["auth_token"]?.string).orSurprise("no token")
        #expect(try server.get("/v2/accounts/\(branch.account)/users/\(user)", token).status == 200)
        #expect(try server.get("/v2/accounts/\(company.account)", token).status == 403)
        let attempts = try server.get("/v2/accounts/\(branch.account)/security/attempts", branch.adminToken)
        #expect(attempts.rows.compactMap { $0["message"]?.string } == ["impersonated"])

        // Somebody who rules nothing; an account beside or above; a user of another account.
        #expect(try logIn("plain", subject).status == 403)
        #expect(try server.logIn("Company", "admin", "wrong", more: ["as": subject]).status == 401)
        for (account, user) in [
            (company.account, company.admin), (reseller.account, reseller.admin),
            (server.master.account, server.master.admin), ("nowhere", user),
        ] {
            let answer = try logIn("admin", ["account_id": .string(account), "owner_id": .string(user)])
            #expect(answer.status == 403 && answer.json["auth_token"] == nil, "\(answer.json)")
        }
        let foreign: JSON = ["account_id": .string(branch.account), "owner_id": .string(company.admin)]
        #expect(try logIn("admin", foreign).status == 404)
        // The company's rules for tokens hold for what the login does in one step.
        for (methods, status): (JSON, Int) in [(["GET"], 403), (["PUT"], 201)] {
            let rules: JSON = ["restrictions": ["_": ["admin": ["user_auth": [["rules": ["/": methods]]]]]]]
            let path = "/v2/accounts/\(company.account)/token_restrictions"
            #expect(try server.send("POST", path, rules, reseller.adminToken).status == 200)
            #expect(try logIn("admin", subject).status == status, "\(methods)")
        }
        for (subject, field): (JSON, String) in [
            ([:], "as.account_id"), ("x", "as.account_id"), (["account_id": "x"], "as.owner_id"),
            (["account_id": 7, "owner_id": "x"], "as.account_id"),
        ] {
            #expect(try logIn("admin", subject).data[field]?["required"] != nil)
        }
    }

    @Test func nobodyElseActsAsAUser() throws {
        let user = try server.makeUser(branch, "ada")
        let plain = try server.token(company.account, server.makeUser(company, "plain"))
        let path = "/v2/accounts/\(branch.account)/users/\(user)/user_auth"
        let body = #"{"data":{},"action":"impersonate_user"}"#
        let sibling = try server.makeTenant("Sibling", below: company)
        for token in [branch.adminToken, plain, sibling.adminToken] {
            #expect(try server.send("PUT", path, body, token: token).status == 403)
        }
        #expect(try server.send("PUT", path, body).status == 401)
        #expect(try server.send("PUT", path, "{\"data\":{}}", token: company.adminToken).status == 400)
        let unknown = "/v2/accounts/\(branch.account)/users/0123456789abcdef0123456789abcdef/user_auth"
        #expect(try server.send("PUT", unknown, body, token: company.adminToken).status == 404)
        // Nor somebody who is somebody else already.
        let first = try server.send(
            "PUT",
            "/v2/accounts/\(company.account)/users/\(company.admin)/user_auth",
            body,
            token: reseller.adminToken
        )
        let token = try (first.json["auth_token"]?.string).orSurprise("\(first.json)")
        #expect(try server.send("PUT", path, body, token: token).status == 403)
    }
}
