//  What is shown of documents under other paths: telephones and groups of a user, hot desks, and what only a switch knows.

import PluginKit
import TestServer
import Testing

@Suite struct ViewsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    private func user(_ name: String) throws -> String {
        try server.put("\(account)/users", ["first_name": .string(name), "last_name": "X"], tenant.adminToken).id
    }

    @Test("B3, B16: a user has own telephones and those of hot desks")
    func aUserHasOwnTelephonesAndThoseOfHotDesks() throws {
        let (ada, bob) = (try user("Ada"), try user("Bob"))
        let own = try server.put(
            "\(account)/devices",
            ["name": "Own", "owner_id": .string(ada), "hotdesk": ["users": [bob: [:]]]],
            tenant.adminToken
        ).id
        func devices(_ user: String) throws -> [JSON] {
            try server.get("\(account)/users/\(user)/devices", tenant.adminToken).rows
        }
        #expect(try devices(ada).map { $0["hotdesked"] } == [false])
        #expect(try devices(bob).map { $0["hotdesked"] } == [true])
        #expect(try devices(bob).first?["id"]?.string == own)
        let pair: JSON = ["id": .string(own), "device_name": "Own", "device_id": .string(own)]
        #expect(try server.get("\(account)/hotdesks", tenant.adminToken).rows == [pair])
        #expect(try server.get("\(account)/users/\(bob)/hotdesks", tenant.adminToken).rows == [pair])
        #expect(try server.get("\(account)/users/\(ada)/hotdesks", tenant.adminToken).rows.isEmpty)
        let there = try server.get("\(account)/devices/\(own)/hotdesks", tenant.adminToken).rows
        #expect(there == [["id": .string(bob), "first_name": "Bob", "last_name": "X"]])
        // Logged out, the user is nowhere.
        _ = try server.send(
            "PATCH",
            "\(account)/devices/\(own)",
            ["hotdesk": ["users": [bob: .null]]],
            tenant.adminToken
        )
        #expect(try devices(bob).isEmpty)
        #expect(try server.get("\(account)/hotdesks", tenant.adminToken).rows.isEmpty)
        #expect(try server.get("\(account)/users/nobody/devices", tenant.adminToken).status == 404)
    }

    @Test("B7: a user has the groups that ring him")
    func aUserHasTheGroupsThatRingHim() throws {
        let ada = try user("Ada")
        let group: JSON = ["name": "Sales", "endpoints": .object([ada: ["type": "user"], "d": ["type": "device"]])]
        _ = try server.put("\(account)/groups", group, tenant.adminToken)
        let groups = try server.get("\(account)/users/\(ada)/groups", tenant.adminToken).rows
        #expect(groups.map { $0["name"] } == ["Sales"])
    }

    @Test("B2: a user is a card for address books")
    func aUserIsACardForAddressBooks() throws {
        let user: JSON = ["first_name": "Ada, Countess", "last_name": "Lovelace", "email": "ada@example.com"]
        let ada = try server.put("\(account)/users", user, tenant.adminToken).id
        _ = try server.put("\(account)/callflows", ["numbers": ["1001"], "owner_id": .string(ada)], tenant.adminToken)
        let card = try server.send(
            "GET",
            "\(account)/users/\(ada)/vcard",
            token: tenant.adminToken,
            fields: ["HTTP_ACCEPT": "text/x-vcard"]
        )
        #expect(card.status == 200)
        #expect(card.fields[.contentType] == "text/x-vcard; charset=utf-8")
        let lines = card.text.split(separator: "\r\n")
        #expect(lines.first == "BEGIN:VCARD")
        #expect(lines.contains("N:Lovelace;Ada\\, Countess;;;"))
        #expect(lines.contains("TEL;TYPE=WORK:1001"))
        #expect(lines.last == "END:VCARD")
        #expect(try server.get("\(account)/users/nobody/vcard", tenant.adminToken).status == 404)
    }

    @Test("B3: a mobile number and an address are of one device")
    func aMobileNumberAndAnAddressAreOfOneDevice() throws {
        let path = "\(account)/devices"
        _ = try server.put(path, ["name": "A", "mobile": ["mdn": "2125550100"]], tenant.adminToken)
        let mobile = try server.send("PUT", path, ["name": "B", "mobile": ["mdn": "+12125550100"]], tenant.adminToken)
        #expect(mobile.data["mobile.mdn"]?["unique"] != nil)
        let trunk: JSON = ["name": "C", "sip": ["method": "ip", "ip": "192.0.2.1"]]
        _ = try server.put(path, trunk, tenant.adminToken)
        #expect(try server.send("PUT", path, trunk, tenant.adminToken).data["sip.ip"]?["unique"] != nil)
    }

    /// A path below the account, and the answer of a server that has no switch.
    static let empty: [(String, JSON)] = [
        ("channels", []), ("registrations", []), ("transactions", []), ("port_requests", []), ("devices/status", []),
        ("ledgers", [:]), ("ledgers/total", ["amount": 0]), ("ledgers/available", ["amount": 0]), ("services", [:]),
        ("services/available", [:]), ("services/summary", [:]), ("presence", ["subscriptions": [:]]),
        ("parked_calls", ["slots": [:]]),
    ]

    @Test("B3, D3: what a switch would know is empty", arguments: empty)
    func whatASwitchWouldKnowIsEmpty(path: String, data: JSON) throws {
        let answer = try server.get("\(account)/\(path)", tenant.adminToken)
        #expect(answer.status == 200)
        #expect(answer.data == data)
    }

    @Test("B3, B11, B16: what a switch would do is no success")
    func whatASwitchWouldDoIsNoSuccess() throws {
        let ada = try user("Ada")
        let device = try server.put("\(account)/devices", ["name": "D"], tenant.adminToken).id
        let room = try server.put("\(account)/conferences", ["name": "C"], tenant.adminToken).id
        let calls: [(String, String)] = [
            ("GET", "users/\(ada)/quickcall/1001"), ("POST", "devices/\(device)/quickcall/1001"),
            ("POST", "devices/\(device)/sync"), ("PUT", "devices/\(device)"), ("PUT", "conferences/\(room)"),
            ("PUT", "conferences/\(room)/participants"), ("POST", "presence/1001"),
            ("POST", "users/\(ada)/presence"),
        ]
        for (method, path) in calls {
            let answer = try server.send(method, "\(account)/\(path)", ["action": "notify"], tenant.adminToken)
            #expect(answer.status == 501, "\(method) \(path): \(answer.json)")
            #expect(answer.json["status"] == "error")
        }
        #expect(try server.get("\(account)/conferences/\(room)/participants", tenant.adminToken).data == [])
    }

    @Test("B10: a recording tells its type and size after an upload")
    func aRecordingTellsItsTypeAndSizeAfterAnUpload() throws {
        let media = try server.put("\(account)/media", ["name": "M", "media_source": "upload"], tenant.adminToken).id
        let raw = "\(account)/media/\(media)/raw"
        #expect(try server.get(raw, tenant.adminToken).status == 404)
        let sent = try server.send(
            "POST",
            raw,
            "RIFFxxxxWAVE",
            token: tenant.adminToken,
            fields: ["CONTENT_TYPE": "audio/wav"]
        )
        #expect(sent.status == 200)
        #expect(sent.data["content_type"] == "audio/wav")
        #expect(sent.data["content_length"] == 12)
        #expect(try server.get("\(account)/media", tenant.adminToken).rows.first?["media_type"] == "audio/wav")
        let text = try server.send(
            "POST",
            raw,
            "hello",
            token: tenant.adminToken,
            fields: ["CONTENT_TYPE": "text/plain"]
        )
        #expect(text.status == 415)
    }
}
