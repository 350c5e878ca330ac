//  What the demo company's telephone system is made of: hours, greetings, boxes, rooms, and the way of a call.

import PluginKit

/// Makes the documents of the demo company, each under a name of its own. One that is there already stays as it is, so
/// an interrupted set-up can be begun again.
struct DemoTelephony {
    private let kit: Kit
    private let account: String
    private let call: Call

    init(_ kit: Kit, account: String, _ call: Call) {
        self.kit = kit
        self.account = account
        self.call = call
    }

    /// - Parameter people: each with the id of the user.
    func make(for people: [(person: DemoCompany.Person, user: DocumentID)]) throws(APIError) {
        let directory = try make(DirectoriesPlugin.self, "Everybody", ["sort_by": "first_name"])
        for (person, user) in people {
            let callflow = try makeExtension(of: person, user)
            _ = try service(UsersPlugin.self).merge(
                ["directories": .object([directory: .string(callflow)])],
                into: user
            )
        }
        let users = people.map(\.user.text)
        let orders = try make(
            GroupsPlugin.self,
            "Orders",
            ["endpoints": .object(JSONObject(users.prefix(4).map { ($0, ["type": "user", "weight": 1]) }))]
        )
        let room = try make(
            ConferencesPlugin.self,
            "Tasting room",
            ["member": ["numbers": ["3000"], "pins": ["1871"]], "play_entry_tone": true]
        )
        try makeMainNumber(orders: orders, directory: directory, room: room)
        _ = try make(
            FaxboxesPlugin.self,
            "Orders fax",
            ["caller_id": "+31205550104", "fax_timezone": "Europe/Amsterdam"]
        )
        _ = try make(
            BlacklistsPlugin.self,
            "Nuisance callers",
            ["numbers": ["+31205559999": [:]], "should_block_anonymous": false]
        )
        try makeFeatureCodes()
        try leaveMessages()
    }

    /// A person's box, and the callflow that rings the person and then takes a message.
    private func makeExtension(of person: DemoCompany.Person, _ user: DocumentID) throws(APIError) -> String {
        let box = try make(
            VmboxesPlugin.self,
            "\(person.first)'s voicemail",
            [
                "mailbox": .string(person.extensionNumber), "owner_id": .string(user.text),
                "timezone": "Europe/Amsterdam", "is_setup": true,
            ]
        )
        return try make(
            CallflowsPlugin.self,
            "\(person.first) \(person.last)",
            [
                "numbers": [.string(person.extensionNumber)], "owner_id": .string(user.text),
                "type": "mainUserCallflow",
                "flow": Self.step(
                    "user",
                    ["id": .string(user.text), "timeout": 20],
                    ["_": Self.step("voicemail", ["id": .string(box)])]
                ),
            ]
        )
    }

    /// The main number: a menu while the office is open, else a message.
    private func makeMainNumber(orders: String, directory: String, room: String) throws(APIError) {
        for last in 0..<5 { try bringIn("+3120555010\(last)") }
        let frontDesk = try make(
            VmboxesPlugin.self,
            "Front desk",
            ["mailbox": "1000", "timezone": "Europe/Amsterdam", "notify_email_addresses": ["desk@example.com"]]
        )
        let hours = try make(
            TemporalRulesPlugin.self,
            "Office hours",
            [
                "cycle": "weekly", "wdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "time_window_start": 30_600, "time_window_stop": 63_000,
            ]
        )
        let holidays = try ["New Year": 1, "Christmas": 25].sorted { $0.value < $1.value }.map {
            name,
            day throws(APIError) in
            try make(
                TemporalRulesPlugin.self,
                name,
                ["cycle": "yearly", "month": day == 1 ? 1 : 12, "days": [.number(JSONNumber(day))]]
            )
        }
        let closed = try make(
            TemporalRulesSetsPlugin.self,
            "Holidays",
            ["temporal_rules": .array(holidays.map { .string($0) })]
        )
        let welcome = try make(
            MediaPlugin.self,
            "Welcome",
            ["media_source": "tts", "tts": ["text": "Welcome to Lighthouse Coffee.", "voice": "female/en-GB"]]
        )
        let menu = try make(MenusPlugin.self, "Main menu", ["media": ["greeting": .string(welcome)], "timeout": 8_000])
        let ordering = try make(
            CallflowsPlugin.self,
            "Orders",
            [
                "numbers": ["1100", "+31205550101"], "group_id": .string(orders),
                "flow": Self.step(
                    "ring_group",
                    [
                        "name": "Orders", "strategy": "simultaneous", "timeout": 25,
                        "endpoints": [["endpoint_type": "group", "id": .string(orders), "timeout": 25]],
                    ],
                    ["_": Self.step("voicemail", ["id": .string(frontDesk)])]
                ),
            ]
        )
        _ = try make(
            CallflowsPlugin.self,
            "Conference",
            ["numbers": ["3000", "+31205550102"], "flow": Self.step("conference", ["id": .string(room)])]
        )
        let choices = Self.step(
            "menu",
            ["id": .string(menu)],
            [
                "1": Self.step("callflow", ["id": .string(ordering)]),
                "9": Self.step("directory", ["id": .string(directory)]),
                "_": Self.step("callflow", ["id": .string(ordering)]),
            ]
        )
        let message = Self.step("voicemail", ["id": .string(frontDesk)])
        _ = try make(
            CallflowsPlugin.self,
            "Main number",
            [
                "numbers": ["+31205550100", "1000"],
                "flow": Self.step(
                    "temporal_route",
                    ["timezone": "Europe/Amsterdam", "rule_set": .string(closed)],
                    [
                        closed: message,
                        "_": Self.step(
                            "temporal_route",
                            ["timezone": "Europe/Amsterdam", "rules": [.string(hours)]],
                            [hours: choices, "_": message]
                        ),
                    ]
                ),
            ]
        )
    }

    private func makeFeatureCodes() throws(APIError) {
        let codes: [(name: String, code: String, step: JSON)] = [
            ("Listen to messages", "97", Self.step("voicemail", ["action": "check"])),
            ("Log in to a telephone", "11", Self.step("hotdesk", ["action": "login"])),
            ("Log out of a telephone", "12", Self.step("hotdesk", ["action": "logout"])),
            ("Park a call", "3", Self.step("park", ["action": "auto"])),
        ]
        for (name, code, step) in codes {
            _ = try make(
                CallflowsPlugin.self,
                name,
                [
                    "numbers": [.string("*\(code)")], "flow": step,
                    "featurecode": ["name": .string(name), "number": .string(code)],
                ]
            )
        }
    }

    /// Puts a number into the inventory, unless some account has it.
    private func bringIn(_ number: String) throws(APIError) {
        guard try kit.directory.document(number, account: account) == nil else { return }
        do throws(APIError) {
            _ = try service(PhoneNumbersPlugin.self).create(["id": .string(number)])
        } catch .validation {
            return
        }
    }

    /// Messages in some boxes that have none, each with a tone for a voice.
    private func leaveMessages() throws(APIError) {
        let boxes = try rows(VmboxesPlugin.self)
        let callers = [
            ("+31205551871", "Harbour Bakery", "new"), ("+31205552290", "Roastery North", "new"),
            ("+31205553104", "Milk & Co", "saved"),
        ]
        for (index, box) in boxes.enumerated() where index % 3 == 0 {
            guard let id = box["id"]?.string, box["messages"] == 0 else { continue }
            for (number, caller) in callers.prefix(1 + index % callers.count).enumerated() {
                let when = call.time - Int64((index + 1) * (number + 1) * 9_431)
                let seconds = 4 + number
                let message = try service(VmboxesMessagesPlugin.self).create([
                    "source_id": .string(id), "caller_id_number": .string(caller.0),
                    "caller_id_name": .string(caller.1),
                    "from": .string("\(caller.0)@example.com"), "folder": .string(caller.2),
                    "timestamp": .gregorian(when),
                    "length": .number(JSONNumber(seconds * 1_000)),
                    "call_id": .string("demo-message-\(index)-\(number)"),
                ])
                let label = FileLabel(name: "message.wav", mediaType: "audio/x-wav")
                _ = try service(VmboxesMessagesPlugin.self)
                    .attach(kit.storeFile(Self.tone(seconds), label), as: VmboxesMessagesRawPlugin.word, to: message.id)
            }
        }
    }

    /// A tone of 440 Hz, 8,000 samples of 8 bits a second. Source: Microsoft, "Multimedia Programming Interface", RIFF.
    private static func tone(_ seconds: Int) -> [UInt8] {
        let samples = (0..<seconds * 8_000).map { sample -> UInt8 in sample * 440 * 2 / 8_000 % 2 == 0 ? 112 : 144 }
        func number(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let format = number(1, 2) + number(1, 2) + number(8_000, 4) + number(8_000, 4) + number(1, 2) + number(8, 2)
        let chunks = Array("WAVEfmt ".utf8) + number(16, 4) + format + Array("data".utf8) + number(samples.count, 4)
        return Array("RIFF".utf8) + number(chunks.count + samples.count, 4) + chunks + samples
    }

    private static func step(_ module: String, _ data: JSON, _ children: JSONObject = [:]) -> JSON {
        ["module": .string(module), "data": data, "children": .object(children)]
    }

    /// Returns the id of the document of a name, which is made if there is none.
    private func make<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        _ name: String,
        _ fields: JSONObject
    ) throws(APIError) -> String {
        if let known = try rows(plugin).first(where: { $0["name"]?.string == name })?["id"]?.string { return known }
        var fields = fields
        fields["name"] = .string(name)
        return try service(plugin).create(fields).id.text
    }

    private func rows<Resource: ResourcePlugin>(_ plugin: Resource.Type) throws(APIError) -> [JSON] {
        var request = try ListRequest(call)
        request.pageSize = nil
        var rows: [JSON] = []
        try service(plugin).list(request).content.forEachRow { rows.append($0) }
        return rows
    }

    private func service<Resource: ResourcePlugin>(_ plugin: Resource.Type) throws(APIError) -> BoundService {
        try kit.service(plugin, for: call, in: account)
    }
}
