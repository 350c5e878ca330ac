//  Telephone numbers: one account each, states, features, and what uses them.

import PluginKit
import TestServer
import Testing

@Suite("B13: telephone numbers") struct PhoneNumbersTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var path: String { "/v2/accounts/\(tenant.account)/phone_numbers" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    @Test func theMasterBringsANumberInAndItsAccountUsesIt() throws {
        let own = try server.send("PUT", "\(path)/%2B12125550100", [:], tenant.adminToken)
        #expect(own.status == 403)
        let created = try server.put(
            "\(path)/%2B12125550100",
            ["create_with_state": "reserved"],
            server.master.adminToken
        )
        #expect(try created.id == "+12125550100")
        #expect(created.data["state"] == "reserved")
        // Written in another way, it is the same number.
        #expect(try server.get("\(path)/2125550100", tenant.adminToken).data["state"] == "reserved")
        #expect(try server.put("\(path)/%2B12125550100/activate", [:], tenant.adminToken).data["state"] == "in_service")
        let again = try server.send("PUT", "\(path)/%2B12125550100/activate", [:], tenant.adminToken)
        #expect(again.status == 201)
        let edited = try server.send(
            "PATCH",
            "\(path)/%2B12125550100",
            ["state": "deleted", "cnam": ["display_name": "X"]],
            tenant.adminToken
        )
        #expect(edited.data["state"] == "in_service")
        #expect(edited.data["features"] == ["cnam"])
        #expect(try server.send("DELETE", "\(path)/%2B12125550100", token: tenant.adminToken).status == 200)
        #expect(try server.get("\(path)/%2B12125550100", tenant.adminToken).status == 404)
        #expect(try server.put("\(path)/%2B12125550100", [:], server.master.adminToken).data["state"] == "in_service")
    }

    @Test func aNumberIsOfOneAccount() throws {
        let other = try server.makeTenant("Other")
        let theirs = "/v2/accounts/\(other.account)/phone_numbers"
        _ = try server.put("\(theirs)/%2B12125550100", [:], server.master.adminToken)
        let refused = try server.send("PUT", "\(path)/%2B12125550100", [:], server.master.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["number"]?["unique"]?["cause"] == "+12125550100")
        let same = try server.send("PUT", "\(theirs)/%2B12125550100", [:], server.master.adminToken)
        #expect(same.status == 409)
        #expect(try server.send("PUT", "\(path)/1001", [:], server.master.adminToken).status == 400)
        let callflow = try server.send(
            "PUT",
            "/v2/accounts/\(tenant.account)/callflows",
            ["numbers": ["+12125550100"]],
            tenant.adminToken
        )
        #expect(callflow.status == 403)
        #expect(callflow.data["message"] == "unauthorized to use +12125550100")
    }

    @Test func aListIsAMapThatTellsWhatUsesANumber() throws {
        let numbers: JSON = ["numbers": ["2125550100", "+12125550101", "hello"]]
        let many = try server.put("\(path)/collection", numbers, server.master.adminToken)
        #expect(many.data["success"]?.object?.keys.sorted() == ["+12125550100", "+12125550101"])
        #expect(many.data["error"]?["hello"]?["code"] == 400)
        let callflow = try server.put(
            "/v2/accounts/\(tenant.account)/callflows",
            ["numbers": ["+12125550101"]],
            tenant.adminToken
        )
        let list = try server.get(path, tenant.adminToken).data
        #expect(list["cascade_quantity"] == 2)
        #expect(list["numbers"]?["+12125550101"]?["used_by"] == "callflow")
        #expect(list["numbers"]?["+12125550100"]?["used_by"] == nil)
        #expect(list["numbers"]?["+12125550100"]?["assigned_to"]?.string == tenant.account)
        let id = try callflow.id
        _ = try server.send("DELETE", "/v2/accounts/\(tenant.account)/callflows/\(id)", token: tenant.adminToken)
        #expect(try server.get(path, tenant.adminToken).data["numbers"]?["+12125550101"]?["used_by"] == nil)
        #expect(try server.get("\(path)?filter_state=reserved", tenant.adminToken).data["numbers"] == [:])
        let page = try server.get("\(path)?page_size=1", tenant.adminToken)
        #expect(page.data["numbers"]?.object?.count == 1)
        #expect(page.json["next_start_key"]?.string != nil)
        #expect(try server.get("\(path)?paginate=false", tenant.adminToken).data["cascade_quantity"] == 2)
    }

    @Test func aNumberTellsWhenItCameAndWhenItChanged() throws {
        let number = "\(path)/%2B12125550100"
        let start = Int(TestServer.start + gregorianOffset)
        _ = try server.put(number, [:], server.master.adminToken)
        server.advance(by: 60)
        _ = try server.send("PATCH", number, ["cnam": ["display_name": "X"]], tenant.adminToken)
        let facts = try server.get(number, tenant.adminToken).data["_read_only"]
        #expect(facts?["created"]?.int == start && facts?["modified"]?.int == start + 60)
        #expect(facts?["features"]?["settings"] == ["cnam"])
        let row = try server.get(path, tenant.adminToken).data["numbers"]?["+12125550100"]
        #expect(row?["created"]?.int == start && row?["updated"]?.int == start + 60)
        #expect(row?["features_available"] == facts?["features"]?["available"])
    }

    @Test func whatIsAvailableIsNobodysToRelease() throws {
        let number = "\(path)/%2B12125550100"
        _ = try server.put(number, ["create_with_state": "available"], server.master.adminToken)
        #expect(try server.send("DELETE", number, token: tenant.adminToken).status == 404)
        #expect(try server.get(number, tenant.adminToken).data["state"] == "available")
        #expect(try server.send("DELETE", number, token: server.master.adminToken).status == 200)
    }

    /// Number, kind.
    static let kinds: [(String, String)] = [
        ("8005550100", "tollfree_us"), ("%2B19005550100", "toll_us"), ("911", "emergency"), ("2125550100", "did_us"),
        ("18765550100", "caribbean"), ("004930123456", "international"), ("1001", "unknown"),
    ]

    @Test(arguments: kinds)
    func aNumberIsOfTheFirstKindThatFits(number: String, kind: String) throws {
        let facts = try server.get("\(path)/classifiers/\(number)", tenant.adminToken).data
        #expect(facts["name"]?.string == kind)
        #expect(facts["number"]?.string == number.replacing("%2B", with: "+") && facts["e164"] != nil)
        let all = try server.get("\(path)/classifiers", tenant.adminToken).data
        #expect(all[kind]?["friendly_name"] == facts["friendly_name"])
    }

    @Test func whatACarrierWouldKnowIsNotKnown() throws {
        _ = try server.put("\(path)/%2B12125550100", [:], server.master.adminToken)
        let numbers: JSON = ["numbers": ["2125550100", "+12125550199"]]
        let checked = try server.send("POST", "\(path)/check", numbers, tenant.adminToken)
        #expect(checked.data == ["+12125550100": "unknown", "+12125550199": "unknown"])
        #expect(try server.send("POST", "\(path)/locality", numbers, tenant.adminToken).data == [:])
        for word in ["check", "locality"] {
            let none = try server.send("POST", "\(path)/\(word)", ["numbers": []], tenant.adminToken)
            #expect(none.data["numbers"]?["required"] != nil)
        }
        #expect(try server.get("\(path)/prefix?city=Utrecht", tenant.adminToken).data == [:])
        // Whoever looks for numbers to buy is not shown those that are somebody's.
        #expect(try server.get("\(path)?prefix=212", tenant.adminToken).data == [])
        #expect(try server.send("GET", "/v2/phone_numbers?prefix=212").data == [])
        let ported = try server.send("PUT", "\(path)/%2B12125550100/port", [:], tenant.adminToken)
        #expect(ported.status == 501)
        #expect(ported.json["status"] == "error")
        #expect(try server.get("\(path)/%2B12125550100", tenant.adminToken).data["state"] == "in_service")
    }

    @Test func onlyWhoBringsNumbersInChoosesAState() throws {
        let facts = try server.get("\(path)/carriers_info", tenant.adminToken).data
        #expect(facts == ["maximal_prefix_length": 3, "usable_carriers": ["local"], "usable_creation_states": []])
        let states = try server.get("\(path)/carriers_info", server.master.adminToken).data["usable_creation_states"]
        for (index, state) in try #require(states?.array).enumerated() {
            let number = "\(path)/%2B1212555010\(index)"
            let created = try server.put(number, ["create_with_state": state], server.master.adminToken)
            #expect(created.data["state"] == state)
        }
    }

    @Test func severalNumbersAreChangedActivatedAndReleasedAtOnce() throws {
        let known = ["+12125550100", "+12125550101"]
        let numbers: JSON = ["numbers": .array((known + ["+12125550199"]).map { .string($0) })]
        let brought: JSON = ["numbers": .array(known.map { .string($0) }), "create_with_state": "reserved"]
        _ = try server.put("\(path)/collection", brought, server.master.adminToken)
        var renamed = try #require(numbers.object)
        renamed["cnam"] = ["display_name": "Harbour"]
        for (method, place, body) in [
            ("PATCH", "collection", JSON.object(renamed)), ("PUT", "collection/activate", numbers),
            ("POST", "collection", JSON.object(renamed)), ("DELETE", "collection", numbers),
        ] {
            let answer = try server.send(method, "\(path)/\(place)", body, tenant.adminToken)
            #expect(answer.data["success"]?.object?.keys.sorted() == known, "\(method) \(place): \(answer.json)")
            #expect(answer.data["error"]?.object?.map(\.key) == ["+12125550199"])
            #expect(answer.data["error"]?["+12125550199"]?["code"] == 404)
            guard method != "DELETE" else { continue }
            for number in known {
                #expect(answer.data["success"]?[number]?["cnam"] == ["display_name": "Harbour"])
                #expect(answer.data["success"]?[number]?["state"] == (method == "PATCH" ? "reserved" : "in_service"))
            }
        }
        #expect(try server.get(path, tenant.adminToken).data["numbers"] == [:])
    }

    @Test func aRepairFindsANumberAsItIs() throws {
        _ = try server.put("\(path)/%2B12125550100", [:], server.master.adminToken)
        let callflows = "/v2/accounts/\(tenant.account)/callflows"
        _ = try server.put(callflows, ["numbers": ["+12125550100"]], tenant.adminToken)
        #expect(try server.send("POST", "\(path)/fix", [:], tenant.adminToken).status == 200)
        let one = try server.send("POST", "\(path)/fix/2125550100", [:], tenant.adminToken)
        #expect(one.data["used_by"] == "callflow")
        #expect(try server.send("POST", "\(path)/fix/2125550199", [:], tenant.adminToken).status == 404)
    }
}
