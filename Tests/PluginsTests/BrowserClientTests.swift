//  What a browser client for telephone systems asks from its login on, answered as it needs it, on the demo company.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite("D: a browser client") struct BrowserClientTests {
    let server: TestServer
    let account: String
    var token: String { server.master.adminToken }

    /// One for all tests that only read.
    private static let shared: TestServer? = {
        let server = try? TestServer()
        if let server { try? Founding(server.kit, time: TestServer.start).makeDemoCompany() }
        return server
    }()

    init() throws {
        server = try #require(Self.shared)
        let children = try server.get("/v2/accounts/\(server.master.account)/children", server.master.adminToken).rows
        account = try #require(children.first?["id"]?.string)
    }

    /// Of a value, what a client reads.
    enum Shape: Sendable {
        /// A list whose rows have these fields.
        case rows([String])
        /// A list that may be empty.
        case list
        /// An object with these fields.
        case object([String])
    }

    /// A path that a screen asks for, below the account unless it is whole, and what must come. `{users}` stands for the
    /// id of the first user, and so for other lists.
    static let calls: [(String, Shape)] = [
        ("", .object(["id", "name", "realm", "created", "is_reseller", "superduper_admin", "reseller_id"])),
        ("/apps_store", .list),
        ("/apps_store/blacklist", .object(["blacklist"])),
        ("/alerts", .list),
        ("/vmboxes?filter_type=mainVMBox", .list),
        ("/vmboxes?paginate=false", .rows(["id", "name", "mailbox", "messages", "folders"])),
        ("/users?paginate=false", .rows(["id", "first_name", "last_name", "username", "features", "presence_id"])),
        ("/devices?with_status=true&paginate=false", .rows(["id", "name", "owner_id", "device_type", "mac_address"])),
        ("/phone_numbers?filter_state=in_service&paginate=false", .object(["numbers"])),
        ("/channels", .list),
        ("/callflows?has_type=type&paginate=false", .rows(["id", "name", "numbers", "modules", "featurecode"])),
        ("/callflows?filter_numbers=no_match", .list),
        ("/phone_numbers/classifiers", .object(["did_us", "international", "emergency", "unknown"])),
        ("/directories", .rows(["id", "name"])),
        ("/limits", .object(["id", "allow_prepay"])),
        ("/configs/kazoo_endpoint", .object(["id", "default_can_text_self"])),
        ("/media", .rows(["id", "name", "media_source", "language", "is_prompt"])),
        ("/blacklists", .rows(["id", "name"])),
        ("/groups", .rows(["id", "name", "features", "endpoints"])),
        ("/menus", .rows(["id", "name"])),
        ("/conferences", .rows(["id", "name", "member"])),
        ("/temporal_rules", .rows(["id", "name"])),
        ("/temporal_rules_sets", .rows(["id", "name", "rules"])),
        ("/faxboxes", .rows(["id", "name", "smtp_email_address"])),
        ("/ledgers/total", .object(["amount"])),
        ("/services/available", .object([])),
        ("/services/summary", .object([])),
        ("/transactions", .list),
        ("/port_requests", .list),
        ("/children?ascending=true", .rows(["id", "name", "realm", "descendants_count"])),
        ("/search/multi?t=account&by_name=light&by_realm=light&by_id=light", .object(["name", "realm", "id"])),
        (
            "/cdrs/interaction?page_size=50",
            .rows([
                "id", "call_id", "timestamp", "duration_seconds", "caller_id_name", "callee_id_number",
                "interaction_id",
            ])
        ),
        ("/access_lists", .object([])),
        ("/alerts?paginate=false&_=1700000000", .list),
        ("/blacklists/{blacklists}", .object(["id", "name", "numbers"])),
        ("/callflows/{callflows}", .object(["id", "name", "numbers", "flow", "metadata"])),
        ("/cdrs/{cdrs}", .object(["id", "call_id", "call_direction", "duration_seconds", "hangup_cause"])),
        ("/cdrs/legs/{cdrs}", .rows(["id", "call_id", "channel_created_time", "media_server", "from", "to"])),
        ("/conferences/{conferences}", .object(["id", "name", "member", "_read_only"])),
        ("/conferences/{conferences}/participants", .list),
        ("/descendants", .rows(["id", "name", "realm", "tree"])),
        ("/devices/{devices}", .object(["id", "name", "sip"])),
        ("/devices?filter_owner_id={users}", .rows(["id", "name", "owner_id"])),
        ("/directories/{directories}", .object(["id", "name", "users"])),
        ("/faxboxes/{faxboxes}", .object(["id", "name", "smtp_email_address"])),
        ("/groups/{groups}", .object(["id", "name", "endpoints"])),
        ("/ledgers", .object([])),
        ("/ledgers/available", .object(["amount"])),
        ("/media/{media}", .object(["id", "name", "media_source", "streamable"])),
        ("/menus/{menus}", .object(["id", "name"])),
        ("/multi_factor", .object(["configured", "multi_factor_providers"])),
        ("/multi_factor/attempts", .list),
        ("/phone_numbers", .object(["numbers", "cascade_quantity"])),
        (
            "/phone_numbers/%2B31205550100",
            .object(["id", "state", "features", "assigned_to", "used_by", "_read_only"])
        ),
        ("/phone_numbers/%2B31205550100/identify", .object(["number", "account_id"])),
        (
            "/phone_numbers/carriers_info",
            .object(["maximal_prefix_length", "usable_carriers", "usable_creation_states"])
        ),
        ("/phone_numbers/classifiers/2125550100", .object(["name", "friendly_name", "number", "e164"])),
        ("/phone_numbers/prefix?city=Utrecht", .object([])),
        ("/phone_numbers?prefix=212&quantity=15&offset=0", .list),
        ("/search?t=callflow&q=number&v=100", .rows(["id", "name", "numbers"])),
        ("/security", .object(["account", "inherited_config"])),
        ("/security/attempts", .list),
        ("/temporal_rules/{temporal_rules}", .object(["id", "name"])),
        ("/temporal_rules_sets/{temporal_rules_sets}", .object(["id", "name", "temporal_rules"])),
        ("/tree", .rows(["id", "name"])),
        ("/parents", .rows(["id", "name"])),
        ("/users/{users}", .object(["id", "first_name", "last_name", "username", "priv_level"])),
        ("/users/{users}/devices", .rows(["id", "name", "owner_id", "hotdesked"])),
        ("/users/{users}/hotdesks", .list),
        ("/webhooks/attempts", .list),
        ("/vmboxes/{vmboxes}", .object(["id", "name", "mailbox"])),
        ("/webhooks", .list),
        ("/v2/multi_factor", .object(["configured", "multi_factor_providers"])),
        ("/v2/phone_numbers/classifiers", .object(["did_us", "unknown"])),
        ("/v2/phone_numbers?prefix=212", .list),
        ("/v2/schemas/callflows", .object(["properties"])),
        ("/v2/security", .object(["available_auth_methods"])),
    ]

    private func target(_ path: String) throws -> String {
        guard let start = path.firstIndex(of: "{"), let end = path.firstIndex(of: "}") else {
            return path.hasPrefix("/v2/") ? path : "/v2/accounts/\(account)\(path)"
        }
        let list = path[path.index(after: start)..<end]
        let id = try server.get("/v2/accounts/\(account)/\(list)", token).rows.first?["id"]?.string
        return try target(path[..<start] + #require(id) + path[path.index(after: end)...])
    }

    /// Where the page of the client came from.
    static let origin = ["HTTP_ORIGIN": "https://ui.example.com"]

    @Test("D3, D4, D5: a screen gets what it reads", arguments: calls)
    func aScreenGetsWhatItReads(path: String, shape: Shape) throws {
        let answer = try server.send("GET", target(path), token: token, fields: Self.origin)
        try #require(answer.status == 200, "\(answer.json)")
        #expect(answer.json["status"] == "success")
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.fields[.accessControlAllowOrigin] != nil)
        switch shape {
        case .list: #expect(answer.data.array != nil)
        case .rows(let names):
            let row = try #require(answer.rows.first)
            for name in names { #expect(row[name] != nil, "\(name)") }
        case .object(let names):
            #expect(answer.data.object != nil)
            for name in names { #expect(answer.data[name] != nil, "\(name)") }
        }
    }

    /// Method and path of what a screen sends beside what it asks for.
    static let changes: [(String, String)] = [
        ("PUT", "/v2/user_auth"), ("PUT", "/v2/user_auth/recovery"), ("POST", "/v2/user_auth/recovery"),
        ("POST", "/v2/auth/tokeninfo"), ("PUT", ""), ("POST", ""), ("PATCH", ""), ("DELETE", ""),
        ("PATCH", "/users/{users}"), ("PUT", "/users/{users}/user_auth"), ("POST", "/media/{media}/raw"),
        ("POST", "/security"), ("POST", "/limits"), ("POST", "/apps_store/blacklist"),
        ("PUT", "/phone_numbers/collection"), ("DELETE", "/phone_numbers/collection"),
        ("PUT", "/phone_numbers/collection/activate"), ("PUT", "/phone_numbers/%2B31205550100/activate"),
        ("POST", "/phone_numbers/fix"), ("POST", "/services/quote"), ("PUT", "/conferences/{conferences}"),
        ("DELETE", "/vmboxes/{vmboxes}"), ("PUT", "/webhooks"),
    ]

    @Test("D4: a preflight allows what a screen then sends", arguments: calls.map { ("GET", $0.0) } + changes)
    func aPreflightAllowsWhatAScreenThenSends(method: String, path: String) throws {
        var fields = Self.origin
        fields["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] = method
        fields["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = "content-type, x-auth-token"
        let answer = try server.send("OPTIONS", target(path), fields: fields)
        #expect(answer.status == 200)
        #expect(answer.fields[.accessControlAllowOrigin] != nil)
        #expect(answer.fields[.accessControlAllowMethods]?.contains(method) == true)
        let allowed = answer.fields[.accessControlAllowHeaders]?.lowercased() ?? ""
        for name in ["content-type", "x-auth-token"] { #expect(allowed.contains(name)) }
    }

    @Test("D2: a login opens the account and the user")
    func aLoginOpensTheAccountAndTheUser() throws {
        // The MD5 of admin:secret, which the browser computes.
        let proof: JSON = ["credentials": "2d1e4f91dae49cd08eaba2293e422273", "account_name": "master"]
        let body = JSON.object(["data": proof]).text()
        #expect(try server.send("GET", "/v2/whitelabel/ui.example.com").status == 404)
        let login = try server.send("PUT", "/v2/user_auth", body)
        #expect(login.status == 201)
        let token = try #require(login.json["auth_token"]?.string)
        // Clients split it at its dots.
        #expect(token.split(separator: ".").count == 3)
        for name in ["account_id", "owner_id", "is_reseller", "reseller_id", "language", "apps", "capabilities"] {
            #expect(login.data[name] != nil, "\(name)")
        }
        // The same, for a page that kept the token.
        let again = try server.send(
            "POST",
            "/v2/auth/tokeninfo",
            JSON.object(["data": ["token": .string(token)]]).text()
        )
        #expect(again.data == login.data)
        #expect(again.json["auth_token"]?.string == token)
        let account = try #require(login.data["account_id"]?.string)
        let user = try #require(login.data["owner_id"]?.string)
        let own = try server.get("/v2/accounts/\(account)", token)
        #expect(own.json["version"]?.string != nil)
        #expect(try server.get("/v2/accounts/\(account)/users/\(user)", token).data["priv_level"] == "admin")
        let list = try server.send("PATCH", "/v2/accounts/\(account)/users/\(user)", ["appList": ["voip"]], token)
        #expect(list.data["appList"] == ["voip"])
    }

    /// What newer servers have, and this one never had; what is not sold here, and what nobody made.
    static let unknown: [(String, String)] =
        [
            "/external_numbers", "/service_plans", "/service_plans/current", "/braintree/customer",
            "/braintree/client_token", "/qubicle_queues", "/telexsmsboxes", "/match_lists", "/storage",
            "/trunkingio_settings/check", "/descendants/port_requests", "/port_requests/last_submitted",
            "/callflows/nothing", "/cdrs/nothing", "/phone_numbers/%2B31205559999", "/ledgers/nothing",
            "/device/{devices}/presence", "/users/nobody/hotdesks", "/v2/port_requests", "/v2/schemas/nothing",
            "/v2/whitelabel/nowhere.example.com", "/v2/whitelabel/nowhere.example.com/icon",
        ].map { ("GET", $0) } + [
            ("PUT", "/external_numbers"), ("DELETE", "/external_numbers/1"), ("PUT", "/external_numbers/1/verify"),
            ("POST", "/service_plans/override"), ("POST", "/services/topup"), ("PUT", "/ledgers/credit"),
            ("PUT", "/ledgers/debit"), ("POST", "/port_requests/lnp_lookup"), ("POST", "/telexsmsboxes/1"),
            ("DELETE", "/braintree/cards/1"), ("POST", "/braintree/customer"), ("POST", "/external_numbers/1/verify"),
            ("DELETE", "/port_requests/1"), ("GET", "/port_requests/1"), ("GET", "/port_requests/1/timeline"),
            ("GET", "/port_requests/1/attachments/bill.pdf"), ("POST", "/port_requests/1/attachments/bill.pdf"),
            ("PUT", "/port_requests/1/attachments?filename=bill.pdf"), ("PUT", "/port_requests/1/comments"),
            ("PATCH", "/port_requests/1/submitted"), ("POST", "/service_plans/"), ("DELETE", "/service_plans/"),
            ("POST", "/service_plans/1"), ("DELETE", "/service_plans/1"), ("POST", "/storage"),
            ("PUT", "/telexsmsboxes"), ("GET", "/desktop"), ("GET", "/dashboards"), ("GET", "/crm_integration"),
            ("GET", "/slack_integration"), ("GET", "/nothing/of/this/kind"), ("GET", "/v2/nothing"),
            ("PUT", "/v2/multi_factor/qrcode"), ("PUT", "/v2/multi_factor/reset_qrcode"), ("PUT", "/v2/auth/links/1"),
            ("DELETE", "/v2/auth/links/1"),
        ]

    @Test("D1: what is unknown is an error that the client can read", arguments: unknown)
    func whatIsUnknownIsAnErrorThatTheClientCanRead(method: String, path: String) throws {
        let target = try target(path)
        var preflight = Self.origin
        preflight["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] = method
        let allowed = try server.send("OPTIONS", target, fields: preflight)
        // A page may send what is unknown, and so can read that it is.
        #expect(allowed.status == (path == "/v2/nothing" ? 404 : 200))
        let body = method == "GET" || method == "DELETE" ? "" : #"{"data":{}}"#
        let answer = try server.send(method, target, body, token: token, fields: Self.origin)
        #expect(answer.status == 404, "\(answer.json)")
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.fields[.accessControlAllowOrigin] != nil)
        #expect(answer.json["status"] == "error")
        #expect(answer.json["error"] == "404")
    }

    /// A collection, and what a screen puts into it.
    static let saved: [(String, JSONObject)] = [
        ("blacklists", ["name": "Callers", "numbers": ["+12125550100": [:]]]),
        (
            "callflows",
            ["name": "Nobody", "numbers": ["4001"], "flow": ["module": "hangup", "data": [:], "children": [:]]]
        ),
        ("conferences", ["name": "Room", "conference_numbers": ["3001"]]),
        ("devices", ["name": "Desk", "device_type": "sip_device", "mac_address": "001565123456"]),
        ("directories", ["name": "Everybody", "sort_by": "last_name"]),
        ("faxboxes", ["name": "Fax", "retries": 2]),
        ("groups", ["name": "Sales", "endpoints": ["d": ["type": "device", "weight": 1]]]),
        ("media", ["name": "Welcome", "streamable": true, "media_source": "upload"]),
        ("menus", ["name": "Main", "retries": 3, "timeout": 10_000]),
        ("temporal_rules", ["name": "Lunch", "cycle": "daily", "time_window_start": 43_200]),
        ("temporal_rules_sets", ["name": "Holidays", "temporal_rules": ["5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"]]),
        ("users", ["first_name": "Ada", "last_name": "Lovelace", "ui_help": ["voip": ["showUserTour": false]]]),
        // The first screen makes this box, and looks for it by its type.
        ("vmboxes", ["name": "Main", "mailbox": "0", "type": "mainVMBox"]),
    ]

    @Test("D1: what a screen saves comes back and is found by where it was made", arguments: saved)
    func whatAScreenSavesComesBackAndIsFoundByWhereItWasMade(word: String, sent: JSONObject) throws {
        let (server, tenant) = try TestServer.withTenant()
        let list = "/v2/accounts/\(tenant.account)/\(word)"
        var sent = sent
        sent["ui_metadata"] = ["version": "4.3-1", "ui": "monster-ui", "origin": "voip"]
        let body: JSON = ["data": .object(sent), "accept_charges": true]
        let made = try server.send("PUT", list, body.text(), token: tenant.adminToken)
        try #require(made.status == 201, "\(made.json)")
        let item = try "\(list)/\(made.id)"
        let read = try server.get("\(item)?_=1700000000", tenant.adminToken).data
        for (name, value) in sent { #expect(read[name] == value, "\(name)") }
        // A screen sends back all that it read.
        let again = try server.send("POST", item, read, tenant.adminToken)
        #expect(again.status == 200, "\(again.json)")
        for (name, value) in sent { #expect(again.data[name] == value, "\(name)") }
        for (filter, count) in [("origin=voip", 1), ("origin=callflows", 0)] {
            #expect(try server.get("\(list)?filter_ui_metadata.\(filter)", tenant.adminToken).rows.count == count)
        }
        if let type = sent["type"]?.string {
            #expect(try server.get("\(list)?filter_type=\(type)", tenant.adminToken).rows.count == 1)
        }
        #expect(try server.send("DELETE", item, token: tenant.adminToken).status == 200)
        #expect(try server.get(item, tenant.adminToken).status == 404)
    }

    @Test("B23: applications are installed once and can be forbidden")
    func applicationsAreInstalledOnceAndCanBeForbidden() throws {
        let server = try TestServer()
        let account = try server.makeTenant("Tenant").account
        let token = server.master.adminToken
        func target(_ path: String) -> String { "/v2/accounts/\(account)\(path)" }
        let app: JSON = [
            "name": "voip", "api_url": "https://phones.example.com/v2/", "author": "Lighthouse", "version": "1.0",
            "license": "-", "price": 0, "icon": "voip.png",
            "i18n": ["en-US": ["label": "Telephones", "description": "For small companies."]],
        ]
        let created = try server.put(target("/apps_store"), app, token)
        let id = try created.id
        #expect(created.fields[.location] == target("/apps_store/\(id)"))
        let admin = try server.put(
            target("/users"),
            ["first_name": "A", "last_name": "B", "priv_level": "admin"],
            token
        ).id
        let own = try server.token(account, admin)
        #expect(try server.send("PUT", target("/apps_store"), app, own).status == 403)
        let rows = try server.get(target("/apps_store"), own).rows
        #expect(rows.map { $0["name"] } == ["voip"])
        #expect(rows.first?["i18n"]?["en-US"]?["label"] == "Telephones")
        let item = target("/apps_store/\(id)")
        #expect(try server.send("POST", item, ["allowed_users": "all"], own).status == 400)
        #expect(try server.send("PUT", item, ["allowed_users": "admins"], own).status == 201)
        #expect(try server.send("PUT", item, ["allowed_users": "all"], own).status == 400)
        let users: JSON = ["allowed_users": "specific", "users": [["id": .string(admin)]]]
        #expect(try server.send("POST", item, users, own).data["users"] == users["users"])
        #expect(try server.get(target("/apps_store"), own).rows.first?["allowed_users"] == "specific")
        #expect(try server.send("DELETE", item, token: own).status == 200)
        #expect(try server.send("DELETE", item, token: own).status == 400)
        let blacklist: JSON = ["blacklist": [.string(id)]]
        #expect(try server.send("POST", target("/apps_store/blacklist"), blacklist, own).status == 403)
        #expect(try server.send("POST", target("/apps_store/blacklist"), blacklist, token).data == blacklist)
        #expect(try server.get(target("/apps_store"), own).rows.isEmpty)
        #expect(try server.get(item, own).status == 404)
        // What is forbidden stands among the settings, and cannot be lifted there.
        for method in ["PUT", "POST", "PATCH", "DELETE"] {
            #expect(try server.send(method, target("/configs/apps_store"), ["blacklist": []], own).status == 403)
        }
        #expect(try server.get(item, own).status == 404)
    }

    @Test func theDemoCompanyIsAWholeTelephoneSystem() throws {
        let callflows = try server.get(target("/callflows?paginate=false"), token).rows
        let main = try #require(callflows.first { $0["name"] == "Main number" }?["id"]?.string)
        let metadata = try server.get(target("/callflows/\(main)"), token).data["metadata"]?.object
        let kinds = Set((metadata ?? [:]).compactMap { $0.value["pvt_type"]?.string })
        #expect(kinds.isSuperset(of: ["callflow", "menu", "vmbox", "temporal_rule", "temporal_rule_set", "directory"]))
        let numbers = try server.get(target("/phone_numbers"), token).data["numbers"]
        #expect(numbers?["+31205550100"]?["used_by"] == "callflow")
        let directory = try #require(server.get(target("/directories"), token).rows.first?["id"]?.string)
        let users = try server.get(target("/directories/\(directory)"), token).data["users"]?.array
        #expect(users?.count == 12)
        let boxes = try server.get(target("/vmboxes?paginate=false"), token).rows
        let full = try #require(boxes.first { ($0["messages"]?.int ?? 0) > 0 }?["id"]?.string)
        let message = try #require(server.get(target("/vmboxes/\(full)/messages"), token).rows.first?["id"]?.string)
        let sound = try server.get(target("/vmboxes/\(full)/messages/\(message)/raw"), token)
        #expect(sound.fields[.contentType] == "audio/x-wav")
        let summary = try server.get(target("/cdrs/summary"), token).data
        #expect((summary["legs"]?.int ?? 0) > 500)
        #expect(summary["inbound"] == summary["outbound"])
        // Beginning again changes nothing.
        let own = try TestServer()
        try Founding(own.kit, time: TestServer.start).makeDemoCompany()
        let events = try own.events().count
        try Founding(own.kit, time: TestServer.start).makeDemoCompany()
        #expect(try own.events().count == events)
    }
}
