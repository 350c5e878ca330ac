//  Devices: how they are known, to whom they belong, and that nobody signs in as somebody else.

import PluginKit
import TestServer
import Testing

@Suite("B3: devices") struct DevicesTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }
    var devices: String { "\(account)/devices" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    /// As sent, as stored.
    static let addresses: [(String, String)] = [
        ("00:15:65:AA:BB:CC", "001565aabbcc"), ("00-15-65-aa-bb-cc", "001565aabbcc"),
        ("0015.65aa.bbcc", "001565aabbcc"),
        ("001565AABBCC", "001565aabbcc"), ("", ""), ("001565", "001565"),
    ]

    @Test(arguments: addresses)
    func aMACAddressIsKeptAsItsDigits(sent: String, stored: String) throws {
        let made = try server.put(devices, ["name": "A", "mac_address": .string(sent)], tenant.adminToken)
        #expect(made.data["mac_address"]?.string == stored)
        let again = try server.send("PUT", devices, ["name": "B", "mac_address": .string(stored)], tenant.adminToken)
        #expect((again.data["mac_address"]?["unique"] != nil) == !stored.isEmpty)
    }

    @Test func whatKindADeviceIsOnlyTheMasterChanges() throws {
        let made = try server.put(devices, ["name": "A", "device_type": "sip_device"], tenant.adminToken)
        let item = "\(devices)/\(try made.id)"
        let refused = try server.send("PATCH", item, ["device_type": "softphone"], tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["device_type"]?["forbidden"] != nil)
        #expect(try server.send("PATCH", item, ["name": "B"], tenant.adminToken).status == 200)
        let changed = try server.send("PATCH", item, ["device_type": "softphone"], server.master.adminToken)
        #expect(changed.data["device_type"] == "softphone")
        // One that says nothing is a telephone.
        let plain = try server.put(devices, ["name": "C"], tenant.adminToken).id
        let named: JSON = ["device_type": "sip_device"]
        #expect(try server.send("PATCH", "\(devices)/\(plain)", named, tenant.adminToken).status == 200)
    }

    @Test func aMobileTelephoneHasANumber() throws {
        let bare = try server.send("PUT", devices, ["name": "A", "device_type": "mobile"], tenant.adminToken)
        #expect(bare.data["mobile.mdn"]?["required"] != nil)
        let mobile: JSON = ["name": "A", "device_type": "mobile", "mobile": ["mdn": "(212) 555-0100"]]
        #expect(try server.put(devices, mobile, tenant.adminToken).data["mobile"]?["mdn"] == "+12125550100")
        let again = try server.send("PUT", devices, mobile, tenant.adminToken)
        #expect(again.data["mobile.mdn"]?["unique"] != nil)
    }

    /// What the first of two accounts has of SIP, what the second wants, and the field in which it is refused, if it is.
    /// FIRST and SECOND are the accounts' realms.
    static let signIns: [(JSON, JSON, String?)] = [
        (["username": "ada"], ["username": "ada"], nil),
        (["username": "ada", "realm": "x.example.com"], ["username": "ada"], nil),
        (["username": "ada", "realm": "x.example.com"], ["username": "bob", "realm": "x.example.com"], nil),
        (["username": "ada", "realm": "x.example.com"], ["username": "ada", "realm": "y.example.com"], nil),
        (
            ["username": "ada", "realm": "x.example.com"], ["username": "Ada", "realm": "X.example.com"],
            "sip.username"
        ),
        // Nobody signs in at somebody else's realm with a name that is used there.
        (["username": "ada"], ["username": "ada", "realm": "FIRST"], "sip.username"),
        (["username": "ada", "realm": "SECOND"], ["username": "ada"], "sip.username"),
        (["username": "ada"], ["username": "bob", "realm": "FIRST"], nil),
        (["method": "ip", "ip": "192.0.2.1"], ["method": "ip", "ip": "192.0.2.1"], "sip.ip"),
        (["method": "ip", "ip": "192.0.2.1"], ["method": "ip", "ip": "192.0.2.2"], nil),
        (["method": "ip", "ip": "192.0.2.1"], ["method": "password", "ip": "192.0.2.1"], nil),
    ]

    @Test(arguments: signIns)
    func nobodySignsInAsSomebodyOfAnotherAccount(first: JSON, second: JSON, refused: String?) throws {
        let other = try server.makeTenant("Other")
        let theirs = "/v2/accounts/\(other.account)"
        let realms = try [("FIRST", account), ("SECOND", theirs)].map { word, path in
            (word, try server.get(path, server.master.adminToken).data["realm"]?.string ?? "")
        }
        func put(_ sip: JSON, _ path: String) throws -> Answer {
            var body = JSON.object(["data": ["name": "D", "sip": sip]]).text()
            for (word, realm) in realms { body = body.replacing("\"\(word)\"", with: "\"\(realm)\"") }
            return try server.send("PUT", path, body, token: server.master.adminToken)
        }
        let made = try put(first, devices)
        try #require(made.status == 201, "\(made.json)")
        let answer = try put(second, "\(theirs)/devices")
        #expect(answer.status == (refused == nil ? 201 : 400), "\(answer.json)")
        if let refused { #expect(answer.data[refused]?["unique"] != nil, "\(answer.json)") }
        // It is the same device, whatever else changes.
        let item = "\(devices)/\(try made.id)"
        #expect(try server.send("PATCH", item, ["name": "E"], server.master.adminToken).status == 200)
        #expect(try server.send("DELETE", item, token: server.master.adminToken).status == 200)
        #expect(try put(first, devices).status == 201)
    }

    @Test func credentialsAreTheClientsToMake() throws {
        #expect(try server.put(devices, ["name": "A"], tenant.adminToken).data["sip"]?["password"] == nil)
    }
}
