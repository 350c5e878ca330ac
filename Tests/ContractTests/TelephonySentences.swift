//  Sections B4 to B16 of the catalogue: callflows, voicemail, records of calls, and what stands around them.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let telephony: [Rule] = [
        Rule(
            "B4",
            otherwise: "an answer to a change describes what a callflow names as well",
            because: "it is the same document, and a client need not ask again"
        ) { world in
            let user = try world.user().id
            let flow: JSON = ["module": "user", "data": ["id": .string(user)]]
            let callflow: JSON = ["numbers": ["1001"], "flow": flow]
            let made = try world.ask("PUT", "callflows", callflow)
            let described: JSON = .object([user: ["name": "Ada Lovelace", "pvt_type": "user"]])
            #expect(made.data["metadata"] == described)
            #expect(try world.ask("POST", "callflows/\(made.id)", callflow).data["metadata"] == described)
        },
        Rule("B4", says: "a row has what a client reads of a callflow") { world in
            let (owner, group) = (try world.user().id, try world.make("groups", ["name": "G", "endpoints": [:]]))
            let callflow: JSON = [
                "name": "Main", "type": "mainUserCallflow", "numbers": ["1001"], "patterns": ["^9$"],
                "owner_id": .string(owner), "group_id": .string(group), "flags": ["x"],
                "flow": ["module": "hangup", "data": [:]],
            ]
            let row = try world.row("callflows", world.make("callflows", callflow))
            let names = "id name type numbers patterns featurecode owner_id group_id modules flags".fieldNames
            #expect(row?.fieldNames == names)
            #expect(row?["type"] == "mainUserCallflow" && row?["modules"] == ["hangup"])
        },

        Rule("B5", says: "the number of a box can be dialled") { world in
            for number in ["main", "12a", "+7", "-7", "1 0", "١"] {
                let box: JSON = ["name": "B", "mailbox": .string(number)]
                let refused = try world.ask("PUT", "vmboxes", box)
                refused.isInvalid("mailbox", "unique")
                #expect(
                    refused.data["mailbox"]?["unique"]?["message"] == "Invalid mailbox number or already exists"
                )
            }
            try world.ask("PUT", "vmboxes", ["name": "B", "mailbox": "007"]).succeeds(201)
        },
        Rule("B5", says: "a message in the folder `deleted` is still there; one that is deleted is not") { world in
            let box = try world.make("vmboxes", ["name": "B", "mailbox": "1"])
            let message = try world.make("vmboxes/\(box)/messages", [:])
            let item = "vmboxes/\(box)/messages/\(message)"
            try world.ask("POST", item, ["folder": "deleted"]).succeeds()
            #expect(try world.ask("GET", item).data["folder"] == "deleted")
            let rows = try world.ask("GET", "vmboxes/\(box)/messages?filter_folder=deleted").rows
            #expect(rows.map { $0["id"]?.string } == [message])
            try world.ask("DELETE", item).succeeds()
            try world.ask("GET", item).isRefused(404, "bad_identifier")
            #expect(try world.ask("GET", "vmboxes/\(box)/messages").rows.isEmpty)
        },
        Rule("B5", says: "a message has Crossbar's keys") { world in
            let box = try world.make("vmboxes", ["name": "B", "mailbox": "1"])
            let sent: JSONObject = [
                "timestamp": 63_900_000_000, "from": "a@example.com", "to": "b@example.com", "call_id": "c",
                "caller_id_number": "1001", "caller_id_name": "Ada", "folder": "new", "length": 4_000,
            ]
            let message = try world.make("vmboxes/\(box)/messages", .object(sent))
            let shown = try world.ask("GET", "vmboxes/\(box)/messages/\(message)").data
            let row = try world.ask("GET", "vmboxes/\(box)/messages").rows.first
            for (name, value) in sent { #expect(shown[name] == value && row?[name] == value, "\(name)") }
            #expect(shown["media_id"]?.string == message && row?["media_id"]?.string == message)
        },

        Rule("B6", says: "an id is the month and the call's id, and times and costs are texts") { world in
            let time = Int(TestServer.start + gregorianOffset)
            let leg: JSON = [
                "call_id": "call-1", "timestamp": .number(JSONNumber(time)), "duration_seconds": 30,
            ]
            #expect(try world.make("cdrs", leg) == "202701-call-1")
            let row = try world.ask("GET", "cdrs").rows.first
            for name in ["timestamp", "unix_timestamp", "unix_timestamp_micro", "cost", "rate"] {
                #expect(row?[name]?.string != nil, "\(name)")
            }
            #expect(row?["unix_timestamp_micro"] == "1799999970000000")
            #expect(row?.object?.count == 35)
            #expect(row?["callee_id_number"] == "" && row?["recording_url"] == "")
        },

        Rule("B7", says: "groups are listed with their number of members, and below the users that they ring") {
            world in
            let user = try world.user().id
            let device = try world.device().id
            let endpoints: JSON = .object([user: ["type": "user"], device: ["type": "device", "weight": 1]])
            let group = try world.make("groups", ["name": "Sales", "endpoints": endpoints])
            let named = try world.make(
                "groups",
                ["name": "Other", "endpoints": .object([user: ["type": "device"]])]
            )
            #expect(try world.row("groups", group)?["endpoints"] == 2)
            #expect(try world.row("groups", group)?["features"] == [])
            #expect(try world.row("users/\(user)/groups", group) != nil)
            #expect(try world.row("users/\(user)/groups", named) == nil)
        },
        Rule("B7", "B9", "B11", says: "every list has the flags") { world in
            let documents: [(String, JSONObject)] = [
                ("groups", ["endpoints": [:]]), ("menus", [:]), ("temporal_rules", ["cycle": "daily"]),
                ("temporal_rules_sets", [:]), ("blacklists", [:]), ("directories", [:]), ("conferences", [:]),
                ("vmboxes", ["mailbox": "1"]), ("media", ["media_source": "upload"]), ("faxboxes", [:]), ("lists", [:]),
            ]
            for (word, fields) in documents {
                var fields = fields
                (fields["name"], fields["flags"]) = ("N", ["x", "y"])
                let row = try world.row(word, world.make(word, .object(fields)))
                #expect(row?["flags"] == ["x", "y"], "\(word)")
                #expect(row?["name"] == "N")
            }
        },
        Rule("B7", says: "rules are listed with their kind, and one number may be on two blacklists") { world in
            let rule: JSON = ["name": "R", "cycle": "daily", "type": "main_holidays"]
            #expect(try world.row("temporal_rules", world.make("temporal_rules", rule))?["type"] == "main_holidays")
            for name in ["One", "Two"] {
                let list: JSON = ["name": .string(name), "numbers": ["+12125550199": [:]]]
                try world.ask("PUT", "blacklists", list).succeeds(201)
            }
        },

        Rule(
            "B8",
            otherwise: "all entries of a list go with it, however many there are",
            because: "Crossbar deletes the first page and leaves the others without a list"
        ) { world in
            let list = try world.make("lists", ["name": "L", "description": "D", "list_type": "T"])
            #expect(try world.row("lists", list)?.fieldNames == "id name description list_type".fieldNames)
            var last = ""
            for number in 0..<60 {
                let entry: JSON = ["displayname": "E", "number": .string("\(number)"), "type": "t"]
                last = try world.make("lists/\(list)/entries", entry)
            }
            let row = try world.ask("GET", "lists/\(list)/entries?paginate=false").rows.first
            #expect(row?["key"]?.string == list && row?["value"]?["name"] == "E" && row?["value"]?["type"] == "t")
            let sequence = try world.server.events().last?.sequence ?? 0
            try world.ask("DELETE", "lists/\(list)").succeeds()
            let told = try world.server.events(after: sequence).map(\.event.name)
            #expect(told.count { $0 == "list_entry_deleted" } == 60, "\(told.first ?? "")")
            #expect(try world.ask("GET", "lists/\(list)/entries/\(last)").status == 404)
        },

        Rule(
            "B9",
            otherwise: "a directory is a page, and no PDF",
            because: "a browser prints the page"
        ) { world in
            let id = try world.make("directories", ["name": "D"])
            try world.ask("GET", "directories/\(id)?accept=pdf").isRefused(406, "not_acceptable")
            try world.ask("GET", "directories/\(id)?accept=application/pdf").isRefused(406, "not_acceptable")
            let page = try world.ask("GET", "directories/\(id)?accept=html")
            #expect(page.fields[.contentType] == "text/html; charset=utf-8")
        },

        Rule("B10", says: "a sound is one file, sent as it is, in parts or in base64") { world in
            let media = try world.make("media", ["name": "M", "media_source": "tts", "tts": ["text": "t"]])
            let raw = "media/\(media)/raw"
            try world.upload(raw, #"{"data":{}}"#, type: "application/json").isInvalid("file", "required")
            let part = "--b\r\nContent-Disposition: form-data; filename=\"a.wav\"\r\nContent-Type: audio/wav"
            let one = "\(part)\r\n\r\nRIFFxxxxWAVE\r\n"
            try world.upload(raw, one + one + "--b--", type: "multipart/form-data; boundary=b")
                .isInvalid("file", "maxItems")
            let sounds = [
                (one + "--b--", "multipart/form-data; boundary=b"), ("RIFFxxxxWAVE", "audio/wav"),
                ("data:audio/wav;base64,UklGRnh4eHhXQVZF", "application/base64"),
            ]
            for (body, type) in sounds {
                let sent = try world.upload(raw, body, type: type)
                sent.succeeds()
                #expect(sent.data["content_type"] == "audio/wav" && sent.data["content_length"] == 12)
                #expect(sent.data["media_source"] == "upload")
                #expect(try world.server.fileSent(for: world.ask("GET", raw)) == Array("RIFFxxxxWAVE".utf8))
            }
        },
        Rule("B10", says: "whoever accepts sound gets it from the recording's own path") { world in
            let id = try world.make("media", ["name": "M", "media_source": "upload"])
            let item = "/v2/accounts/{A}/media/\(id)"
            let accepting = ["HTTP_ACCEPT": "audio/*"]
            try world.get(item, accepting).isRefused(404, "bad_identifier")
            try world.upload("media/\(id)/raw", "ID3xxxxxxxxx", type: "audio/mpeg").succeeds()
            for (query, fields) in [
                ("", accepting), ("", ["HTTP_ACCEPT": "audio/mpeg, */*;q=0.1"]), ("?accept=audio/mpeg", [:]),
                ("?accept=audio/mp3", ["HTTP_ACCEPT": "application/json"]),
            ] {
                let sound = try world.get(item + query, fields)
                #expect(sound.status == 200 && sound.fields[.contentType] == "audio/mpeg", "\(query) \(fields)")
                #expect(try world.server.fileSent(for: sound) == Array("ID3xxxxxxxxx".utf8))
            }
            // A form cannot set a field, and tunnels its wish.
            let tunnelled = try world.send("POST", item, #"{"data":{},"verb":"get","accept":"audio/mpeg"}"#)
            #expect(tunnelled.fields[.contentType] == "audio/mpeg", "\(tunnelled.json)")
            try world.get("\(item)?accept=audio/wav").isRefused(406, "not_acceptable")
            for fields in [[:], ["HTTP_ACCEPT": "application/json, audio/*;q=0.5"], ["HTTP_ACCEPT": "*/*"]] {
                #expect(try world.get(item, fields).data["name"] == "M")
            }
            try world.stranger("GET", item, "", accepting).isRefused(401, "invalid_credentials")
            try world.get("/v2/accounts/{A}/menus/{X}", accepting).isRefused(406, "not_acceptable")
        },
        Rule("B10", says: "what the system says is under /media, for the master account's administrators") { world in
            let master = world.server.master.adminToken
            func send(_ method: String, _ target: String, _ data: JSON = [:]) throws -> Answer {
                try world.server.send(method, "/v2/\(target)", data, master)
            }
            let prompt: JSON = ["name": "Enter", "media_source": "upload", "prompt_id": "vm-enter_pass"]
            let made = try send("PUT", "media", prompt)
            made.succeeds(201)
            #expect(made.fields[.location] == "/v2/media/en-us%2Fvm-enter_pass")
            let item = "media/en-us%2Fvm-enter_pass"
            #expect(try send("GET", item).data == made.data)
            #expect(try send("GET", "media").rows.map { $0["name"] } == ["Enter"])
            #expect(try send("GET", "media/prompts").data == [["vm-enter_pass": 1]])
            #expect(try send("GET", "media/languages/en-us").data == ["en-us/vm-enter_pass"])
            let raw = "/v2/\(item)/raw"
            try world.server.upload("POST", raw, Array("RIFFxxxxWAVE".utf8), type: "audio/wav", master).succeeds()
            #expect(try world.server.fileSent(for: world.server.get(raw, master)) == Array("RIFFxxxxWAVE".utf8))
            let sound = try world.server.get("/v2/\(item)?accept=audio/wav", master)
            #expect(sound.fields[.contentType] == "audio/wav")
            try send("POST", item, ["name": "Other", "media_source": "upload"]).succeeds()
            // They are the master account's recordings.
            #expect(try send("GET", "accounts/\(world.server.master.account)/\(item)").data["name"] == "Other")
            for target in ["media", item, "\(item)/raw"] {
                try world.get("/v2/\(target)").isRefused(403, "forbidden")
                try world.stranger("GET", "/v2/\(target)").isRefused(401, "invalid_credentials")
            }
            try world.send("PUT", "/v2/media", #"{"data":{"name":"x"}}"#).isRefused(403, "forbidden")
            try send("DELETE", item).succeeds()
            #expect(try send("GET", "media").rows.isEmpty)
        },
        Rule(
            "B10",
            otherwise: "PATCH merges into a recording",
            because: "all other documents take it"
        ) { world in
            let id = try world.make("media", ["name": "M", "media_source": "upload", "description": "D"])
            let merged = try world.ask("PATCH", "media/\(id)", ["name": "N"])
            #expect(merged.data["name"] == "N" && merged.data["description"] == "D")
        },
        Rule("B10", says: "a row has what a client reads of a recording") { world in
            let id = try world.make("media", ["name": "M", "media_source": "upload", "language": "EN-us"])
            #expect(
                try world.row("media", id)?.fieldNames == "id name media_source language is_prompt".fieldNames
            )
            try world.upload("media/\(id)/raw", "RIFFxxxxWAVE", type: "audio/wav").succeeds()
            #expect(try world.row("media", id)?["media_type"] == "audio/wav")
            #expect(try world.row("media", id)?["language"] == "en-us")
        },

        Rule("B11", says: "a number of a conference is nobody else's, in whichever place") { world in
            let places: [(String) -> JSONObject] = [
                { ["conference_numbers": [.string($0)]] }, { ["member": ["numbers": [.string($0)]]] },
                { ["moderator": ["numbers": [.string($0)]]] },
            ]
            for (index, place) in places.enumerated() {
                var first = place("300\(index)")
                first["name"] = "First"
                try world.ask("PUT", "conferences", .object(first)).succeeds(201)
                for other in places {
                    var second = other("300\(index)")
                    second["name"] = "Second"
                    let refused = try world.ask("PUT", "conferences", .object(second))
                    refused.isInvalid("numbers", "unique")
                    let told = refused.data["numbers"]?["unique"]
                    #expect(told?["message"] == "Numbers already in use" && told?["cause"]?.string == "300\(index)")
                }
            }
        },
        Rule("B11", says: "a conference shows who is in it, and one that nobody made is not there") { world in
            let id = try world.make("conferences", ["name": "C"])
            let facts = try world.ask("GET", "conferences/\(id)").data["_read_only"]
            #expect(facts == ["members": 0, "moderators": 0, "duration": 0, "is_locked": false, "participants": []])
            for method in ["POST", "PATCH", "DELETE"] {
                try world.ask(method, "conferences/\(World.unknown)", ["name": "x"])
                    .isRefused(404, "bad_identifier")
            }
        },

        Rule("B12", says: "a row of a fax box is the whole box") { world in
            let box: JSONObject = [
                "name": "F", "caller_name": "C", "caller_id": "+12125550123", "fax_header": "H", "fax_identity": "I",
                "fax_timezone": "Europe/Berlin", "retries": 3, "attempts": 1,
                "custom_smtp_email_address": "f@example.com", "smtp_permission_list": ["x@example.com"],
                "notifications": ["inbound": ["email": ["send_to": ["orders@example.com"]]]], "flags": ["x"],
            ]
            let made = try world.ask("PUT", "faxboxes", .object(box))
            made.succeeds(201)
            let row = try world.row("faxboxes", made.id)
            for (name, value) in box { #expect(row?[name] == value, "\(name)") }
            #expect(row?["smtp_email_address"] == made.data["smtp_email_address"])
        },
        Rule(
            "B12",
            otherwise: "a part of a fax box can be changed without its name",
            because: "PATCH means the same everywhere"
        ) { world in
            let id = try world.make("faxboxes", ["name": "F"])
            let merged = try world.ask("PATCH", "faxboxes/\(id)", ["retries": 2])
            #expect(merged.data["retries"] == 2 && merged.data["name"] == "F")
        },
        Rule("B12", otherwise: "there are no faxes", because: "sending them is a switch's and a carrier's work") {
            world in
            for path in ["faxes", "faxes/inbox", "faxes/outgoing", "faxes/smtplog"] {
                try world.ask("GET", path).isRefused(404, "not_found")
            }
        },

        Rule("B13", says: "a number tells its carrier, and POST replaces its features") { world in
            let number = "phone_numbers/%2B12125550100"
            try world.ask("PUT", number, [:], as: world.server.master).succeeds(201)
            try world.ask("PATCH", number, ["cnam": ["display_name": "X"]]).succeeds()
            let read = try world.ask("GET", number)
            #expect(read.data["_read_only"]?["carrier_module"] == "local")
            let replaced = try world.ask("POST", number, ["prepend": ["enabled": true, "name": "P"]])
            #expect(replaced.data["features"] == ["prepend"] && replaced.data["cnam"] == nil)
            #expect(replaced.data["state"] == "in_service")
        },
        Rule("B13", says: "`hard` makes no difference to who is not the master account's") { world in
            let number = "phone_numbers/%2B12125550100"
            try world.ask("PUT", number, [:], as: world.server.master).succeeds(201)
            try world.ask("DELETE", "\(number)?hard=true").succeeds()
            try world.ask("PUT", number, [:]).isRefused(403, "forbidden")
            try world.ask("PUT", number, [:], as: world.server.master).succeeds(201)
        },

        Rule("B14", says: "a hook is of a kind that there is, and of one account") { world in
            let hook: JSONObject = ["name": "H", "hook": "object", "uri": "https://hooks.example.com/"]
            let id = try world.make("webhooks", .object(hook))
            #expect(try world.row("webhooks", id)?.fieldNames == "id hook name uri enabled".fieldNames)
            var unknown = hook
            unknown["hook"] = "channel_tunnel"
            try world.ask("PUT", "webhooks", .object(unknown)).isInvalid("hook", "enum")
            let kinds = try world.stranger("GET", "/v2/webhooks").rows.compactMap { $0["id"] }
            #expect(kinds == ["object"])
        },

        Rule("B15", says: "a part of a document stands under a path of its own, and DELETE leaves an empty object") {
            world in
            let device = try world.device().id
            let user = try world.user().id
            let owners: [(String, [String], JSON)] = [
                ("access_lists", ["", "devices/\(device)"], ["order": "allow,deny", "cidrs": ["192.0.2.0/24"]]),
                (
                    "metaflows", ["", "devices/\(device)", "users/\(user)"],
                    ["binding_digit": "*", "listen_on": "self"]
                ),
            ]
            for (word, places, value) in owners {
                for place in places {
                    let path = place.isEmpty ? word : "\(place)/\(word)"
                    #expect(try world.ask("GET", path).data == [:])
                    let stored = try world.ask("POST", path, value)
                    for (name, member) in value.object ?? [:] { #expect(stored.data[name] == member) }
                    #expect(stored.data["id"] == nil && stored.data["name"] == nil)
                    #expect(try world.ask("GET", place).data[word] == stored.data)
                    #expect(try world.ask("DELETE", path).data == [:])
                    #expect(try world.ask("GET", place).data[word] == nil)
                }
            }
            try world.ask("GET", "users/\(user)/access_lists").isRefused(404, "not_found")
            try world.ask("POST", "access_lists", ["order": "perhaps"]).isInvalid("order", "enum")
        },
        Rule("B15", says: "comments are counted from 0 in the order of their times") { world in
            func comment(_ time: Int) -> JSON {
                ["author": "A", "content": .string("\(time)"), "timestamp": .number(JSONNumber(time))]
            }
            try world.ask("PUT", "comments", ["comments": [comment(2), comment(1)]]).succeeds(201)
            try world.ask("PUT", "comments", ["comments": [comment(3)]]).succeeds(201)
            for place in 0..<3 {
                #expect(try world.ask("GET", "comments/\(place)").data["content"]?.string == "\(place + 1)")
            }
            for method in ["GET", "POST", "DELETE"] {
                let answer = try world.ask(method, "comments/3", method == "POST" ? comment(9) : nil)
                answer.isRefused(404, "bad_identifier")
            }
            try world.ask("DELETE", "comments/0").succeeds()
            #expect(try world.ask("GET", "comments/0").data["content"] == "2")
            #expect(try world.ask("DELETE", "comments").data == ["comments": []])
            try world.ask("GET", "comments/0").isRefused(404, "bad_identifier")
        },
        Rule("B16", says: "who is logged in where is told of an account, a user and a telephone") { world in
            let user = try world.user().id
            let device = try world.device(["name": "Hall", "hotdesk": ["users": .object([user: [:]])]]).id
            for path in ["hotdesks", "users/\(user)/hotdesks"] {
                let rows = try world.ask("GET", path).rows
                #expect(rows.map { $0["device_id"]?.string } == [device] && rows[0]["device_name"] == "Hall")
            }
            #expect(try world.ask("GET", "devices/\(device)/hotdesks").rows.map { $0["id"]?.string } == [user])
        },
    ]
}
