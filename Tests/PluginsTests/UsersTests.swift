//  Users: how they are named and listed, what their passwords are made of, and what stays of them.

import PluginKit
import TestServer
import Testing

@Suite("B2: users") struct UsersTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }
    var users: String { "\(account)/users" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    private func make(_ more: JSONObject = [:]) throws -> Answer {
        var user: JSONObject = ["first_name": "Ada", "last_name": "Lovelace"]
        for (name, value) in more { user[name] = value }
        return try server.send("PUT", users, .object(user), tenant.adminToken)
    }

    /// The MD5 of `ada:a secret of hers`.
    private static let proof = "d2d7495a22f303f0484f885acaa537da"

    private func status(_ credentials: String) throws -> Int {
        let body = #"{"data":{"account_name":"Tenant","credentials":"\#(credentials)"}}"#
        return try server.send("PUT", "/v2/user_auth", body).status
    }

    /// What belongs together, and the field and the rule of the refusal.
    static let incomplete: [(JSONObject, String, String)] = [
        (["username": "ada"], "password", "required"), (["password": "a secret of hers"], "username", "required"),
    ]

    @Test(arguments: incomplete)
    func aNameAndAPasswordComeTogether(fields: JSONObject, path: String, rule: String) throws {
        let refused = try make(fields)
        #expect(refused.status == 400)
        #expect(refused.data[path]?[rule] != nil, "\(refused.json)")
    }

    @Test func aNameIsWrittenSmall() throws {
        #expect(try make(["username": "ADA", "password": "a secret of hers"]).data["username"] == "ada")
    }

    /// Whoever has the digest of a password could log in with it.
    @Test func aDigestIsNoPasswordAndIsNotKept() throws {
        #expect(try make(["username": "ada", "credentials": .string(Self.proof)]).status == 400)
        let made = try make(["credentials": .string(Self.proof)])
        #expect(made.status == 201 && made.data["credentials"] == nil)
        #expect(try status(Self.proof) == 401)
    }

    @Test func whoHasNoNameAnyMoreCannotLogIn() throws {
        let made = try make(["username": "ada", "password": "a secret of hers"])
        #expect(try status(Self.proof) == 201)
        let nameless: JSON = ["first_name": "Ada", "last_name": "Lovelace"]
        #expect(try server.send("POST", "\(users)/\(made.id)", nameless, tenant.adminToken).status == 200)
        #expect(try status(Self.proof) == 401)
    }

    @Test func aListIsByLastNameAndThenFirstName() throws {
        for (first, last) in [("Grace", "Hopper"), ("Ada", "Lovelace"), ("Ada", "Hopper")] {
            _ = try make(["first_name": .string(first), "last_name": .string(last)])
        }
        let rows = try server.get("\(users)?ascending=true", tenant.adminToken).rows
        let names = rows.map { "\($0["first_name"]?.string ?? "") \($0["last_name"]?.string ?? "")" }
        #expect(names == ["An Admin", "Ada Hopper", "Grace Hopper", "Ada Lovelace"])
        #expect(try server.get(users, tenant.adminToken).rows.first?["last_name"] == "Lovelace")
    }

    /// Settings of a user, and the features in the list.
    static let features: [(JSONObject, JSON)] = [
        (["features": ["own"], "hotdesk": ["enabled": true]], ["own", "hotdesk"]),
        (["call_forward": ["enabled": true, "failover": true]], ["call_forward"]),
        (["call_forward": ["failover": true]], ["call_forward_failover"]),
        (["ctu": ["enabled": true], "desktop": ["enabled": true]], ["ctu", "desktop"]),
        (["desktop": ["enabled": false]], []),
    ]

    @Test(arguments: features)
    func aListNamesWhatIsSwitchedOn(settings: JSONObject, features: JSON) throws {
        var user = settings
        user["vm_to_email_enabled"] = false
        let id = try make(user).id
        let row = try server.get(users, tenant.adminToken).rows.first { $0["id"]?.string == id }
        #expect(row?["features"] == features)
    }

    @Test func whatAUserOwnedStays() throws {
        let owner = JSON.string(try make().id)
        let owned: [(String, JSON)] = [
            ("devices", ["name": "D", "owner_id": owner]),
            ("vmboxes", ["name": "B", "mailbox": "1", "owner_id": owner]),
            ("callflows", ["numbers": ["1"], "owner_id": owner]),
        ]
        let items = try owned.map { word, fields in
            "\(account)/\(word)/\(try server.put("\(account)/\(word)", fields, tenant.adminToken).id)"
        }
        #expect(try server.send("DELETE", "\(users)/\(owner.string ?? "")", token: tenant.adminToken).status == 200)
        for item in items { #expect(try server.get(item, tenant.adminToken).data["owner_id"] == owner, "\(item)") }
    }

    @Test func aCardHasThePhotoOfNow() throws {
        let user = "\(users)/\(try make().id)"
        let photo = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 7, count: 100)
        let sent = try server.upload("POST", "\(user)/photo", photo, type: "image/jpeg", tenant.adminToken)
        #expect(sent.status == 200, "\(sent.json)")
        let card = try server.get("\(user)/vcard", tenant.adminToken).text
        #expect(card.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 75 })
        let lines = card.replacing("\r\n ", with: "").split(separator: "\r\n")
        let line = try #require(lines.first { $0.hasPrefix("PHOTO;ENCODING=b;TYPE=JPEG:") })
        #expect(line.hasSuffix(":/9j/4AcH" + String(repeating: "BwcH", count: 32) + "Bwc="))
        #expect(try server.send("DELETE", "\(user)/photo", token: tenant.adminToken).status == 200)
        #expect(try !server.get("\(user)/vcard", tenant.adminToken).text.contains("PHOTO"))
    }
}
