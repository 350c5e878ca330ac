//  A month of calls of the demo company, always the same ones for the same day.

import PluginKit

/// Makes up calls: customers by day, colleagues among each other, some of them missed.
struct DemoCalls {
    /// How many days of calls there are.
    private static let days: Int64 = 30

    private static let customers: [(number: String, name: String)] = [
        ("+31205551871", "Harbour Bakery"), ("+31205552290", "Roastery North"), ("+31205553104", "Milk & Co"),
        ("+31205554477", "Hotel Zuiderzee"), ("+31205556120", "Cafe Anker"), ("+31205557008", "Museum Shop"),
        ("+31205558315", "Ferry Kiosk"), ("+4940555190", "Hafen Import"), ("+442075550142", "Thames Teas"),
    ]

    private let people: [(person: DemoCompany.Person, user: DocumentID)]
    private let realm: String
    /// Of a generator that needs no secrets. Source: Knuth, "The Art of Computer Programming", volume 2, §3.3.4.
    private var state: UInt64

    init(_ people: [(person: DemoCompany.Person, user: DocumentID)], realm: String) {
        self.people = people
        self.realm = realm
        state = 20_261_122
    }

    /// The records of the month before a time.
    ///
    /// - Parameter time: Unix seconds.
    mutating func records(before time: Int64) -> [CallRecord] {
        guard !people.isEmpty else { return [] }
        let today = time - time % 86_400
        var records: [CallRecord] = []
        for back in 0..<Self.days {
            let day = today - back * 86_400
            // 1970-01-01 was a Thursday, so 2 is a Saturday and 3 a Sunday.
            let isWeekend = [2, 3].contains((day / 86_400) % 7)
            for index in 0..<(isWeekend ? 4 : 22 + random(below: 12)) {
                let begin = day + 30_600 + Int64(random(below: 32_400))
                guard begin + 1_200 < time else { continue }
                records += conversation("demo-\(day / 86_400)-\(index)", begin: begin)
            }
        }
        return records
    }

    /// The two legs of one conversation: the caller's, and that to the telephone that rang.
    private mutating func conversation(_ name: String, begin: Int64) -> [CallRecord] {
        let called = people[random(below: people.count)]
        let isInternal = random(below: 3) == 0
        let colleague = people[random(below: people.count)]
        let customer = Self.customers[random(below: Self.customers.count)]
        let caller =
            isInternal
            ? (colleague.person.extensionNumber, "\(colleague.person.first) \(colleague.person.last)")
            : (customer.number, customer.name)
        let ringing = 3 + random(below: 18)
        let talk = random(below: 5) == 0 ? 0 : 20 + random(below: 600)
        let cause = talk > 0 ? "NORMAL_CLEARING" : "NO_ANSWER"
        func leg(_ suffix: String, _ direction: String, _ delay: Int, _ more: JSONObject) -> CallRecord {
            let duration = ringing + talk - delay
            var fields: JSONObject = [
                "call_id": .string("\(name)-\(suffix)"), "call_direction": .string(direction),
                "interaction_id": .string("\(begin + gregorianOffset)-\(digest(of: name).prefix(8))"),
                "channel_created_time": .number(JSONNumber(Int(begin + Int64(delay)) * 1_000_000)),
                "timestamp": .number(JSONNumber(Int(begin + gregorianOffset) + ringing + talk)),
                "duration_seconds": .number(JSONNumber(duration)), "billing_seconds": .number(JSONNumber(talk)),
                "ringing_seconds": .number(JSONNumber(ringing - delay)), "hangup_cause": .string(cause),
                "caller_id_number": .string(caller.0), "caller_id_name": .string(caller.1),
                "callee_id_number": .string(called.person.extensionNumber),
                "callee_id_name": .string("\(called.person.first) \(called.person.last)"),
                "from": .string("\(caller.0)@\(realm)"), "media_server": "media1.example.com",
            ]
            for (name, value) in more { fields[name] = value }
            return CallRecord(fields, now: begin)
        }
        let dialled = isInternal ? called.person.extensionNumber : "+31205550100"
        var incoming: JSONObject = [
            "to": .string("\(dialled)@\(realm)"), "request": .string("\(dialled)@\(realm)"),
            "other_leg_call_id": .string("\(name)-b"),
        ]
        if isInternal {
            let user = JSON.string(colleague.user.text)
            incoming["custom_channel_vars"] = ["owner_id": user, "authorizing_id": user, "authorizing_type": "user"]
        }
        let telephone = "\(called.person.username)@\(realm)"
        return [
            leg("a", "inbound", 0, incoming),
            leg(
                "b",
                "outbound",
                1,
                [
                    "to": .string(telephone), "request": .string(telephone),
                    "other_leg_call_id": .string("\(name)-a"),
                    "custom_channel_vars": ["owner_id": .string(called.user.text)],
                ]
            ),
        ]
    }

    private mutating func random(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, limit)))
    }
}
