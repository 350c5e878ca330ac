//  What a browser client for telephone systems asks from its login on, answered as it needs it, on the demo company.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite struct BrowserClientTests {
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

    /// A path below the account that a screen asks for, and what must come.
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
    ]

    private func target(_ path: String) -> String { "/v2/accounts/\(account)\(path)" }

    @Test(arguments: calls)
    func aScreenGetsWhatItReads(path: String, shape: Shape) throws {
        let answer = try server.get(target(path), token)
        #expect(answer.status == 200)
        #expect(answer.json["status"] == "success")
        #expect(answer.fields[.contentType] == "application/json")
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

    @Test func aPreflightAllowsWhatAScreenThenSends() throws {
        for (path, _) in Self.calls {
            let fields = [
                "HTTP_ORIGIN": "https://ui.example.com", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET",
                "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "content-type, x-auth-token",
            ]
            let answer = try server.send("OPTIONS", target(path), fields: fields)
            #expect(answer.status == 200)
            #expect(answer.fields[.accessControlAllowOrigin] != nil, "\(path)")
            #expect(answer.fields[.accessControlAllowMethods]?.contains("GET") == true, "\(path)")
            let allowed = answer.fields[.accessControlAllowHeaders]?.lowercased() ?? ""
            for name in ["content-type", "x-auth-token"] { #expect(allowed.contains(name), "\(path)") }
        }
    }

    @Test func aLoginOpensTheAccountAndTheUser() throws {
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
        let account = try #require(login.data["account_id"]?.string)
        let user = try #require(login.data["owner_id"]?.string)
        let own = try server.get("/v2/accounts/\(account)", token)
        #expect(own.json["version"]?.string != nil)
        #expect(try server.get("/v2/accounts/\(account)/users/\(user)", token).data["priv_level"] == "admin")
        let list = try server.send("PATCH", "/v2/accounts/\(account)/users/\(user)", ["appList": ["voip"]], token)
        #expect(list.data["appList"] == ["voip"])
    }

    /// What newer servers have, and this one never had.
    static let unknown = [
        "/external_numbers", "/service_plans", "/braintree/customer", "/qubicle_queues", "/telexsmsboxes",
        "/match_lists", "/storage", "/trunkingio_settings/check",
    ]

    @Test(arguments: unknown)
    func whatIsUnknownIsAnErrorThatTheClientCanRead(path: String) throws {
        let answer = try server.get(target(path), token)
        #expect(answer.status == 404)
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.json["status"] == "error")
        #expect(answer.json["error"] == "404")
    }

    @Test func applicationsAreInstalledOnceAndCanBeForbidden() throws {
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
