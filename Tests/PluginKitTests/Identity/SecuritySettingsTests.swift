//  Security settings of an account: what it says, what it inherits, and what is in force.

import HTTPMessage
import Identity
import TestServer
import Testing

@testable import PluginKit

@Suite struct SecuritySettingsTests {
    let server: TestServer
    let parent: TestServer.Tenant
    let tenant: TestServer.Tenant

    init() throws {
        server = try TestServer()
        parent = try server.makeTenant("Parent")
        tenant = try server.makeTenant("Tenant", below: parent)
    }

    private func path(_ tenant: TestServer.Tenant) -> String { "/v2/accounts/\(tenant.account)/security" }

    private func set(_ settings: JSON, of tenant: TestServer.Tenant, _ method: String = "POST") throws -> Answer {
        try server.send(method, path(tenant), settings, server.token(tenant.account, tenant.admin))
    }

    @Test func whatIsThereIsListedForEverybody() throws {
        let answer = try server.get("/v2/security", tenant.adminToken)
        #expect(answer.data == ["available_auth_methods": ["cb_api_auth", "cb_auth", "cb_ip_auth", "cb_user_auth"]])
        #expect(try server.send("GET", "/v2/security").status == 401)
    }

    @Test func theOriginOfARuleIsShownButNotAboveTheCaller() throws {
        let name = "auth_modules.cb_user_auth.token_auth_expiry_s"
        func rule(_ token: String) throws -> JSON? { try server.get(path(tenant), token).data["effective"]?[name] }
        #expect(try rule(tenant.adminToken) == ["value": 3_600, "origin": "system"])
        let short: JSON = ["auth_modules": ["cb_user_auth": ["token_auth_expiry_s": 600]]]
        #expect(try set(short, of: parent).status == 200)
        #expect(try rule(tenant.adminToken) == ["value": 600, "origin": "inherited"])
        #expect(try rule(parent.adminToken) == ["value": 600, "origin": .string(parent.account)])
        let inherited = try server.get(path(tenant), tenant.adminToken).data["inherited_config"]
        #expect(inherited?["auth_modules"]?["cb_user_auth"]?["token_auth_expiry_s"] == 600)
        // A longer life below changes nothing.
        let long: JSON = ["auth_modules": ["cb_user_auth": ["token_auth_expiry_s": 7_200]]]
        #expect(try set(long, of: tenant).data["account"] == long)
        #expect(try rule(parent.adminToken)?["value"] == 600)
        let token = try (server.logIn("Tenant").json["auth_token"]?.string).orSurprise("no token")
        server.advance(by: 631)
        #expect(try server.get(path(tenant), token).status == 401)
    }

    @Test func settingsAreReplacedMergedAndRemoved() throws {
        #expect(try server.send("DELETE", path(tenant), token: tenant.adminToken).status == 404)
        #expect(try set(["legacy_credentials": "allow", "password": ["min_length": 10]], of: tenant).status == 200)
        let merged = try set(["password": ["min_length": 12]], of: tenant, "PATCH")
        #expect(merged.data["account"] == ["legacy_credentials": "allow", "password": ["min_length": 12]])
        #expect(try set(["legacy_credentials": "deny"], of: tenant).data["account"] == ["legacy_credentials": "deny"])
        #expect(try server.send("DELETE", path(tenant), token: tenant.adminToken).status == 200)
        #expect(try server.get(path(tenant), tenant.adminToken).data["account"] == [:])
        let plain = try server.token(tenant.account, server.makeUser(tenant, "plain"))
        #expect(try server.send("POST", path(tenant), ["x": 1], plain).status == 403)
    }

    static let wrong: [(JSON, String)] = [
        (["auth_modules": ["nonsense": [:]]], "auth_modules"),
        (["auth_modules": ["cb_user_auth": ["enabled": 3]]], "auth_modules.cb_user_auth.enabled"),
        (["password": ["min_length": 0]], "password.min_length"),
        (["legacy_credentials": "maybe"], "legacy_credentials"),
        (
            ["auth_modules": ["cb_user_auth": ["multi_factor": ["configuration_id": "x"]]]],
            "auth_modules.cb_user_auth.account_id"
        ),
    ]

    @Test(arguments: wrong)
    func wrongSettingsAreRefused(row: (settings: JSON, path: String)) throws {
        let answer = try set(row.settings, of: tenant)
        #expect(answer.status == 400)
        #expect(answer.data.object?.keys.first?.hasPrefix(row.path) == true, "\(answer.json)")
        #expect(try server.get(path(tenant), tenant.adminToken).data["account"] == [:])
    }

    @Test func aClosedWayLetsNobodyIn() throws {
        let closed: JSON = ["auth_modules": ["cb_user_auth": ["enabled": false]]]
        #expect(try set(closed, of: parent).status == 200)
        let answer = try server.logIn("Tenant")
        #expect(answer.status == 401 && answer.json["message"] == "invalid credentials" && answer.data == [:])
        let basic = ["HTTP_AUTHORIZATION": "Basic \(base64("\(tenant.account):admin:secret"))"]
        #expect(try server.send("GET", path(tenant), fields: basic).status == 401)
    }

    @Test func digestsCanBeRefused() throws {
        // The MD5 of admin:secret.
        let digest: JSON = ["account_name": "Tenant", "credentials": "2d1e4f91dae49cd08eaba2293e422273"]
        #expect(try server.stranger("PUT", "/v2/user_auth", digest).status == 201)
        #expect(try set(["legacy_credentials": "deny"], of: parent).status == 200)
        #expect(try server.stranger("PUT", "/v2/user_auth", digest).status == 401)
        #expect(try server.logIn("Tenant").status == 201)
    }

    @Test func passwordsAreAsLongAsTheLineDemands() throws {
        #expect(try set(["password": ["min_length": 12]], of: parent).status == 200)
        let users = "/v2/accounts/\(tenant.account)/users"
        func user(_ password: String) throws -> Answer {
            let data: JSON = [
                "first_name": "A", "last_name": "B", "username": "ada", "password": .string(password),
            ]
            return try server.send("PUT", users, data, tenant.adminToken)
        }
        let answer = try user("eleven char")
        #expect(answer.status == 400 && answer.data["password"]?["minLength"]?["target"] == 12)
        #expect(try user("aaaaaaaaaaaa").status == 201)
    }

    @Test func theCommonestPasswordsAreRefusedUnlessTheServerLetsThem() throws {
        let users = "/v2/accounts/\(tenant.account)/users"
        func add(_ username: String, _ password: String) throws -> Answer {
            let data: JSON = [
                "first_name": "A", "last_name": "B", "username": .string(username), "password": .string(password),
            ]
            return try server.send("PUT", users, data, tenant.adminToken)
        }
        // This server lets them, and one above the account does not.
        #expect(try add("ada", "dragon2024").status == 201)
        #expect(try set(["password": ["common": "deny"]], of: parent).status == 200)
        #expect(try set(["password": ["common": "allow"]], of: tenant).status == 200)
        for password in ["dragon2024", "tenant-99", "Charles!"] {
            let answer = try add("charles", password)
            #expect(answer.status == 400 && answer.data["password"]?["common"] != nil, "\(answer.json)")
        }
        #expect(try add("charles", "a difference engine").status == 201)
        var policy = SecurityPolicy(account: "a", levels: [])
        #expect(!policy.allowsCommonPasswords)
        var defaults = SecurityPolicy.Defaults()
        defaults.allowsCommonPasswords = true
        policy = SecurityPolicy(account: "a", levels: [], defaults: defaults)
        #expect(policy.allowsCommonPasswords)
    }

    @Test func aTighterRuleEndsTheTokensMadeBefore() throws {
        let token = try server.token(tenant.account, tenant.admin)
        let factor: JSON = ["auth_modules": ["cb_user_auth": ["multi_factor": ["enabled": true]]]]
        #expect(try server.send("POST", path(tenant), factor, token).status == 200)
        #expect(try server.get(path(tenant), token).status == 401)
    }
}
