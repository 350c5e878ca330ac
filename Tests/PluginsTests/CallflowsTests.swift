//  Callflows: who answers which number, and what a client learns of the documents that one names.

import PluginKit
import TestServer
import Testing

@Suite("B4: callflows") struct CallflowsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var path: String { "/v2/accounts/\(tenant.account)/callflows" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    @Test func somethingMustLeadToACallflow() throws {
        let refused = try server.send("PUT", path, ["flow": ["module": "hangup", "data": [:]]], tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["numbers"]?["required"] != nil)
        let byPattern = try server.send("PUT", path, ["patterns": ["^9\\d+$"]], tenant.adminToken)
        #expect(byPattern.status == 201)
    }

    /// As sent, as stored.
    static let numbers: [(String, String)] = [
        ("(212) 555-0100", "+12125550100"), ("12125550100", "+12125550100"), ("0049 30 1234567", "+49301234567"),
        ("011442071234567", "+442071234567"), ("+49301234567", "+49301234567"), ("1001", "1001"), ("*97", "*97"),
        ("0301234567", "0301234567"), ("undefined", "undefined"), ("no_match", "no_match"),
    ]

    @Test(arguments: numbers)
    func aNumberIsStoredInOneSpelling(sent: String, stored: String) throws {
        let created = try server.put(path, ["numbers": [.string(sent)]], tenant.adminToken)
        #expect(created.data["numbers"] == [.string(stored)])
        let again = try server.send("PUT", path, ["numbers": [.string(stored)]], tenant.adminToken)
        #expect(again.status == 400)
        #expect(again.data["numbers"]?["unique"]?["cause"]?.string == stored)
    }

    @Test func whoHasANumberOrAPatternIsTold() throws {
        let first: JSON = ["name": "Main", "numbers": ["1001"], "patterns": ["^9"]]
        let id = try server.put(path, first, tenant.adminToken).id
        let second: JSON = ["numbers": ["1001"], "patterns": ["^9"]]
        let refused = try server.send("PUT", path, second, tenant.adminToken).data
        #expect(refused["numbers"]?["unique"]?["message"]?.string == "Number 1001 exists in callflow \(id) Main")
        #expect(refused["numbers"]?["unique"]?["cause"] == "1001")
        #expect(refused["patterns"]?["unique"]?["message"]?.string == "Pattern ^9 exists in callflow \(id) Main")
        // Its own are no others'.
        #expect(try server.send("POST", "\(path)/\(id)", first, tenant.adminToken).status == 200)
    }

    @Test func aListTellsModulesAndFeatureCodes() throws {
        let flow: JSON = [
            "module": "menu", "data": [:],
            "children": [
                "1": ["module": "user", "data": [:]],
                "2": [
                    "module": "user", "data": ["skip_module": true],
                    "children": ["_": ["module": "voicemail", "data": [:]]],
                ],
            ],
        ]
        _ = try server.put(path, ["numbers": ["4000"], "flow": flow], tenant.adminToken)
        let row = try #require(server.get(path, tenant.adminToken).rows.first)
        #expect(row["modules"] == ["menu", "user", "voicemail"])
        #expect(row["featurecode"] == false)
        let coded: JSON = ["patterns": ["^\\*97$"], "featurecode": ["name": "voicemail", "number": "97"]]
        let id = try server.put(path, coded, tenant.adminToken).id
        let rows = try server.get(path, tenant.adminToken).rows
        #expect(rows.first { $0["id"]?.string == id }?["featurecode"] == ["name": "voicemail", "number": "97"])
    }

    @Test func whatACallflowNamesIsDescribedAsItIsNow() throws {
        let account = "/v2/accounts/\(tenant.account)"
        let user = try server.put("\(account)/users", ["first_name": "Ada", "last_name": "L"], tenant.adminToken).id
        let box = try server.put("\(account)/vmboxes", ["name": "Ada", "mailbox": "1001"], tenant.adminToken).id
        let rule = try server.put("\(account)/temporal_rules", ["name": "Night", "cycle": "daily"], tenant.adminToken)
            .id
        let flow: JSON = [
            "module": "temporal_route", "data": ["rules": [.string(rule)]],
            "children": [
                "_": [
                    "module": "user", "data": ["id": .string(user)],
                    "children": ["_": ["module": "voicemail", "data": ["id": .string(box)]]],
                ]
            ],
        ]
        let id = try server.put(path, ["numbers": ["1001"], "flow": flow], tenant.adminToken).id
        let item = "\(path)/\(id)"
        let metadata = try server.get(item, tenant.adminToken).data["metadata"]
        #expect(metadata?[user] == ["name": "Ada L", "pvt_type": "user"])
        #expect(metadata?[box] == ["name": "Ada", "pvt_type": "vmbox"])
        #expect(metadata?[rule] == ["name": "Night", "pvt_type": "temporal_rule"])
        let tag = try server.get(item, tenant.adminToken).fields[.eTag]
        _ = try server.send("PATCH", "\(account)/users/\(user)", ["first_name": "Grace"], tenant.adminToken)
        let changed = try server.get(item, tenant.adminToken)
        #expect(changed.data["metadata"]?[user]?["name"] == "Grace L")
        #expect(changed.fields[.eTag] != tag)
        // A client that sends the whole document back stores no metadata.
        _ = try server.send("POST", item, changed.data, tenant.adminToken)
        _ = try server.send("DELETE", "\(account)/users/\(user)", token: tenant.adminToken)
        #expect(try server.get(item, tenant.adminToken).data["metadata"]?[user] == nil)
    }

    /// Flow, the path of what is wrong with it.
    static let badFlows: [(JSON, String)] = [
        (["module": "nonsense", "data": [:]], "flow.module"),
        (["module": "user", "data": ["timeout": "soon"]], "flow.data.timeout"),
        (["module": "hangup"], "flow.data"),
        (["module": "menu", "data": [:], "children": ["1": ["module": "hangup"]]], "flow.children.1.data"),
        (["module": "ring_group", "data": ["endpoints": []]], "flow.data.endpoints"),
    ]

    @Test(arguments: badFlows)
    func aStepThatItsModuleCannotReadIsRefused(flow: JSON, place: String) throws {
        let refused = try server.send("PUT", path, ["numbers": ["1001"], "flow": flow], tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data[place] != nil, "\(refused.data)")
    }

    @Test func filtersChooseByFieldsOfTheWholeDocument() throws {
        for (number, owner) in [("1001", "a"), ("1002", "b"), ("no_match", "c")] {
            let callflow: JSON = [
                "numbers": [.string(number)], "owner_id": .string(owner), "ui_metadata": ["origin": "voip"],
            ]
            _ = try server.put(path, callflow, tenant.adminToken)
        }
        func numbers(_ query: String) throws -> [JSON?] {
            try server.get("\(path)?\(query)", tenant.adminToken).rows.map { $0["numbers"] }
        }
        #expect(try numbers("filter_owner_id=b") == [["1002"]])
        #expect(try numbers("filter_numbers=no_match") == [["no_match"]])
        #expect(try numbers("filter_ui_metadata.origin=voip").count == 3)
        #expect(try numbers("has_key=owner_id&filter_not_owner_id=a").count == 2)
    }
}
