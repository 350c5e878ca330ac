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

    @Test func aDirectoryShowsWhoNamesIt() throws {
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
    }

    /// A number of a box, another one, whether they are the same.
    static let mailboxes: [(String, String, Bool)] = [
        ("007", "7", true), ("0", "00", true), ("1001", "1001", true), ("1001", "11001", false), ("10", "1", false),
        ("main", "main", true), ("main", "0main", false),
    ]

    @Test(arguments: mailboxes)
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

    @Test func aFaxBoxHasAnAddressThatItKeeps() throws {
        let box = try server.put("\(account)/faxboxes", ["name": "Fax"], tenant.adminToken)
        let address = try #require(box.data["smtp_email_address"]?.string)
        #expect(address.contains("@"))
        let item = try "\(account)/faxboxes/\(box.id)"
        let changed = try server.send("POST", item, ["name": "Other", "smtp_email_address": "x@y"], tenant.adminToken)
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

    @Test func numbersOfABlacklistAreWrittenInOneWay() throws {
        let list: JSON = ["name": "L", "numbers": ["(212) 555-0199": ["note": "rude"], "0049 30 123456": [:]]]
        let created = try server.put("\(account)/blacklists", list, tenant.adminToken)
        #expect(created.data["numbers"] == ["+12125550199": ["note": "rude"], "+4930123456": [:]])
    }

    @Test func aMisspeltDayIsStoredAsItIsMeant() throws {
        let rule: JSON = ["name": "R", "cycle": "weekly", "wdays": ["wensday", "friday"]]
        let created = try server.put("\(account)/temporal_rules", rule, tenant.adminToken)
        #expect(created.data["wdays"] == ["wednesday", "friday"])
        let set: JSON = ["name": "S", "temporal_rules": [.string(try created.id)]]
        _ = try server.put("\(account)/temporal_rules_sets", set, tenant.adminToken)
        let row = try server.get("\(account)/temporal_rules_sets", tenant.adminToken).rows.first
        #expect(row?["rules"] == set["temporal_rules"])
    }

    @Test func conferencesShareOneSpaceOfNumbers() throws {
        let path = "\(account)/conferences"
        _ = try server.put(path, ["name": "A", "member": ["numbers": ["3001"]]], tenant.adminToken)
        let clash = try server.send("PUT", path, ["name": "B", "conference_numbers": ["3001"]], tenant.adminToken)
        #expect(clash.data["numbers"]?["unique"]?["cause"] == "3001")
        let row = try server.get(path, tenant.adminToken).rows.first
        #expect(row?["_read_only"] == ["members": 0, "moderators": 0, "duration": 0, "is_locked": false])
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
}
