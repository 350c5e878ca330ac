//  What is computed from other documents is right after every change of these, also for clients that have it already.

import PluginKit
import TestServer
import Testing

@Suite struct ComputedFieldsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    private func make(_ word: String, _ fields: JSON) throws -> String {
        try server.put("\(account)/\(word)", fields, tenant.adminToken).id
    }

    private func patch(_ path: String, _ fields: JSON) throws {
        let answer = try server.send("PATCH", "\(account)/\(path)", fields, tenant.adminToken)
        try #require(answer.status == 200, "\(answer.json)")
    }

    private func delete(_ path: String) throws {
        let answer = try server.send("DELETE", "\(account)/\(path)", token: tenant.adminToken)
        try #require(answer.status == 200, "\(answer.json)")
    }

    /// A path that is asked again and again by a client that keeps what it got with its tag.
    private final class Watch {
        private let server: TestServer
        private let path: String
        private let token: String
        private var tag: String?

        init(_ server: TestServer, _ path: String, _ token: String) {
            (self.server, self.path, self.token) = (server, path, token)
        }

        /// What came now, which must be told from what came before.
        func data(_ place: SourceLocation = #_sourceLocation) throws -> JSON {
            let fields = tag.map { ["HTTP_IF_NONE_MATCH": $0] } ?? [:]
            let answer = try server.send("GET", path, token: token, fields: fields)
            #expect(answer.status == 200, sourceLocation: place)
            tag = answer.fields[.eTag]
            return answer.data
        }
    }

    private func watch(_ path: String, token: String? = nil) -> Watch {
        Watch(server, path, token ?? tenant.adminToken)
    }

    /// A collection, what makes a document of it, a change, and the features in the list after it.
    static let features: [(String, JSON, JSON, JSON)] = [
        ("users", person, ["hotdesk": ["enabled": true]], ["hotdesk"]),
        ("users", person, ["call_forward": ["enabled": true]], ["call_forward"]),
        ("users", person, ["call_forward": ["failover": true]], ["call_forward_failover"]),
        ("users", person, ["caller_id": ["external": ["number": "+12125550100"]]], ["caller_id"]),
        ("users", person, ["vm_to_email_enabled": true], ["vm_to_email"]),
        ("users", person, ["music_on_hold": ["media_id": "silence_stream://300000"]], ["music_on_hold"]),
        ("users", person, ["do_not_disturb": ["enabled": true]], ["do_not_disturb"]),
        ("users", person, ["smartpbx": ["faxing": ["enabled": true], "hotdesking": ["enabled": false]]], ["faxing"]),
        ("groups", ["name": "Sales", "endpoints": [:]], ["music_on_hold": ["media_id": "m"]], ["music_on_hold"]),
        ("groups", ["name": "Sales", "endpoints": [:]], ["smartpbx": ["x": ["enabled": true]]], ["x"]),
    ]
    /// Without what every user has at first.
    private static let person: JSON = [
        "first_name": "Ada", "last_name": "Lovelace", "vm_to_email_enabled": false,
    ]

    @Test("B2, B7: a feature comes and goes with its settings", arguments: features)
    func aFeatureComesAndGoesWithItsSettings(word: String, made: JSON, change: JSON, features: JSON) throws {
        let id = try make(word, made)
        let list = watch("\(account)/\(word)")
        func shown() throws -> JSON? { try list.data().array?.first { $0["id"]?.string == id }?["features"] }
        #expect(try shown() == [])
        try patch("\(word)/\(id)", change)
        #expect(try shown() == features)
        _ = try server.send("POST", "\(account)/\(word)/\(id)", made, tenant.adminToken)
        #expect(try shown() == [])
    }

    @Test("B4, B13: a number knows its features and what uses it")
    func aNumberKnowsItsFeaturesAndWhatUsesIt() throws {
        let number = "phone_numbers/%2B12125550100"
        _ = try server.put("\(account)/\(number)", [:], server.master.adminToken)
        let (item, list) = (watch("\(account)/\(number)"), watch("\(account)/phone_numbers"))
        func facts() throws -> [JSON?] {
            let (one, row) = (try item.data(), try list.data()["numbers"]?["+12125550100"])
            #expect(one["features"] == row?["features"])
            #expect(one["used_by"] == row?["used_by"])
            return [one["features"], one["used_by"]]
        }
        #expect(try facts() == [[], nil])
        try patch(number, ["cnam": ["display_name": "Harbour"]])
        #expect(try facts() == [["cnam"], nil])
        let callflow = try make("callflows", ["numbers": ["1001"]])
        try patch("callflows/\(callflow)", ["numbers": ["1001", "+12125550100"]])
        #expect(try facts() == [["cnam"], "callflow"])
        try patch("callflows/\(callflow)", ["numbers": ["1001"]])
        #expect(try facts() == [["cnam"], nil])
        try patch("callflows/\(callflow)", ["numbers": ["2125550100"]])
        #expect(try facts() == [["cnam"], "callflow"])
        try delete("callflows/\(callflow)")
        #expect(try facts() == [["cnam"], nil])
    }

    @Test("B4: a callflow describes what it names")
    func aCallflowDescribesWhatItNames() throws {
        let menu = try make("menus", ["name": "Day"])
        let flow: JSON = ["module": "menu", "data": ["id": .string(menu)], "children": [:]]
        let other = try make("callflows", ["name": "Other", "numbers": ["1002"]])
        let id = try make("callflows", ["numbers": ["1001"], "flow": flow])
        let item = watch("\(account)/callflows/\(id)")
        #expect(try item.data()["metadata"] == .object([menu: ["name": "Day", "pvt_type": "menu"]]))
        try patch("menus/\(menu)", ["name": "Night"])
        #expect(try item.data()["metadata"] == .object([menu: ["name": "Night", "pvt_type": "menu"]]))
        try patch("callflows/\(id)", ["flow": ["module": "callflow", "data": ["id": .string(other)]]])
        let described: JSON = ["name": "Other", "numbers": ["1002"], "pvt_type": "callflow"]
        #expect(try item.data()["metadata"] == .object([other: described]))
        try patch("callflows/\(other)", ["numbers": ["1003"]])
        #expect(try item.data()["metadata"]?[other]?["numbers"] == ["1003"])
        try delete("callflows/\(other)")
        #expect(try item.data()["metadata"] == [:])
    }

    @Test("B9: a directory has the users that name it by name")
    func aDirectoryHasTheUsersThatNameItByName() throws {
        let directory = try make("directories", ["name": "All"])
        let entry: JSON = .object([directory: "c1"])
        let ada = try make("users", ["first_name": "Ada", "last_name": "Lovelace", "directories": entry])
        let item = watch("\(account)/directories/\(directory)")
        func members() throws -> [[String?]]? {
            try item.data()["users"]?.array?.map { [$0["user_id"]?.string, $0["callflow_id"]?.string] }
        }
        #expect(try members() == [[ada, "c1"]])
        let bob = try make("users", ["first_name": "Bob", "last_name": "Babbage", "directories": entry])
        #expect(try members() == [[bob, "c1"], [ada, "c1"]])
        try patch("users/\(bob)", ["last_name": "Zuse"])
        #expect(try members() == [[ada, "c1"], [bob, "c1"]])
        try patch("users/\(ada)", ["directories": .object([directory: "c2"])])
        #expect(try members() == [[ada, "c2"], [bob, "c1"]])
        try patch("users/\(ada)", ["directories": .object([directory: .null])])
        #expect(try members() == [[bob, "c1"]])
        try delete("users/\(bob)")
        #expect(try members() == [])
    }

    @Test("B2: a card has the names and numbers of now")
    func aCardHasTheNamesAndNumbersOfNow() throws {
        let ada = try make("users", Self.person)
        func lines() throws -> Set<String> {
            let card = try server.get("\(account)/users/\(ada)/vcard", tenant.adminToken)
            return Set(card.text.split(separator: "\r\n").map(String.init).filter { !$0.contains("VCARD") })
        }
        let names: Set = ["VERSION:3.0", "N:Lovelace;Ada;;;", "FN:Ada Lovelace"]
        #expect(try lines() == names)
        let callflow = try make("callflows", ["numbers": ["1001"], "owner_id": .string(ada)])
        #expect(try lines() == names.union(["TEL;TYPE=WORK:1001"]))
        try patch("callflows/\(callflow)", ["numbers": ["1002", "1003"]])
        #expect(try lines() == names.union(["TEL;TYPE=WORK:1002", "TEL;TYPE=WORK:1003"]))
        try patch("callflows/\(callflow)", ["owner_id": .null])
        #expect(try lines() == names)
        try patch("users/\(ada)", ["last_name": "King", "email": "ada@example.com"])
        #expect(
            try lines() == ["VERSION:3.0", "N:King;Ada;;;", "FN:Ada King", "EMAIL;TYPE=INTERNET:ada@example.com"]
        )
    }

    @Test("B16: a shared telephone is shown under the names of now")
    func aSharedTelephoneIsShownUnderTheNamesOfNow() throws {
        let ada = try make("users", Self.person)
        let device = try make("devices", ["name": "Hall", "hotdesk": ["users": .object([ada: [:]])]])
        let there = watch("\(account)/devices/\(device)/hotdesks")
        #expect(try there.data().array?.first?["first_name"] == "Ada")
        try patch("users/\(ada)", ["first_name": "Augusta"])
        #expect(try there.data().array?.first?["first_name"] == "Augusta")
        let desks = watch("\(account)/users/\(ada)/hotdesks")
        #expect(try desks.data().array?.first?["device_name"] == "Hall")
        try patch("devices/\(device)", ["name": "Porch"])
        #expect(try desks.data().array?.first?["device_name"] == "Porch")
        try patch("devices/\(device)", ["owner_id": .string(ada)])
        let own = watch("\(account)/users/\(ada)/devices")
        #expect(try own.data().array?.map { $0["hotdesked"] } == [false])
        try delete("devices/\(device)")
        #expect(try own.data() == [])
        #expect(try desks.data() == [])
    }

    @Test("B5: a box counts the messages that are in it")
    func aBoxCountsTheMessagesThatAreInIt() throws {
        let boxes = try ["1001", "1002"].map { try make("vmboxes", ["name": .string($0), "mailbox": .string($0)]) }
        let list = watch("\(account)/vmboxes")
        func counts() throws -> [Int?] {
            let rows = try list.data().array ?? []
            return boxes.map { box in rows.first { $0["id"]?.string == box }?["messages"]?.int }
        }
        #expect(try counts() == [0, 0])
        let message = try make("vmboxes/\(boxes[0])/messages", [:])
        #expect(try counts() == [1, 0])
        let move: JSON = ["source_id": .string(boxes[1])]
        _ = try server.send("POST", "\(account)/vmboxes/\(boxes[0])/messages/\(message)", move, tenant.adminToken)
        #expect(try counts() == [0, 1])
        try delete("vmboxes/\(boxes[1])/messages/\(message)")
        #expect(try counts() == [0, 0])
    }

    @Test("B1: an account counts and names those around it after every change")
    func anAccountCountsAndNamesThoseAroundItAfterEveryChange() throws {
        let (master, token) = (server.master.account, server.master.adminToken)
        let list = watch("/v2/accounts/\(master)/children", token: token)
        func count() throws -> Int? {
            try list.data().array?.first { $0["id"]?.string == tenant.account }?["descendants_count"]?.int
        }
        #expect(try count() == 0)
        let branch = try server.makeTenant("Branch", below: tenant)
        #expect(try count() == 1)
        let desk = try server.makeTenant("Desk", below: branch)
        #expect(try count() == 2)
        let tree = watch("/v2/accounts/\(desk.account)/tree", token: token)
        let account = watch("/v2/accounts/\(desk.account)", token: token)
        func names() throws -> [String?]? { try tree.data().array?.map { $0["name"]?.string }.suffix(2) }
        #expect(try names() == ["Tenant", "Branch"])
        _ = try server.send("PATCH", "/v2/accounts/\(branch.account)", ["name": "Harbour"], token)
        #expect(try names() == ["Tenant", "Harbour"])
        #expect(try account.data()["reseller_id"]?.string == master)
        _ = try server.put("\(self.account)/reseller", [:], token)
        #expect(try account.data()["reseller_id"]?.string == tenant.account)
        let to: JSON = ["to": .string(master)]
        #expect(try server.send("POST", "/v2/accounts/\(branch.account)/move", to, token).status == 200)
        #expect(try count() == 0)
        #expect(try names() == [server.get("/v2/accounts/\(master)", token).data["name"]?.string, "Harbour"])
        #expect(try account.data()["reseller_id"]?.string == master)
        let back: JSON = ["to": .string(tenant.account)]
        _ = try server.send("POST", "/v2/accounts/\(desk.account)/move", back, token)
        #expect(try count() == 1)
        #expect(try server.send("DELETE", "/v2/accounts/\(desk.account)", token: token).status == 200)
        #expect(try count() == 0)
    }
}
