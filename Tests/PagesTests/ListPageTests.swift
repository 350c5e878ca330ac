//  What a list looks like: how long it is, what it is sorted by, where its links lead.

import Foundation
import Gateway
import HTTPMessage
import PluginKit
import Plugins
import TestServer
import Testing

@Suite struct ListPageTests {
    private let server: TestServer
    private let account: String
    private let token: String

    init() throws {
        server = try TestServer()
        token = server.master.adminToken
        account = "/v2/accounts/\(server.master.account)"
    }

    private func page(_ path: String) throws -> String { try server.page(account + path, token).text }

    /// The first cells of the rows, as a person reads them.
    private func names(_ page: String) -> [String] {
        page.matches(of: /<tr><th scope="row"><a [^>]*>([^<]*)</).map { String($0.1) }
    }

    @Test func everyListOfTheDemoCompanyIsShortEnoughForASlowLine() throws {
        try Founding(server.kit, time: TestServer.start).makeDemoCompany()
        let company = try server.get("\(account)/children", token).json["data"]?.array?.first?["id"]?.string
        let home = "/v2/accounts/\(try #require(company))"
        var lists = 0
        for resource in server.kit.catalogue.all {
            guard resource.collectionPath == "/accounts/{account}/\(resource.name)" else { continue }
            let path = "\(home)/\(resource.name)"
            // Copies of what the company has, until there is a whole page.
            let rows = try server.get("\(path)?page_size=50", token).json["data"]?.array ?? []
            guard let id = rows.first?["id"]?.string, var copy = try server.get("\(path)/\(id)", token).data.object
            else { continue }
            for path in resource.uniqueFields.flatMap(\.paths) where path.description != "name" {
                var value = JSON.object(copy)
                value.set(nil, at: JSONPath(path.description))
                copy = value.object ?? copy
            }
            for number in rows.count..<50 {
                copy["name"] = .string("\(copy["name"]?.string?.prefix(20) ?? "A copy") \(number)")
                _ = try server.send("PUT", path, .object(copy), token)
            }
            let page = try server.page("\(path)?ascending=true", token)
            #expect(page.status == 200)
            #expect(page.bytes.count < 30_000, "\(resource.name): \(page.bytes.count) bytes")
            if names(page.text).count == 50 { lists += 1 }
        }
        #expect(lists > 8, "\(lists) lists were filled")
    }

    @Test func peopleAreSortedByTheNameThatIsWrittenFirst() throws {
        for (first, last) in [("Ada", "Lovelace"), ("Zoe", "Adams"), ("Grace", "Hopper")] {
            _ = try server.put("\(account)/users", ["first_name": .string(first), "last_name": .string(last)], token)
        }
        let ascending = try page("/users?ascending=true")
        #expect(names(ascending) == ["Adams, Zoe", "Admin, Account", "Hopper, Grace", "Lovelace, Ada"])
        #expect(ascending.contains("aria-sort=\"ascending\"><a href=\"\(account)/users?ascending=false\""))
        let descending = try page("/users")
        #expect(names(descending) == names(ascending).reversed())
        #expect(descending.contains("aria-sort=\"descending\""))
    }

    @Test func whatTheStoreSortsByIDIsSortedByNameWhereAllOfItIsShown() throws {
        let names = ["Delta", "alpha", "Charlie", "bravo", "echo"]
        for name in names { _ = try server.put("\(account)/menus", ["name": .string(name)], token) }
        let sorted = ["alpha", "bravo", "Charlie", "Delta", "echo"]
        let whole = try page("/menus?ascending=true")
        #expect(self.names(whole) == sorted && whole.contains("aria-sort=\"ascending\""))
        let turned = try page("/menus?ascending=false")
        #expect(self.names(turned) == sorted.reversed() && turned.contains("aria-sort=\"descending\""))
        let part = try page("/menus?ascending=true&page_size=3")
        #expect(!part.contains("aria-sort"), "the pages of a list are in the order of its IDs")
        let ids = try server.get("\(account)/menus?ascending=true&page_size=3", token).json["data"]?.array ?? []
        #expect(self.names(part) == ids.compactMap { $0["name"]?.string })
    }

    @Test func namesAreSortedAsThoseOfTheStore() throws {
        for name in ["Zentrale", "\u{C4}rzte", "Buch", "\u{D6}ffnung", "anton"] {
            _ = try server.put("\(account)/menus", ["name": .string(name)], token)
        }
        #expect(
            names(try page("/menus?ascending=true")) == ["anton", "\u{C4}rzte", "Buch", "\u{D6}ffnung", "Zentrale"]
        )
    }

    /// What the list does counts, not what it was asked for.
    @Test func aListWithAnOrderOfItsOwnSaysWhich() throws {
        for mailbox in ["1002", "1001"] {
            let box: JSON = ["name": .string("Box \(mailbox)"), "mailbox": .string(mailbox)]
            _ = try server.put("\(account)/vmboxes", box, token)
        }
        let boxes = try page("/vmboxes")
        #expect(names(boxes) == ["Box 1001", "Box 1002"])
        #expect(boxes.contains("aria-sort=\"ascending\"><a href=\"\(account)/vmboxes?ascending=false\""))
        for (title, expiry) in [("Soon", 80_000_000_000), ("Late", 90_000_000_000)] as [(String, Int)] {
            let alert: JSON = [
                "title": .string(title), "message": "m", "category": "c",
                "expiration_date": .number(JSONNumber(expiry)),
            ]
            _ = try server.put("\(account)/alerts", alert, token)
        }
        let alerts = try page("/alerts?ascending=true")
        #expect(
            alerts.contains("aria-sort=\"descending\"") && !alerts.contains("aria-sort=\"descending\"><a"),
            "\(alerts)"
        )
    }

    @Test func aListByNumberSaysSo() throws {
        let context = try server.put("\(account)/contexts", ["name": "inside"], token).id
        for number in ["2002", "2001"] {
            let box: JSON = [
                "name": .string("Box \(number)"), "number": .string(number), "context_id": .string(context),
            ]
            _ = try server.put("\(account)/voicemails", box, token)
        }
        let list = try page("/voicemails?ascending=true")
        #expect(list.contains("<th scope=\"col\">Name</th>"))
        #expect(list.firstMatch(of: /aria-sort="ascending"><a [^>]*>(Number|Mailbox)/) != nil, "\(list)")
        #expect(names(list) == ["Box 2001", "Box 2002"])
    }

    @Test func whenAndWhereAreWords() throws {
        let number = "\(account)/phone_numbers/%2B14155550100"
        _ = try server.send("PUT", number, ["carrier_name": "knm_local"], token)
        let list = try page("/phone_numbers")
        #expect(list.contains(/<td class="number">20\d\d-\d\d-\d\d \d\d:\d\d UTC/))
        #expect(!list.contains("<td>\(server.master.account)"), "all numbers are of this account")
    }

    @Test func linksLeadToTheirDocumentsFromEveryAddressOfAList() throws {
        let owner = try server.put("\(account)/users", ["first_name": "Ada", "last_name": "Byron"], token).id
        let device = try server.put("\(account)/devices", ["name": "Desk", "owner_id": .string(owner)], token).id
        for (address, start) in [("/devices", ""), ("/devices/", "\(account)/"), ("/devices?x=/", "")] {
            let list = try page(address)
            #expect(list.contains("<a href=\"\(start)devices/\(device)\">Desk</a>"), "\(address)")
            #expect(list.contains("<a href=\"\(start)users/\(owner)\">Ada Byron</a>"), "\(address)")
            #expect(list.contains("<a href=\"\(start)users?ascending=true\">Users</a>"), "\(address)")
        }
    }
}
