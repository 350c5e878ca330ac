//  Settings that come from above, and brands that everybody may see.

import PluginKit
import TestServer
import Testing

@Suite struct SettingsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    @Test("B25: settings come from above until an account says otherwise")
    func settingsComeFromAboveUntilAnAccountSaysOtherwise() throws {
        let endpoint = "\(account)/configs/kazoo_endpoint"
        let first = try server.get(endpoint, tenant.adminToken)
        #expect(first.data == ["default_can_text_self": true, "id": "configs_kazoo_endpoint"])
        let above = "/v2/accounts/\(server.master.account)/configs/kazoo_endpoint"
        _ = try server.send(
            "POST",
            above,
            ["default_can_text_self": false, "x_note": "nobody else's affair"],
            server.master.adminToken
        )
        let below = try server.get(endpoint, tenant.adminToken)
        #expect(below.data == ["default_can_text_self": false, "id": "configs_kazoo_endpoint"])
        // Only what differs is the account's own: the rest goes on following the account above.
        let sent: JSON = ["default_can_text_self": false, "x": ["a": 1, "b": 3]]
        #expect(try server.send("POST", endpoint, sent, tenant.adminToken).data["x"] == ["a": 1, "b": 3])
        _ = try server.send("POST", above, ["default_can_text_self": true], server.master.adminToken)
        let now = try server.get(endpoint, tenant.adminToken).data
        #expect(now["x"] == ["a": 1, "b": 3])
        #expect(now["default_can_text_self"] == true)
        _ = try server.send("PATCH", endpoint, ["y": 1], tenant.adminToken)
        #expect(try server.get(endpoint, tenant.adminToken).data["y"] == 1)
        _ = try server.send("DELETE", endpoint, token: tenant.adminToken)
        #expect(try server.get(endpoint, tenant.adminToken).data["x"] == nil)
        let bad = try server.send("POST", endpoint, ["default_can_text_self": "perhaps"], tenant.adminToken)
        #expect(bad.data["default_can_text_self"]?["type"] != nil)
        let user = try server.put("\(account)/users", ["first_name": "A", "last_name": "B"], tenant.adminToken).id
        #expect(try server.send("POST", endpoint, ["y": 2], server.token(tenant.account, user)).status == 403)
    }

    /// A part of the system, a setting of it, its default.
    static let defaults: [(String, String, JSON)] = [
        ("call_command", "unknown_cid_name", "unknown"), ("cdr", "ignore_loopback_bowout", true),
        ("conferences", "pin_timeout", 5_000), ("crossbar.sms", "api_e164_convert_to", false),
        ("doodle", "api_preserve_caller_id", true), ("fax", "max_outbound", 10),
        ("notify", "notify_persist_exceptions", ["system_alert"]),
        ("omnipresence", "dialog_subscribed_mwi_prefix", "*98"),
        ("number_manager", "unauthorized_numbers_lookup", false), ("privacy", "privacy_mode", "kazoo"),
        ("tasks.bill_early", "reminder_enabled", false), ("webhooks", "attempt_failure_count", 6),
    ]

    @Test("B25: every part of the system has its settings", arguments: defaults)
    func everyPartOfTheSystemHasItsSettings(part: String, name: String, standard: JSON) throws {
        let path = "\(account)/configs/\(part)"
        #expect(try server.get(path, tenant.adminToken).data[name] == standard)
        #expect(try server.send("GET", "/v2/schemas/account_config.\(part)").data["properties"]?[name] != nil)
        #expect(try server.send("POST", path, [name: ["a": [1]]], tenant.adminToken).status == 400)
    }

    @Test("B25: what logins are asked for stands in one place")
    func whatLoginsAreAskedForStandsInOnePlace() throws {
        let path = "\(account)/configs/crossbar.auth"
        #expect(try server.get(path, tenant.adminToken).status == 404)
        #expect(try server.send("POST", path, ["auth_modules": [:]], tenant.adminToken).status == 404)
        let keys: JSON = ["voicemail": ["delete": "12"]]
        #expect(try server.send("POST", "\(account)/configs/keys", keys, tenant.adminToken).status == 400)
    }

    @Test("B24: a brand is seen by everybody under its host")
    func aBrandIsSeenByEverybodyUnderItsHost() throws {
        let brand = "\(account)/whitelabel"
        #expect(try server.get(brand, tenant.adminToken).status == 404)
        #expect(try server.send("GET", "/v2/whitelabel/phones.example.com").status == 404)
        let fields: JSON = ["company_name": "Harbour", "domain": "Phones.Example.com"]
        // A host name is given from above; what it looks like there is the account's own affair.
        let claimed = try server.send("PUT", brand, fields, tenant.adminToken)
        #expect(claimed.status == 400)
        #expect(claimed.data["domain"]?["forbidden"] != nil)
        #expect(try server.send("PUT", brand, fields, server.master.adminToken).status == 201)
        #expect(try server.send("PATCH", brand, ["hide_powered": true], tenant.adminToken).status == 200)
        #expect(try server.send("PATCH", brand, ["domain": "x.example.com"], tenant.adminToken).status == 400)
        let seen = try server.send("GET", "/v2/whitelabel/phones.example.com")
        #expect(seen.status == 200)
        #expect(seen.data["company_name"] == "Harbour")
        #expect(try server.send("GET", "/v2/whitelabel/phones.example.com/logo").status == 404)
        let sent = try server.send(
            "POST",
            "\(brand)/logo",
            "GIF89a",
            token: tenant.adminToken,
            fields: ["CONTENT_TYPE": "image/gif"]
        )
        #expect(sent.status == 200)
        let logo = try server.send("GET", "/v2/whitelabel/phones.example.com/logo")
        #expect(logo.fields[.contentType] == "image/gif")
        #expect(logo.fields[.accelRedirect] != nil)
        let other = try server.makeTenant("Other")
        let taken = try server.send("PUT", "/v2/accounts/\(other.account)/whitelabel", fields, server.master.adminToken)
        #expect(taken.data["domain"]?["unique"] != nil)
        _ = try server.send("DELETE", brand, token: tenant.adminToken)
        #expect(try server.send("GET", "/v2/whitelabel/phones.example.com").status == 404)
    }

    @Test("B21: documents are found by the beginning of a name or number")
    func documentsAreFoundByTheBeginningOfANameOrNumber() throws {
        let people: [(String, String, String)] = [
            ("Ada", "Lovelace", "1001"), ("Adam", "Smith", "1002"), ("Grace", "Hopper", "2001"),
        ]
        for (first, last, number) in people {
            let user: JSON = ["first_name": .string(first), "last_name": .string(last), "presence_id": .string(number)]
            _ = try server.put("\(account)/users", user, tenant.adminToken)
        }
        _ = try server.put(
            "\(account)/callflows",
            ["name": "Main", "numbers": ["+12125550100", "+12125550101"]],
            tenant.adminToken
        )
        func found(_ query: String) throws -> [String] {
            try server.get("\(account)/search?\(query)", tenant.adminToken).rows.compactMap {
                $0["first_name"]?.string ?? $0["name"]?.string
            }.sorted()
        }
        #expect(try found("t=user&q=name&v=ada") == ["Ada", "Adam"])
        #expect(try found("t=user&q=name&v=LOVE-lace") == ["Ada"])
        #expect(try found("t=user&q=number&v=100") == ["Ada", "Adam"])
        #expect(try found("t=user&q=name_and_number&v=2001") == ["Grace"])
        #expect(try found("t=user&q=name&v=zzz") == [])
        #expect(try found("t=callflow&q=number&v=1212") == ["Main"])
        #expect(try found("t=callflow&q=name&v=") == ["Main"])
        let many = try server.get("\(account)/search/multi?t=user&by_name=grace&by_number=1002", tenant.adminToken).data
        #expect(many["name"]?.array?.count == 1)
        #expect(many["number"]?.array?.first?["first_name"] == "Adam")
        let below = try server.makeTenant("Branch office", below: tenant)
        let accounts = try server.get("\(account)/search?t=account&q=name&v=branch", tenant.adminToken).rows
        #expect(accounts.map { $0["id"]?.string } == [below.account])
        #expect(accounts.first?["descendants_count"] == 0)
        #expect(try server.get("\(account)/search?t=account&q=name&v=Tenant", tenant.adminToken).rows.isEmpty)
        for (query, name, rule) in [
            ("", "t", "required"), ("t=user", "q", "required"), ("t=user&q=name", "v", "required"),
            ("t=user&q=realm&v=x", "q", "enum"), ("t=lamp&q=name&v=x", "t", "enum"),
        ] {
            let refused = try server.get("\(account)/search?\(query)", tenant.adminToken)
            #expect(refused.status == 400)
            #expect(refused.data[name]?[rule] != nil, "\(query)")
        }
    }

    @Test("B21: a search of several has no pages")
    func aSearchOfSeveralHasNoPages() throws {
        for number in 0..<60 {
            _ = try server.put("\(account)/devices", ["name": .string("Phone \(number)")], tenant.adminToken)
        }
        let one = try server.get("\(account)/search?t=device&q=name&v=phone", tenant.adminToken)
        #expect(one.rows.count == 50)
        let many = try server.get("\(account)/search/multi?t=device&by_name=phone", tenant.adminToken).data
        #expect(many["name"]?.array?.count == 60)
    }

    @Test("B21: a search by one field is made once")
    func aSearchByOneFieldIsMadeOnce() throws {
        let twice = try server.get("\(account)/search/multi?t=user&by_name=a&by_name=b", tenant.adminToken)
        #expect(twice.status == 400)
        #expect(twice.data["by_name"]?["uniqueItems"] != nil)
    }
}
