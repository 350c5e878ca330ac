//  Sections B19 to B25 of the catalogue: limits, schemas, search, applications, brands and settings; and of D, what a login
//  tells of applications.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let settings: [Rule] = [
        Rule("B19", says: "limits are there before anybody sets them, and a customer of a reseller does not") { world in
            let shown = try world.ask("GET", "limits")
            #expect(shown.data["allow_prepay"] == true && shown.data["authz_resource_types"] == [])
            #expect(shown.data["allow_postpay"] == false && shown.data["max_postpay_amount"] == 0)
            #expect(shown.data["id"] == "limits")
            try world.ask("PUT", "reseller", as: world.server.master).succeeds(201)
            let customer = try world.server.makeTenant("Customer", below: world.tenant)
            let path = "/v2/accounts/\(customer.account)/limits"
            let refused = try world.server.send("POST", path, ["twoway_trunks": 3], customer.adminToken)
            refused.isRefused(
                403,
                "forbidden",
                ["message": "Please contact your phone provider to add limits."]
            )
            try world.server.send("POST", path, ["twoway_trunks": 3], world.tenant.adminToken).succeeds()
            #expect(try world.server.get(path, customer.adminToken).data["twoway_trunks"] == 3)
        },

        Rule(
            "B20",
            "B22",
            "B25",
            otherwise: "there are no storage plans, no tasks and no settings of a cluster",
            because: "files are the server's own, and so are its settings"
        ) { world in
            for path in ["storage", "storage/plans", "tasks"] {
                try world.ask("GET", path).isRefused(404, "not_found")
            }
            for path in ["storage", "tasks", "system_configs", "system_configs/crossbar"] {
                try world.server.get("/v2/\(path)", world.server.master.adminToken).isRefused(404, "not_found")
            }
        },

        Rule("B21", says: "schemas are sorted, and none is hidden") { world in
            let names = try world.stranger("GET", "/v2/schemas").data.array?.compactMap(\.string) ?? []
            #expect(names == names.sorted() && names.contains("callflows"))
            #expect(try world.stranger("GET", "/v2/schemas?internals=true").data.array?.count == names.count)
            let checked = try world.send("PUT", "/v2/schemas/vmboxes/validation", #"{"data":{"mailbox":"1"}}"#)
            checked.isInvalid("name", "required")
            let filled = try world.send(
                "PUT",
                "/v2/schemas/vmboxes/validation",
                #"{"data":{"mailbox":"1","name":"B"}}"#
            )
            #expect(filled.data["check_if_owner"] == true && filled.data["name"] == "B")
        },
        Rule("B21", says: "a search that lacks a word is told which words there are") { world in
            let cases: [(String, String, JSON?)] = [
                ("", "t", ["account", "user", "callflow", "device"]),
                ("?t=user", "q", ["name", "number", "name_and_number"]),
                ("?t=account", "q", ["name", "realm", "id"]), ("?t=user&q=name", "v", nil),
                ("/multi", "t", ["account", "user", "callflow", "device"]),
                ("/multi?t=account", "by_name", ["by_name", "by_realm", "by_id"]),
            ]
            for (query, name, choices) in cases {
                let refused = try world.ask("GET", "search\(query)")
                refused.isInvalid(name, "required")
                if let choices { #expect(refused.data[name]?["required"]?["target"] == choices, "\(query)") }
            }
        },
        Rule("B21", says: "accounts are looked for below the caller's own, whatever account is in the path") { world in
            let child = try world.server.makeTenant("Lamp", below: world.tenant)
            let other = try world.server.makeTenant("Lamp shop")
            func found(_ account: String, _ token: String) throws -> Set<String?> {
                let target = "/v2/accounts/\(account)/search?t=account&q=name&v=LAMP"
                return Set(try world.server.get(target, token).rows.map { $0["id"]?.string })
            }
            let master = world.server.master
            #expect(try found(world.tenant.account, world.tenant.adminToken) == [child.account])
            for account in [master, world.tenant, child].map(\.account) {
                #expect(try found(account, master.adminToken) == [child.account, other.account])
            }
            let target = "/v2/accounts/{A}/search/multi?t=account&by_name=lam&by_realm=none&by_id=\(child.account)"
            let many = try world.get(target).data
            #expect(many.fieldNames == "name realm id".fieldNames)
            #expect(many["name"]?.array?.count == 1 && many["realm"] == [] && many["id"]?.array?.count == 1)
            #expect(
                many["id"]?.array?.first?.fieldNames == "id name realm descendants_count".fieldNames
            )
        },

        Rule("B23", says: "who may use an application is a list of ids or of objects, and comes back as it was") {
            world in
            let app: JSON = [
                "name": "voip", "api_url": "https://phones.example.com/v2/", "author": "Ada", "version": "1.0",
                "license": "-", "price": 0, "icon": "voip.png",
                "i18n": ["en-US": ["label": "Telephones", "description": "For companies."]],
            ]
            let id = try world.ask("PUT", "apps_store", app, as: world.server.master).id
            let item = "apps_store/\(id)"
            let user = JSON.string(world.tenant.admin)
            try world.ask("PUT", item, ["allowed_users": "specific", "users": [user]]).succeeds(201)
            #expect(try world.row("apps_store", id)?["users"] == [user])
            try world.ask("POST", item, ["allowed_users": "specific", "users": [["id": user]]]).succeeds()
            #expect(try world.row("apps_store", id)?["users"] == [["id": user]])
        },

        Rule("D2", says: "a login tells which applications its user may open, and what they are called") { world in
            let app: JSON = [
                "name": "voip", "api_url": "https://phones.example.com/v2/", "author": "Ada", "version": "1.0",
                "license": "-", "price": 0, "icon": "voip.png", "source_url": "https://apps.example.com/voip",
                "i18n": [
                    "en-US": ["label": "Telephones", "description": "For companies."],
                    "de-DE": ["label": "Telefone", "description": "Für Firmen."],
                ],
            ]
            let id = try world.ask("PUT", "apps_store", app, as: world.server.master).id
            let item = "apps_store/\(id)"
            let user = try world.user(["first_name": "A", "last_name": "B", "language": "de-de"]).id
            func apps(_ user: String) throws -> [JSON] {
                let token = try world.server.token(world.tenant.account, user)
                return try world.server.get("/v2/token_auth", token).data["apps"]?.array ?? []
            }
            func told(_ label: JSON) -> [JSON] {
                [
                    [
                        "id": .string(id), "name": "voip", "api_url": "https://phones.example.com/v2/",
                        "source_url": "https://apps.example.com/voip", "label": label,
                    ]
                ]
            }
            let admin = world.tenant.admin
            #expect(try apps(admin) == [])
            try world.ask("PUT", item, ["allowed_users": "all"]).succeeds(201)
            #expect(try apps(admin) == told("Telephones") && apps(user) == told("Telefone"))
            try world.ask("POST", item, ["allowed_users": "admins"]).succeeds()
            #expect(try apps(admin).count == 1 && apps(user) == [])
            for users: JSON in [[.string(user)], [["id": .string(user)]]] {
                try world.ask("POST", item, ["allowed_users": "specific", "users": users]).succeeds()
                #expect(try apps(admin) == [] && apps(user).count == 1)
            }
            try world.ask("POST", "apps_store/blacklist", ["blacklist": [.string(id)]], as: world.server.master)
                .succeeds()
            #expect(try apps(user) == [])
        },

        Rule("B24", says: "a brand is made once, replaced, and gone when it is deleted") { world in
            let brand: JSON = ["company_name": "One", "hide_powered": true]
            try world.ask("GET", "whitelabel").isRefused(404, "bad_identifier")
            try world.ask("PUT", "whitelabel", brand).succeeds(201)
            #expect(try world.ask("PUT", "whitelabel", brand).status == 409)
            let replaced = try world.ask("POST", "whitelabel", ["company_name": "Two"])
            #expect(replaced.data["company_name"] == "Two" && replaced.data["hide_powered"] == false)
            try world.ask("DELETE", "whitelabel").succeeds()
            try world.ask("GET", "whitelabel").isRefused(404, "bad_identifier")
            try world.ask("PUT", "whitelabel", brand).succeeds(201)
        },
        Rule("B24", says: "anybody finds a brand and its pictures by the name of its host, in any case") { world in
            let brand: JSON = ["company_name": "Harbour", "domain": "phones.example.com"]
            try world.ask("PUT", "whitelabel", brand, as: world.server.master).succeeds(201)
            try world.upload("whitelabel/icon", "GIF89a", type: "image/gif").succeeds()
            for root in ["/v2/whitelabel", "/v2/accounts/{A}/whitelabel"] {
                for host in ["phones.example.com", "Phones.EXAMPLE.com"] {
                    let seen = try world.stranger("GET", "\(root)/\(host)")
                    #expect(seen.status == 200 && seen.data["company_name"] == "Harbour", "\(root) \(host)")
                    let icon = try world.stranger("GET", "\(root)/\(host)/icon")
                    #expect(try world.server.fileSent(for: icon) == Array("GIF89a".utf8))
                    try world.stranger("GET", "\(root)/\(host)/logo").isRefused(404, "bad_identifier")
                }
            }
            try world.stranger("GET", "/v2/whitelabel/other.example.com").isRefused(404, "bad_identifier")
        },
        Rule(
            "B24",
            otherwise: "the DNS is not asked where a brand's name leads",
            because: "the server has no network"
        ) { world in
            try world.ask("GET", "whitelabel/domains").isRefused(404, "bad_identifier")
            #expect(try world.ask("POST", "whitelabel/domains", [:]).status == 405)
        },

        Rule("B25", says: "settings that differ in nothing from those above are not stored") { world in
            let path = "configs/kazoo_endpoint"
            let sequence = try world.server.events().last?.sequence ?? 0
            func told() throws -> [String] { try world.server.events(after: sequence).map(\.event.name) }
            let shown = try world.ask("GET", path).data
            #expect(shown["id"] == "configs_kazoo_endpoint")
            try world.ask("POST", path, shown).succeeds()
            #expect(try told() == [])
            try world.ask("POST", path, ["default_can_text_self": false]).succeeds()
            try world.ask("POST", path, ["default_can_text_self": true]).succeeds()
            #expect(try told() == ["account_config_created", "account_config_deleted"])
            #expect(try world.ask("GET", path).data == shown)
            // There is no list of them.
            try world.ask("GET", "configs").isRefused(404, "not_found")
        },
    ]
}
