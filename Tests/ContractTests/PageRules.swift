//  Section 6: lists in pages.

import PluginKit
import TestServer
import Testing

extension Rule {
    private static let list = "/v2/accounts/{A}/devices"

    /// Makes devices `d000`, `d001`, … with a number each.
    private static func make(_ count: Int, in world: World) throws {
        for number in 0..<count {
            let name = String(repeating: "0", count: 3 - String(number).count) + String(number)
            try world.device(["name": .string("d\(name)"), "n": .number(JSONNumber(number))])
        }
    }

    /// The names on all pages, in order.
    private static func pages(_ world: World, _ query: String, between: (Int) throws -> Void = { _ in }) throws
        -> [[String]]
    {
        var pages: [[String]] = []
        var start = ""
        repeat {
            let page = try world.get("\(list)?\(query)\(start)")
            page.succeeds()
            #expect(page.json["page_size"]?.int == page.rows.count)
            pages.append(page.names)
            start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
            if !start.isEmpty { try between(pages.count) }
        } while !start.isEmpty && pages.count < 200
        return pages
    }

    static let pages: [Rule] = [
        Rule("6.1.1", "6.1.3", "6.2.1", "6.2.6", says: "50 rows are a page, and the pages are the list") { world in
            try make(120, in: world)
            let first = try world.get(list)
            #expect(first.json["page_size"] == 50)
            #expect(first.json["start_key"] == nil)
            let pages = try pages(world, "")
            #expect(pages.map(\.count) == [50, 50, 20])
            #expect(Set(pages.joined()).count == 120)
        },
        Rule("6.1.2", says: "a page has as many rows as were asked for, rounded") { world in
            try make(5, in: world)
            #expect(try world.get("\(list)?page_size=2.6").rows.count == 3)
            #expect(try world.get("\(list)?page_size=4").rows.count == 4)
            for size in ["0", "-1", "x", "", "0x10", "inf", "nan", "1e999"] {
                try world.get("\(list)?page_size=\(size)").isRefused(404, "faulty_request")
            }
        },
        Rule(
            "6.1.2",
            otherwise: "a page has 5,000 rows at the most",
            because: "a page is made in memory; a longer one is cut and says where it goes on"
        ) { world in
            try make(3, in: world)
            try world.get("\(list)?page_size=999999999999999999999").succeeds()
            #expect(ListRequest.maximumPageSize == 5_000)
        },
        Rule("6.1.3", says: "an empty list has a page of size 0") { world in
            let answer = try world.get(list)
            #expect(answer.json["page_size"] == 0)
            #expect(answer.data == [])
        },
        Rule("6.2.2", says: "the start key comes back as it was sent") { world in
            try make(3, in: world)
            let next = try #require(world.get("\(list)?page_size=1").json["next_start_key"]?.string)
            #expect(try world.get("\(list)?page_size=1&start_key=\(next)").json["start_key"]?.string == next)
        },
        Rule("6.2.3", says: "a key is safe in a URL") { world in
            try make(2, in: world)
            let next = try #require(world.get("\(list)?page_size=1").json["next_start_key"]?.string)
            #expect(next.utf8.allSatisfy { Character(UnicodeScalar($0)).isLetter || "0123456789-_".utf8.contains($0) })
        },
        Rule("6.2.4", says: "what is no key of ours is taken literally, and an end key ends the list") { world in
            let names = ["Anna", "Bert", "Carl", "Dora"]
            for name in names { try world.user(["first_name": "X", "last_name": .string(name)]) }
            let users = "/v2/accounts/{A}/users?ascending=true&filter_first_name=X"
            func last(_ query: String) throws -> [String] {
                try world.get("\(users)\(query)").rows.compactMap { $0["last_name"]?.string }
            }
            #expect(try last("&start_key=b") == ["Bert", "Carl", "Dora"])
            #expect(try last("&end_key=Carl%20X") == ["Anna", "Bert", "Carl"])
            #expect(try last("&start_key=b&end_key=carlz") == ["Bert", "Carl"])
            #expect(try last("&descending=true&start_key=carlz&end_key=b") == ["Carl", "Bert"])
            // Erlang terms, cut and changed cursors, and whatever else are literal keys as well.
            for key in ["g2wAAAABbQAAAAFhag", "AQ", "AAAA", "%00", "*", "eyJ9"] where key != "%00" {
                try world.get("\(users)&start_key=\(key)").succeeds()
            }
        },
        Rule(
            "6.2.5",
            otherwise: "rows of one key neither repeat nor get lost",
            because: "Crossbar's clients loop for ever where a page holds one key only"
        ) { world in
            for _ in 0..<7 { try world.user(["first_name": "Same", "last_name": "Name"]) }
            var ids: [String] = []
            var start = ""
            repeat {
                let page = try world.get("/v2/accounts/{A}/users?page_size=2&filter_last_name=Name\(start)")
                ids += page.rows.compactMap { $0["id"]?.string }
                start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
            } while !start.isEmpty && ids.count < 50
            #expect(ids.count == 7)
            #expect(Set(ids).count == 7)
        },
        Rule("6.2.6", says: "what is created and deleted between two pages moves no other row") { world in
            try make(12, in: world)
            let whole = try world.get("\(list)?paginate=false").rows
            let names = whole.compactMap { $0["name"]?.string }
            var seen: [String] = []
            var start = ""
            var step = 0
            repeat {
                let page = try world.get("\(list)?page_size=3\(start)")
                seen += page.names
                start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
                // The first row of the next page goes away, and another document comes.
                if !start.isEmpty, step == 0 {
                    try world.send("DELETE", "\(list)/\(whole[3]["id"]?.string ?? "")").succeeds()
                    try world.device(["name": "new"])
                }
                step += 1
            } while !start.isEmpty && step < 20
            var expected = names
            expected.remove(at: 3)
            #expect(seen.filter { $0 != "new" } == expected)
        },
        Rule("6.2.7", says: "the same order on each page gives the whole list in that order") { world in
            try make(7, in: world)
            let all = try world.get("\(list)?paginate=false&ascending=true").names
            #expect(try pages(world, "page_size=2&ascending=true").flatMap { $0 } == all)
        },
        Rule("6.3.1", "6.3.2", "6.3.3", says: "the order is descending unless `ascending` says otherwise") { world in
            for name in ["b", "A", "c"] { try world.user(["first_name": "X", "last_name": .string(name)]) }
            func order(_ query: String) throws -> [String] {
                try world.get("/v2/accounts/{A}/users?filter_first_name=X\(query)").rows.compactMap {
                    $0["last_name"]?.string
                }
            }
            for query in ["", "&descending=false", "&ascending=false", "&ascending=true&descending=true"] {
                #expect(try order(query) == ["c", "b", "A"], "\(query)")
            }
            for query in ["&ascending=true", "&ascending", "&ascending=yes", "&ascending=true&descending=no"] {
                #expect(try order(query) == ["A", "b", "c"], "\(query)")
            }
        },
        Rule("6.3.4", says: "the direction is read from the query alone") { world in
            try make(2, in: world)
            let body = #"{"data":{"ascending":true},"ascending":true}"#
            #expect(try world.send("GET", list, body).names == world.get(list).names)
        },
        Rule("6.5.1", "6.5.2", says: "paginate=false gives all rows and no words of pages") { world in
            try make(60, in: world)
            for query in ["paginate=false", "paginate=0", "paginate=x"] {
                let answer = try world.get("\(list)?\(query)")
                #expect(answer.rows.count == 60)
                for word in ["page_size", "start_key", "next_start_key"] { #expect(answer.json[word] == nil) }
            }
            #expect(try world.get("\(list)?paginate=true").rows.count == 50)
            #expect(try world.send("GET", list, #"{"data":{},"paginate":false}"#).rows.count == 60)
        },
        Rule(
            "6.5.3",
            otherwise: "a long list is sent while it is read",
            because: "then no list takes more memory than another, and nobody has to be refused"
        ) { world in
            for number in 0..<1_100 {
                try world.device(["name": .string("d\(number)"), "even": .bool(number % 2 == 0)])
            }
            for pretty in ["", "&pretty_print=true"] {
                let answer = try world.get("\(list)?paginate=false\(pretty)")
                answer.succeeds()
                #expect(answer.rows.count == 1_100)
                #expect(Set(answer.names).count == 1_100)
                #expect(answer.json["request_id"]?.string == answer.field("x-request-id"))
            }
            #expect(try world.get("\(list)?paginate=false&filter_even=true").rows.count == 550)
            let table = try world.get("\(list)?paginate=false&accept=csv").text
            #expect(table.split(separator: "\r\n").count == 1_101)
            #expect(try world.send("HEAD", "\(list)?paginate=false").status == 200)
        },
        Rule("6.6.1", says: "a filter chooses before rows are counted") { world in
            try make(40, in: world)
            for number in 0..<6 { try world.device(["name": .string("x\(number)"), "kind": "x"]) }
            let pages = try pages(world, "page_size=2&filter_kind=x")
            #expect(pages.map(\.count) == [2, 2, 2])
            #expect(Set(pages.joined()).count == 6)
        },
        Rule("6.7.1", "6.7.6", says: "is_chunked changes nothing that a reader of JSON sees") { world in
            try make(3, in: world)
            let answer = try world.get("\(list)?is_chunked=true&chunk_size=1")
            answer.succeeds()
            #expect(answer.json["page_size"] == 3)
        },
    ]
}
