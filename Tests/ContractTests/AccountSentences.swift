//  Sections B1 to B3 of the catalogue: accounts, users and devices.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let accounts: [Rule] = [
        Rule("B1", says: "a realm that is left out is random digits below a suffix") { world in
            let realm = try world.ask("PUT", "", ["name": "Child"]).data["realm"]?.string ?? ""
            #expect(realm.wholeMatch(of: /[0-9a-f]{6}(\.[a-z0-9]+)+/) != nil, "\(realm)")
        },
        Rule(
            "B1",
            otherwise: "an account is off as long as one above it is, and keeps its own switch",
            because: "what Crossbar copies at its making stays off when the account above is on again"
        ) { world in
            let master = world.server.master
            try world.ask("PATCH", "", ["enabled": false], as: master).succeeds()
            let child = try world.ask("PUT", "", ["name": "Child"], as: master)
            #expect(child.data["enabled"] == true)
            let user: JSON = ["first_name": "A", "last_name": "B", "username": "admin", "password": "secret"]
            _ = try world.server.put("/v2/accounts/\(child.id)/users", user, master.adminToken)
            // The MD5 of admin:secret.
            let proof = #"{"data":{"account_name":"Child","credentials":"2d1e4f91dae49cd08eaba2293e422273"}}"#
            #expect(try world.stranger("PUT", "/v2/user_auth", proof).status == 401)
            try world.ask("PATCH", "", ["enabled": true], as: master).succeeds()
            try world.stranger("PUT", "/v2/user_auth", proof).succeeds(201)
        },
        Rule(
            "B1",
            otherwise: "nobody is mailed that an account was made",
            because: "its event tells whoever wants to know"
        ) { world in
            let sequence = try world.server.events().last?.sequence ?? 0
            try world.ask("PUT", "", ["name": "Child", "send_email_on_creation": true]).succeeds(201)
            #expect(try world.server.notices().isEmpty)
            #expect(try world.server.events(after: sequence).map(\.event.name) == ["account_created"])
        },
        Rule(
            "B1",
            otherwise: "the key has 64 characters that say whose it is, and PUT makes another",
            because: "scanners find one that leaked; clients only carry it"
        ) { world in
            func key(_ method: String) throws -> String {
                try world.ask(method, "api_key").data["api_key"]?.string ?? ""
            }
            let first = try key("GET")
            #expect(first.wholeMatch(of: /jackfield_[0-9a-f]{54}/) != nil)
            let second = try key("PUT")
            #expect(second.utf8.count == 64 && second != first)
        },
        Rule("B1", says: "children and descendants stand by name, with their flags") { world in
            for name in ["B", "C", "A"] {
                try world.ask("PUT", "", ["name": .string(name), "flags": [.string("f\(name)")]]).succeeds(201)
            }
            for list in ["children", "descendants"] {
                let rows = try world.ask("GET", "\(list)?ascending=true").rows
                #expect(rows.map { $0["name"] } == ["A", "B", "C"])
                #expect(rows.first?["flags"] == ["fA"])
                let names = list == "children" ? "id name realm descendants_count flags" : "id name realm tree flags"
                #expect(rows.first?.fieldNames == names.fieldNames)
            }
        },
        Rule("B1", says: "the line of an account begins with the caller's own") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            let master = world.server.master
            for word in ["tree", "parents"] {
                func line(_ token: String) throws -> [String?] {
                    let rows = try world.server.get("/v2/accounts/\(child.account)/\(word)", token).rows
                    #expect(rows.allSatisfy { $0.fieldNames == "id name".fieldNames })
                    return rows.map { $0["id"]?.string }
                }
                #expect(try line(master.adminToken) == [master.account, world.tenant.account])
                #expect(try line(world.tenant.adminToken) == [world.tenant.account])
                #expect(try line(child.adminToken) == [])
            }
        },
        Rule("B1", says: "nothing is moved below itself, and a tree moves whole") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            let other = try world.server.makeTenant("Other")
            let master = world.server.master
            for inside in [world.tenant.account, child.account] {
                let answer = try world.ask("POST", "move", ["to": .string(inside)], as: master)
                answer.isRefused(403, "forbidden")
            }
            try world.ask("POST", "move", ["to": .string(other.account)], as: master).succeeds()
            let line = try world.server.get("/v2/accounts/\(child.account)/tree", master.adminToken).rows
            #expect(line.map { $0["id"]?.string } == [master.account, other.account, world.tenant.account])
        },
        Rule("B1", says: "an account that is gone is in no list and gives its name back") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            try world.send("DELETE", "/v2/accounts/\(child.account)").succeeds()
            for list in ["children", "descendants", "search?t=account&q=name&v=child"] {
                #expect(try world.ask("GET", list).rows.isEmpty)
            }
            try world.send("GET", "/v2/accounts/\(child.account)").isRefused(404, "bad_identifier")
            try world.ask("PUT", "", ["name": "Child"]).succeeds(201)
        },

        Rule(
            "B2",
            otherwise: "nobody is mailed a password",
            because: "a mail with a password lies about for ever"
        ) { world in
            let user: JSON = [
                "first_name": "A", "last_name": "B", "username": "ab", "password": "a secret of theirs",
                "email": "ab@example.com", "send_email_on_creation": true,
            ]
            let made = try world.user(user)
            #expect(made.data["password"] == nil)
            #expect(try world.server.notices().isEmpty)
        },
        Rule("B2", says: "a password is shown by no method, and kept by none") { world in
            let id = try world.user().id
            let login: JSON = ["username": "ada", "password": "a secret of hers"]
            for method in ["PATCH", "POST"] {
                var fields = login.object ?? [:]
                (fields["first_name"], fields["last_name"]) = ("Ada", "Lovelace")
                let changed = try world.ask(method, "users/\(id)", .object(fields))
                changed.succeeds()
                #expect(changed.data["password"] == nil)
                #expect(try world.ask("GET", "users/\(id)").data["password"] == nil)
            }
        },
        Rule(
            "B2",
            otherwise: "a photo comes as bytes or in base64, and is sent as what it is",
            because: "whoever wants base64 can make it of the bytes"
        ) { world in
            let photo = "users/\(try world.user().id)/photo"
            try world.upload(photo, "data:image/png;base64,iVBORw0KGgo=", type: "application/base64").succeeds()
            let sent = try world.ask("GET", photo)
            #expect(sent.fields[.contentType] == "image/png")
            #expect(try world.server.fileSent(for: sent) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            func status(_ accept: String) throws -> Int { try world.ask("GET", "\(photo)?accept=\(accept)").status }
            #expect(try status("application/octet-stream") == 200)
            #expect(try status("application/base64") == 406)
            #expect(try world.upload(photo, "iVBORw0KGg=", type: "application/base64").status == 400)
        },
        Rule("B2", says: "a row has what a client reads of a user") { world in
            let user: JSON = [
                "first_name": "A", "last_name": "B", "username": "ab", "password": "a secret of theirs",
                "email": "ab@example.com", "priv_level": "user", "feature_level": "basic", "presence_id": "1001",
                "timezone": "Europe/Berlin", "call_recording": ["any": ["onnet": ["enabled": true]]],
                "service": ["plans": [:]], "flags": ["x"],
            ]
            let row = try world.row("users", world.user(user).id)
            let names = """
                id features username email first_name last_name priv_level feature_level presence_id timezone \
                call_recording service flags
                """
            #expect(row?.fieldNames == names.fieldNames)
        },

        Rule("B3", says: "who is known by an address has one of four numbers") { world in
            func put(_ address: String) throws -> Answer {
                try world.ask("PUT", "devices", ["name": "D", "sip": ["method": "ip", "ip": .string(address)]])
            }
            for address in ["host.example.com", "192.0.2", "192.0.2.256", "192.0.2.07", "2001:db8::1", "192.0.2.1 "] {
                try put(address).isInvalid("sip.ip", "type")
            }
            try put("192.0.2.1").succeeds(201)
            try put("192.0.2.1").isInvalid("sip.ip", "unique")
        },
        Rule("B3", says: "the server invents no name and no password of SIP") { world in
            let made = try world.device()
            for name in ["username", "password", "realm"] { #expect(made.data["sip"]?[name] == nil) }
        },
        Rule("B3", says: "a row has what a client reads of a device, also below its user") { world in
            let owner = try world.user().id
            let device: JSON = [
                "name": "Desk", "owner_id": .string(owner), "mac_address": "001565123456", "device_type": "mobile",
                "mobile": ["mdn": "+12125550100"], "sip": ["username": "desk"], "flags": ["x"],
                "call_recording": ["any": ["onnet": ["enabled": true]]],
            ]
            let id = try world.device(device).id
            let names = "id name username mac_address owner_id enabled device_type mobile call_recording flags"
            let row = try world.row("devices", id)
            #expect(row?.fieldNames == names.fieldNames)
            #expect(row?["enabled"] == true && row?["username"] == "desk" && row?["device_type"] == "mobile")
            let below = "id name mac_address owner_id enabled device_type hotdesked call_recording".fieldNames
            #expect(try world.row("users/\(owner)/devices", id)?.fieldNames.isSuperset(of: below) == true)
            let bare = try world.row("devices", world.device(["name": "Bare"]).id)
            #expect(bare?["mac_address"] == "" && bare?["device_type"] == "sip_device" && bare?["enabled"] == true)
        },
        Rule("B3", says: "a newer client's wish for a status changes nothing") { world in
            try world.device()
            let list = try world.ask("GET", "devices").rows
            #expect(try world.ask("GET", "devices?with_status=true").rows == list && list.count == 1)
        },
    ]
}
