//  Section 7: which documents of a list.

import PluginKit
import TestServer
import Testing

extension Rule {
    private static let list = "/v2/accounts/{A}/devices"

    /// Expects a device with these fields to be chosen by the first queries and by none of the others.
    private static func check(
        _ world: World,
        _ fields: JSONObject,
        chosenBy queries: [String],
        notBy others: [String],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        var fields = fields
        fields["name"] = "subject"
        try world.device(.object(fields))
        for query in queries {
            #expect(try world.get("\(list)?\(query)").names == ["subject"], "\(query)", sourceLocation: location)
        }
        for query in others {
            #expect(try world.get("\(list)?\(query)").names == [], "\(query)", sourceLocation: location)
        }
    }

    private static let created = TestServer.start + gregorianOffset

    static let filters: [Rule] = [
        Rule(
            "7.1",
            otherwise: "private fields are not there for filters",
            because: "a filter on a hidden credential answers whether one has guessed it"
        ) { world in
            let queries = ["filter_pvt_type=device", "has_key=pvt_type", "has_value=_id", "filter_not__id="]
            try check(world, [:], chosenBy: ["key_missing=pvt_type", "value_missing=_rev"], notBy: queries)
        },
        Rule("7.2", "7.17", says: "other words of a query choose nothing") { world in
            let queries = ["missing_value=name", "fields=id", "q=x", "sort=x", "limit=0", "range=1", "foo=bar"]
            try check(world, [:], chosenBy: queries, notBy: [])
        },
        Rule("7.3", says: "a document that is read by its id is not filtered") { world in
            let id = try world.device().id
            try world.get("\(list)/\(id)?filter_name=other").succeeds()
        },
        Rule("7.4", says: "a path goes into objects by name and into arrays by number, from 1") { world in
            let fields: JSONObject = ["a": ["b": ["x", ["c": "y"]]], "d.e": 1]
            let right = ["filter_a.b.1=x", "filter_a.b.2.c=y"]
            try check(world, fields, chosenBy: right, notBy: ["filter_a.b.0=x", "has_key=a.b.3", "has_key=d.e"])
        },
        Rule("7.5", says: "values are compared as text, exactly") { world in
            let fields: JSONObject = [
                "s": "Bob", "n": 5, "t": true, "f": false, "text": "5", "yes": "true", "o": ["a": 1], "l": ["x", "y"],
            ]
            let right = [
                "filter_s=Bob", "filter_n=5", "filter_text=5", "filter_t=true", "filter_yes=true", "filter_f=false",
                "filter_o=%7B%22a%22:1%7D", "filter_l=xy", "filter_nothing=",
            ]
            try check(
                world,
                fields,
                chosenBy: right,
                notBy: ["filter_s=bob", "filter_s=Bo", "filter_n=5.0", "filter_s="]
            )
        },
        Rule("7.6", says: "a value in JSON is a choice of texts, or a text in quotes") { world in
            let right = ["filter_n=[%225%22]", "filter_s=%22bob%22", "filter_s=[%22al%22,%22bob%22]"]
            try check(world, ["n": 5, "s": "bob"], chosenBy: right, notBy: ["filter_n=[5]", "filter_s=[%22al%22]"])
        },
        Rule("7.7", says: "`not` turns it round, and what is missing passes") { world in
            let right = ["filter_not_s=x", "filter_not_missing=x", "filter_not_n=[%226%22]"]
            try check(
                world,
                ["n": 5, "s": "bob"],
                chosenBy: right,
                notBy: ["filter_not_s=bob", "filter_not_missing="]
            )
        },
        Rule("7.8", says: "a key is there or is not") { world in
            let right = ["has_key=a", "has_key=a.b", "key_missing=x", "key_missing=a.x"]
            try check(world, ["a": ["b": 1]], chosenBy: right, notBy: ["has_key=x", "has_key=a.x", "key_missing=a"])
        },
        Rule("7.9", says: "a value is there unless it is one of the empty ones") { world in
            let fields: JSONObject = [
                "a": "", "b": "0", "c": 0, "d": 0.0, "e": "NULL", "f": "undefined", "h": [], "i": [:], "no": false,
                "x": "1",
            ]
            let empty = ["a", "b", "c", "d", "e", "f", "h", "i", "missing"]
            try check(
                world,
                fields,
                chosenBy: ["has_value=no", "has_value=x"] + empty.map { "value_missing=\($0)" },
                notBy: ["value_missing=no", "value_missing=x"] + empty.map { "has_value=\($0)" }
            )
        },
        Rule("7.10", "7.11", says: "times are compared with both ends in, and what is no number chooses nothing") {
            world in
            try check(
                world,
                [:],
                chosenBy: ["created_from=\(created)", "created_to=\(created)", "modified_from=\(created)"],
                notBy: ["created_from=x", "created_to=", "modified_to=1.5", "modified_from=\(created + 1)"]
            )
        },
        Rule("7.12", says: "a filter that makes no sense chooses nothing and breaks nothing") { world in
            let odd = [
                "filter_a..b=x", "filter_.=x", "filter_1=x", "has_key=", "filter_name.1=s", "filter_%F0%9F%98%80=1",
            ]
            try check(world, [:], chosenBy: [], notBy: odd)
        },
        Rule("7.13", says: "all conditions hold, the same one twice as well") { world in
            try check(
                world,
                ["a": 1, "b": 2],
                chosenBy: ["filter_a=1&filter_b=2", "filter_a=1&filter_a=1"],
                notBy: ["filter_a=1&filter_b=3", "filter_a=1&filter_a=2", "has_key=a&has_key=c"]
            )
        },
        Rule("7.14", says: "words that only begin like a filter choose nothing") { world in
            try check(world, [:], chosenBy: ["has_keyFOO=x", "has_valueX=x", "created_fromage=9"], notBy: [])
        },
        Rule("7.18", says: "Crossbar's own examples") { world in
            let fields: JSONObject = ["foo": "bar", "level1": ["level2": ["level3": "value3"]]]
            let there = ["foo", "level1", "level1.level2", "level1.level2.level3"]
            let missing = ["not1", "level1.not2", "level1.level2.not3"]
            try check(
                world,
                fields,
                chosenBy: [
                    "filter_foo=bar", "filter_level1.level2.level3=value3", "filter_not_foo=baz",
                    "created_to=\(created)", "created_to=\(created + 1)", "created_from=\(created - 1)",
                    "created_from=\(created)", "filter_foo=bar&created_from=\(created - 1)&created_to=\(created + 1)",
                ] + there.map { "has_key=\($0)" } + missing.map { "key_missing=\($0)" },
                notBy: [
                    "filter_foo=baz", "filter_level1.level2.level3=value0", "filter_not_foo=bar",
                    "created_to=\(created - 1)", "created_from=\(created + 1)",
                    "filter_foo=bar&created_from=\(created + 1)&created_to=\(created - 1)",
                ] + there.map { "key_missing=\($0)" } + missing.map { "has_key=\($0)" }
            )
        },
    ]
}
