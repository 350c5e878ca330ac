//  What single collections do beyond the common: directories, boxes, faxes, lists of numbers, rules, alerts.

import PluginKit
import TestServer
import Testing

@Suite struct CollectionsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    @Test("B9: a directory shows who names it")
    func aDirectoryShowsWhoNamesIt() throws {
        let directory = try server.put("\(account)/directories", ["name": "All"], tenant.adminToken)
        #expect(directory.data["users"] == [])
        let id = try directory.id
        var user: JSON = ["first_name": "Ada", "last_name": "L", "directories": [id: "callflow"]]
        let ada = try server.put("\(account)/users", user, tenant.adminToken).id
        let shown = try server.get("\(account)/directories/\(id)", tenant.adminToken)
        #expect(shown.data["users"] == [["user_id": .string(ada), "callflow_id": "callflow"]])
        user = ["first_name": "Ada", "last_name": "L", "directories": [:]]
        _ = try server.send("POST", "\(account)/users/\(ada)", user, tenant.adminToken)
        // What a client sends back changes nothing.
        let echoed = try server.send("POST", "\(account)/directories/\(id)", shown.data, tenant.adminToken)
        #expect(echoed.data["users"] == [])
        // A directory that goes leaves the users as they are.
        user = ["first_name": "Ada", "last_name": "L", "directories": [id: "callflow"]]
        _ = try server.send("POST", "\(account)/users/\(ada)", user, tenant.adminToken)
        #expect(try server.send("DELETE", "\(account)/directories/\(id)", token: tenant.adminToken).status == 200)
        let left = try server.get("\(account)/users/\(ada)", tenant.adminToken).data
        #expect(left["directories"] == [id: "callflow"])
    }

    /// A number of a box, another one, whether they are the same.
    static let mailboxes: [(String, String, Bool)] = [
        ("007", "7", true), ("0", "00", true), ("1001", "1001", true), ("1001", "11001", false), ("10", "1", false),
    ]

    @Test("B5: a box has a number as it is dialled", arguments: mailboxes)
    func aBoxHasANumberAsItIsDialled(first: String, second: String, isSame: Bool) throws {
        _ = try server.put("\(account)/vmboxes", ["name": "A", "mailbox": .string(first)], tenant.adminToken)
        let other = try server.send(
            "PUT",
            "\(account)/vmboxes",
            ["name": "B", "mailbox": .string(second)],
            tenant.adminToken
        )
        #expect((other.data["mailbox"]?["unique"] != nil) == isSame)
    }

    @Test("B12: a fax box has an address that it keeps")
    func aFaxBoxHasAnAddressThatItKeeps() throws {
        let box = try server.put("\(account)/faxboxes", ["name": "Fax"], tenant.adminToken)
        let address = try #require(box.data["smtp_email_address"]?.string)
        let realm = try #require(server.get(account, tenant.adminToken).data["realm"]?.string)
        #expect(address.hasSuffix(".\(realm)"))
        #expect(address.dropLast(realm.count + 1).wholeMatch(of: /[0-9a-f]{8}/) != nil)
        let item = try "\(account)/faxboxes/\(box.id)"
        let changed = try server.send("POST", item, ["name": "Other", "smtp_email_address": "x.y"], tenant.adminToken)
        #expect(changed.data["smtp_email_address"]?.string == address)
        #expect(
            try server.get("\(account)/faxboxes", tenant.adminToken).rows.first?["smtp_email_address"]?.string
                == address
        )
        // PATCH needs only what changes.
        #expect(try server.send("PATCH", item, ["retries": 2], tenant.adminToken).status == 200)
        let stranger = try server.makeTenant("Stranger")
        let theirs = "/v2/accounts/\(stranger.account)/faxboxes"
        let own: JSON = ["name": "F", "custom_smtp_email_address": "Fax@Example.com"]
        _ = try server.put("\(account)/faxboxes", own, tenant.adminToken)
        let taken = try server.send("PUT", theirs, own, stranger.adminToken)
        #expect(taken.data["custom_smtp_email_address"]?["unique"] != nil)
    }

    @Test("B7: numbers of a blacklist are written in one way")
    func numbersOfABlacklistAreWrittenInOneWay() throws {
        let list: JSON = ["name": "L", "numbers": ["(212) 555-0199": ["note": "rude"], "0049 30 123456": [:]]]
        let created = try server.put("\(account)/blacklists", list, tenant.adminToken)
        #expect(created.data["numbers"] == ["+12125550199": ["note": "rude"], "+4930123456": [:]])
    }

    @Test("B7: a misspelt day is stored as it is meant")
    func aMisspeltDayIsStoredAsItIsMeant() throws {
        let rule: JSON = ["name": "R", "cycle": "weekly", "wdays": ["wensday", "friday"]]
        let created = try server.put("\(account)/temporal_rules", rule, tenant.adminToken)
        #expect(created.data["wdays"] == ["wednesday", "friday"])
        let set: JSON = ["name": "S", "temporal_rules": [.string(try created.id)]]
        _ = try server.put("\(account)/temporal_rules_sets", set, tenant.adminToken)
        let row = try server.get("\(account)/temporal_rules_sets", tenant.adminToken).rows.first
        #expect(row?["rules"] == set["temporal_rules"])
    }

    @Test("B11: conferences share one space of numbers")
    func conferencesShareOneSpaceOfNumbers() throws {
        let path = "\(account)/conferences"
        _ = try server.put(path, ["name": "A", "member": ["numbers": ["3001"]]], tenant.adminToken)
        let clash = try server.send("PUT", path, ["name": "B", "conference_numbers": ["3001"]], tenant.adminToken)
        #expect(clash.data["numbers"]?["unique"]?["cause"] == "3001")
        let row = try server.get(path, tenant.adminToken).rows.first
        #expect(row?["_read_only"] == ["members": 0, "moderators": 0, "duration": 0, "is_locked": false])
        // Nobody makes a room by asking for it.
        for place in ["nobody", "nobody/participants"] {
            #expect(try server.get("\(path)/\(place)", tenant.adminToken).status == 404)
        }
    }

    @Test func anAlertIsShownUntilItExpires() throws {
        let now = Int(TestServer.start + gregorianOffset)
        for (title, end) in [("soon", now + 10), ("later", now + 1_000)] {
            let alert: JSON = ["title": .string(title), "message": "M", "expiration_date": .number(JSONNumber(end))]
            _ = try server.put("\(account)/alerts", alert, tenant.adminToken)
        }
        _ = try server.put("\(account)/alerts", ["title": "always", "message": "M"], tenant.adminToken)
        func titles() throws -> [JSON?] {
            try server.get("\(account)/alerts", tenant.adminToken).rows.map { $0["title"] }
        }
        #expect(try titles() == ["always", "later", "soon"])
        server.advance(by: 11)
        #expect(try titles() == ["always", "later"])
    }

    /// The addresses of an older client's box, and those that are stored.
    static let addresses: [(JSONObject, JSON)] = [
        (["notify_email_address": "a@example.com"], ["a@example.com"]),
        (
            ["notify_email_address": "a@example.com", "notify_email_addresses": ["b@example.com"]],
            ["b@example.com", "a@example.com"]
        ),
        (["notify_email_address": "a@example.com", "notify_email_addresses": ["a@example.com"]], ["a@example.com"]),
        (["notify_email_address": ""], []),
    ]

    @Test("B5: the one address of old becomes one of several", arguments: addresses)
    func theOneAddressOfOldBecomesOneOfSeveral(sent: JSONObject, stored: JSON) throws {
        var box: JSONObject = ["name": "Desk", "mailbox": "1001"]
        for (name, value) in sent { box[name] = value }
        let made = try server.put("/v2/accounts/\(tenant.account)/vmboxes", .object(box), tenant.adminToken)
        #expect(made.data["notify_email_addresses"] == stored)
        #expect(made.data["notify_email_address"] == nil)
        #expect(made.fields[.warning]?.hasPrefix("214 ") == true)
        let item = "/v2/accounts/\(tenant.account)/vmboxes/\(try made.id)"
        for method in ["POST", "PATCH"] {
            let changed = try server.send(method, item, .object(box), tenant.adminToken)
            #expect(changed.fields[.warning]?.hasPrefix("214 ") == true)
            #expect(try server.send(method, item, made.data, tenant.adminToken).fields[.warning] == nil)
        }
    }

    @Test("B5: boxes are listed by name from the first")
    func boxesAreListedByNameFromTheFirst() throws {
        let path = "\(account)/vmboxes"
        for (name, mailbox) in [("Bob", "1"), ("Ada", "2"), ("Cleo", "3")] {
            _ = try server.put(path, ["name": .string(name), "mailbox": .string(mailbox)], tenant.adminToken)
        }
        for (query, names) in [
            ("", ["Ada", "Bob", "Cleo"]), ("?ascending=true", ["Ada", "Bob", "Cleo"]),
            ("?descending=true", ["Cleo", "Bob", "Ada"]), ("?ascending=false", ["Cleo", "Bob", "Ada"]),
        ] {
            let rows = try server.get(path + query, tenant.adminToken).rows
            #expect(rows.map { $0["name"]?.string } == names, "\(query)")
        }
    }

    @Test("B5: what is counted is no part of a box")
    func whatIsCountedIsNoPartOfABox() throws {
        let box: JSON = ["name": "Desk", "mailbox": "1", "messages": [["x": 1]], "folders": ["new": 3]]
        let made = try server.put("\(account)/vmboxes", box, tenant.adminToken)
        #expect(made.data["messages"] == nil && made.data["folders"] == nil)
        let rows = try server.get("\(account)/vmboxes", tenant.adminToken).rows
        #expect(rows.first?["messages"] == 0 && rows.first?["folders"] == ["new": 0, "saved": 0])
    }

    /// A PIN of a box, and whether it may be one.
    static let pins: [(String, Bool)] = [("123", false), ("1234", true), ("123456", true), ("1234567", false)]

    @Test("B5: a PIN has four to six characters", arguments: pins)
    func aPINHasFourToSixCharacters(pin: String, isRight: Bool) throws {
        let box: JSON = ["name": "Desk", "mailbox": "1", "pin": .string(pin)]
        #expect(try server.send("PUT", "\(account)/vmboxes", box, tenant.adminToken).status == (isRight ? 201 : 400))
    }

    @Test("B8: an entry of a list is a row as crossbar has it and a card")
    func anEntryOfAListIsARowAsCrossbarHasItAndACard() throws {
        let list = try server.put("\(account)/lists", ["name": "L"], tenant.adminToken).id
        let entries = "\(account)/lists/\(list)/entries"
        let entry: JSON = ["displayname": "Gran, the elder", "number": "+31205551234", "list_id": "another"]
        let made = try server.put(entries, entry, tenant.adminToken)
        #expect(made.data["list_id"]?.string == list)
        let row = try server.get(entries, tenant.adminToken).rows.first
        #expect(row?["id"] == made.data["id"] && row?["key"]?.string == list && row?["number"] == "+31205551234")
        #expect(row?["value"]?["name"] == "Gran, the elder" && row?["value"]?["number"] == "+31205551234")
        let item = "\(entries)/\(try made.id)"
        let photo = try server.upload(
            "POST",
            "\(item)/photo",
            Array("GIF89a".utf8),
            type: "image/gif",
            tenant.adminToken
        )
        #expect(photo.status == 200, "\(photo.json)")
        let card = try server.get("\(item)/vcard", tenant.adminToken).text.split(separator: "\r\n")
        #expect(card.contains("FN:Gran\\, the elder") && card.contains("TEL;TYPE=WORK:+31205551234"))
        #expect(card.contains("PHOTO;ENCODING=b;TYPE=GIF:R0lGODlh"))
        // All of them go, however many they are.
        for number in 0..<60 {
            _ = try server.put(entries, ["displayname": "E", "number": .string("\(number)")], tenant.adminToken)
        }
        #expect(try server.send("DELETE", entries, token: tenant.adminToken).rows.count == 61)
        #expect(try server.get(entries, tenant.adminToken).rows.isEmpty)
    }

    @Test("B16: a list of contacts has who answers which number")
    func aListOfContactsHasWhoAnswersWhichNumber() throws {
        func make(_ word: String, _ fields: JSON) throws -> String {
            try server.put("\(account)/\(word)", fields, tenant.adminToken).id
        }
        let ada = try make("users", ["first_name": "Ada", "last_name": "Lovelace"])
        let shy = try make("users", ["first_name": "Shy", "last_name": "X", "contact_list": ["exclude": true]])
        let door = try make("devices", ["name": "Door"])
        let contacts = "\(account)/contact_list"
        _ = try make("callflows", ["numbers": ["1001", "+12125550100"], "owner_id": .string(ada)])
        _ = try make("callflows", ["numbers": ["1002"], "owner_id": .string(shy)])
        _ = try make("callflows", ["numbers": ["1003"], "flow": ["module": "device", "data": ["id": .string(door)]]])
        let hidden: JSON = ["name": "Hidden", "numbers": ["1004"], "contact_list": ["exclude": true]]
        _ = try make("callflows", hidden)
        let menu = try make("callflows", ["name": "Main", "numbers": ["1005"]])
        _ = try make("callflows", ["numbers": ["1006"]])
        let all: [JSON] = [
            ["name": "Ada Lovelace", "external_number": "+12125550100", "internal_number": "1001"],
            ["name": "Door", "internal_number": "1003"], ["name": "Main", "internal_number": "1005"],
        ]
        let shown = try server.get(contacts, tenant.adminToken).rows
        #expect(shown.count == all.count && all.allSatisfy(shown.contains), "\(shown)")
        _ = try server.send("PATCH", "\(account)/callflows/\(menu)", ["name": "Day"], tenant.adminToken)
        _ = try server.send("PATCH", "\(account)/users/\(ada)", ["last_name": "King"], tenant.adminToken)
        let names = try server.get(contacts, tenant.adminToken).rows.compactMap { $0["name"]?.string }
        #expect(Set(names) == ["Ada King", "Door", "Day"])
    }

    /// Who sets the limits of an account: whether its parent is a reseller, whose token, and whether that may.
    static let limits: [(Bool, String, Bool)] = [
        (false, "own", true), (true, "own", false), (true, "reseller", true), (true, "master", true),
        (false, "master", true),
    ]

    @Test("B19: limits are set by who resells", arguments: limits)
    func limitsAreSetByWhoResells(isResold: Bool, who: String, isAllowed: Bool) throws {
        if isResold { _ = try server.put("\(account)/reseller", [:], server.master.adminToken) }
        let customer = try server.makeTenant("Customer", below: tenant)
        let tokens = ["own": customer.adminToken, "reseller": tenant.adminToken, "master": server.master.adminToken]
        let path = "/v2/accounts/\(customer.account)/limits"
        let sent: JSON = ["twoway_trunks": 3, "allow_postpay": true, "max_postpay_amount": 100]
        _ = try server.send("POST", path, ["calls": 1], server.master.adminToken)
        for method in ["POST", "PATCH", "DELETE"] {
            let answer = try server.send(method, path, sent, tokens[who] ?? "")
            #expect(answer.status == (isAllowed ? 200 : 403), "\(method): \(answer.json)")
        }
        _ = try server.send("POST", path, sent, tokens[who] ?? "")
        let shown = try server.get(path, customer.adminToken).data
        #expect(shown["allow_prepay"] == true && shown["authz_resource_types"] == [])
        #expect(shown["allow_postpay"] == false && shown["max_postpay_amount"] == 0)
        #expect(shown["twoway_trunks"] == (isAllowed ? 3 : nil))
    }

    /// A part of a device, what a client sends of it, a field in it and what is stored there. REALM is the account's.
    static let devices: [(String, JSON, String, JSON?)] = [
        ("sip", ["username": "ada", "realm": "REALM"], "realm", nil),
        ("sip", ["username": "ada", "realm": ""], "realm", nil),
        ("sip", ["username": "Ada", "realm": "other.example.com"], "realm", "other.example.com"),
        ("sip", ["username": "Ada"], "username", "ada"),
        (
            "provision", ["feature_keys": ["0": .null, "1": ["type": "line"]]], "feature_keys",
            ["1": ["type": "line"]]
        ),
        ("provision", ["endpoint_brand": "yealink", "id": .null], "id", nil),
    ]

    @Test("B3: what says nothing is not kept with a device", arguments: devices)
    func whatSaysNothingIsNotKeptWithADevice(part: String, sent: JSON, name: String, stored: JSON?) throws {
        let realm = try #require(server.get(account, tenant.adminToken).data["realm"]?.string)
        let body = JSON.object(["data": .object(["name": "Desk", part: sent])]).text()
        let path = "\(account)/devices"
        let spelt = body.replacing("REALM", with: realm.uppercased())
        let made = try server.send("PUT", path, spelt, token: tenant.adminToken)
        try #require(made.status == 201, "\(made.json)")
        #expect(made.data[part]?[name] == stored)
        let again = try server.send("POST", "\(path)/\(made.id)", made.data, tenant.adminToken)
        #expect(again.data[part]?[name] == stored, "\(again.json)")
    }

    /// What Crossbar fills in of an account when it shows it, and no client can set.
    @Test("B1: what an account is told of itself is not the clients to set")
    func whatAnAccountIsToldOfItselfIsNotTheClientsToSet() throws {
        let shown = try server.get(account, tenant.adminToken).data
        let names = [
            "created", "superduper_admin", "is_reseller", "reseller_id", "billing_mode", "wnm_allow_additions",
            "enabled",
        ]
        for name in names {
            #expect(shown[name] != nil, "\(name)")
            _ = try server.send("PATCH", account, [name: false], tenant.adminToken)
        }
        let after = try server.get(account, tenant.adminToken).data
        for name in names { #expect(after[name] == shown[name], "\(name)") }
    }

    /// Where a number stands twice in one account: the kind, the first document, the second, the path of the error.
    static let taken: [(String, JSONObject, JSONObject, String)] = [
        (
            "users", ["username": "Ada", "password": "x1-Qq-8v-Lm"], ["username": "aDA", "password": "x1-Qq-8v-Lm"],
            "username"
        ),
        ("users", ["hotdesk": ["id": "77"]], ["hotdesk": ["id": "77"]], "hotdesk.id"),
        ("devices", ["mac_address": "00:15:65:aa:bb:cc"], ["mac_address": "001565AABBCC"], "mac_address"),
        ("devices", ["sip": ["username": "Ada"]], ["sip": ["username": "ada"]], "sip.username"),
        ("conferences", ["conference_numbers": ["1"]], ["moderator": ["numbers": ["1"]]], "numbers"),
        ("callflows", ["numbers": ["+12125550100", "1001"]], ["numbers": ["1001"]], "numbers"),
        ("callflows", ["patterns": ["^1$"]], ["patterns": ["^1$"]], "patterns"),
    ]

    @Test("B2, B3, B4, B11: what must be unique is told where it stands twice", arguments: taken)
    func whatMustBeUniqueIsToldWhereItStandsTwice(
        word: String,
        first: JSONObject,
        second: JSONObject,
        path: String
    ) throws {
        func document(_ fields: JSONObject, _ name: String) -> JSON {
            var fields = fields
            if word == "users" { (fields["first_name"], fields["last_name"]) = (.string(name), "X") }
            if word != "users" { fields["name"] = .string(name) }
            return .object(fields)
        }
        _ = try server.send("PUT", "\(account)/phone_numbers/%2B12125550100", [:], server.master.adminToken)
        _ = try server.put("\(account)/\(word)", document(first, "First"), tenant.adminToken)
        let refused = try server.send("PUT", "\(account)/\(word)", document(second, "Second"), tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data[path]?["unique"] != nil, "\(refused.json)")
        let other = try server.makeTenant("Other")
        let there = "/v2/accounts/\(other.account)/\(word)"
        #expect(try server.send("PUT", there, document(second, "Second"), other.adminToken).status == 201)
    }
}
