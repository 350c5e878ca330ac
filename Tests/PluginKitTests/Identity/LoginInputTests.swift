//  Whatever a login is sent, it answers as the contract says, and lets in whom it should and nobody else.

import HTTPMessage
import Identity
import TestServer
import Testing

@testable import PluginKit

@Suite struct LoginInputTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let other: TestServer.Tenant

    private static let number = "+12125550123"
    private static let otherNumber = "+12125550124"

    init() throws {
        // How often one may fail is not what is asked here.
        var settings = IdentitySettings()
        settings.throttle.source.burst = 1_000_000
        settings.throttle.account.burst = 1_000_000
        settings.throttle.freeFailures = 1_000_000
        settings.requests.cost = 0
        server = try TestServer(settings: settings)
        tenant = try server.makeTenant("Tenant")
        other = try server.makeTenant("Other")
        for (tenant, realm, number) in [
            (tenant, "tenant.example", Self.number), (other, "other.example", Self.otherNumber),
        ] {
            let path = "/v2/accounts/\(tenant.account)"
            _ = try server.send("PATCH", path, ["realm": .string(realm)], server.master.adminToken)
            _ = try server.put("\(path)/phone_numbers/\(number)", [:], server.master.adminToken)
        }
        // Who gets into which account shows which account was meant.
        let admin = "/v2/accounts/\(other.account)/users/\(other.admin)"
        _ = try server.send("PATCH", admin, ["password": "another"], other.adminToken)
    }

    private func logIn(_ data: JSONObject) throws -> Answer {
        try server.stranger("PUT", "/v2/user_auth", .object(data))
    }

    private static let good: JSONObject = ["username": "admin", "password": "secret", "account_name": "Tenant"]

    // MARK: Which account

    @Test(arguments: ["+12125550123", "(212) 555-0123", "1-212-555-0123", "0012125550123"])
    func aPhoneNumberNamesItsAccount(number: String) throws {
        let login = try logIn(["username": "admin", "password": "secret", "phone_number": .string(number)])
        #expect(login.status == 201 && login.data["account_id"]?.string == tenant.account, "\(login.json)")
        let user = try server.makeUser(tenant, "ada", more: ["email": "ada@example.com"])
        let data: JSON = [
            "username": "ada", "phone_number": .string(number), "ui_url": "https://ui.example/reset",
        ]
        #expect(try server.stranger("PUT", "/v2/user_auth/recovery", data).status == 201)
        #expect(try server.notices().map { $0["user_id"]?.string } == [user])
    }

    @Test func aNumberThatWasReleasedNamesNobody() throws {
        let path = "/v2/accounts/\(tenant.account)/phone_numbers/\(Self.number)"
        #expect(try server.send("DELETE", path, token: server.master.adminToken).status == 200)
        let login = try logIn(["username": "admin", "password": "secret", "phone_number": .string(Self.number)])
        #expect(login.status == 401)
    }

    /// What may be said of the account, and whose account that is: 0 the tenant's, 1 the other's, nil nobody's.
    private static let keys: [(field: String, values: [(text: String, owner: Int?)])] = [
        ("phone_number", [(number, 0), (otherNumber, 1), ("+19995550000", nil)]),
        ("account_realm", [("tenant.example", 0), ("OTHER.example", 1), ("no.example", nil)]),
        ("realm", [("tenant.example", 0), ("other.example", 1), ("no.example", nil)]),
        ("account_name", [("TENANT", 0), ("o-t-h-e-r", 1), ("nobody", nil)]),
        ("account_id", [("ID", nil)]),
    ]

    /// Every choice of the keys, each left out or with each of its values.
    private func forEveryCombination(_ body: (_ data: JSONObject, _ owner: Int?) throws -> Void) throws {
        var combinations: [(data: JSONObject, owners: [String: Int])] = [([:], [:])]
        for (field, values) in Self.keys {
            combinations += combinations.flatMap { combination in
                values.map { value in
                    var next = combination
                    next.data[field] = .string(value.text.replacing("ID", with: other.account))
                    next.owners[field] = value.owner
                    return next
                }
            }
        }
        for (data, owners) in combinations {
            // A number first, a realm next, by its former name only where it has no other, and at last a name.
            let realm = data["account_realm"] == nil ? owners["realm"] : owners["account_realm"]
            try body(data, owners["phone_number"] ?? realm ?? owners["account_name"])
        }
    }

    @Test func everyCombinationOfAccountKeysMeansOneAccount() throws {
        var count = 0
        try forEveryCombination { data, owner in
            var data = data
            data["username"] = "admin"
            data["password"] = "secret"
            let answer = try logIn(data)
            count += 1
            if owner == 0 {
                #expect(answer.status == 201 && answer.data["account_id"]?.string == tenant.account, "\(data)")
            } else {
                #expect(answer.status == 401 && answer.data == ["message": "invalid credentials"], "\(data)")
                #expect(answer.json["auth_token"] == nil)
            }
        }
        #expect(count == 4 * 4 * 4 * 4 * 2)
    }

    @Test func everyCombinationIsForgivenAForgottenPassword() throws {
        _ = try server.makeUser(tenant, "ada", more: ["email": "ada@example.com"])
        // 512 requests; who may ask how often is tested with the letters.
        try forEveryCombination { data, owner in
            var data = data
            data["username"] = "ada"
            data["ui_url"] = "https://ui.example/reset"
            let letters = try server.notices().count
            server.advance(by: 301)
            let answer = try server.stranger("PUT", "/v2/user_auth/recovery", .object(data))
            #expect(answer.status == 201 && answer.data == "Request for password reset handled", "\(answer.json)")
            // The letter may be written for the tenant's user only; a realm's former name is none here.
            let mayBeWritten = owner == 0 || data["realm"] != nil
            #expect(try mayBeWritten || server.notices().count <= letters, "\(data)")
        }
        #expect(try !server.notices().isEmpty)
    }

    // MARK: What is sent

    /// What belongs into no field.
    private static let nonsense: [JSON] = [
        .null, true, 0, -1, .number(1.5), [], [[]], [:], ["a": ["b": 1]], ["x", 7],
    ]

    /// Texts that mean nothing, and may be dangerous.
    private static let texts: [String] = [
        "", " ", "x", "\u{0}", "\u{FEFF}", "\n", "' OR '1'='1", "../../etc/passwd", "{}", "null", "%00", "\u{1F600}",
        "e\u{301}", "\u{202E}", String(repeating: "x", count: 65), String(repeating: "9", count: 300),
        String(repeating: "ü", count: 5_000), "-1e999", "_design/x",
    ]

    /// The fields of a login, and of a forgotten password, with their types.
    static let fields: [(target: String, method: String, field: String)] =
        [
            "username", "password", "credentials", "method", "multi_factor_response", "multi_factor_token",
            "account_name", "account_realm", "phone_number", "realm", "account_id", "as", "action",
        ].map { ("/v2/user_auth", "PUT", $0) }
        + ["username", "ui_url", "account_name", "account_realm", "phone_number", "account_id"]
        .map { ("/v2/user_auth/recovery", "PUT", $0) }
        + ["reset_id", "multi_factor_response"].map { ("/v2/user_auth/recovery", "POST", $0) }
        + ["api_key", "account_id"].map { ("/v2/api_auth", "PUT", $0) }
        + ["token"].map { ("/v2/auth/tokeninfo", "POST", $0) }

    /// Those that the schemas say nothing of.
    private static let free: Set<String> = ["realm", "account_id", "as", "action", "token"]

    @Test(arguments: fields)
    func whatBelongsIntoNoFieldIsNamedOrIgnored(row: (target: String, method: String, field: String)) throws {
        for value in Self.nonsense + Self.texts.map({ .string($0) }) {
            for base in [
                Self.good, [:], ["credentials": "2d1e4f91dae49cd08eaba2293e422273", "account_name": "Tenant"],
            ] {
                var data = base
                data[row.field] = value
                if row.target.hasSuffix("recovery") { data["ui_url"] = data["ui_url"] ?? "https://ui.example/x" }
                let answer = try server.stranger(row.method, row.target, .object(data))
                let name = "\(row) \(value) on \(base): \(answer.status) \(answer.text.prefix(200))"
                #expect([200, 201, 400, 401, 403, 404].contains(answer.status), "\(name)")
                // A token is for the one whose password was right, and for nobody else.
                if answer.json["auth_token"] != nil {
                    #expect(answer.data["account_id"]?.string == tenant.account, "\(name)")
                    #expect(answer.data["owner_id"]?.string == tenant.admin, "\(name)")
                }
                // What is of the wrong type is said to be.
                if value.string == nil, !Self.free.contains(row.field), answer.data.object?[row.field] == nil {
                    #expect(row.target == "/v2/api_auth" && answer.status == 400, "\(name)")
                }
            }
        }
    }

    @Test(arguments: ["", "null", "7", "[]", "\"x\"", "{", "{\"data\":null}", "{\"data\":[]}", "{\"data\":{}}{}"])
    func whatIsNoEnvelopeIsRefused(body: String) throws {
        for target in ["/v2/user_auth", "/v2/user_auth/recovery", "/v2/api_auth"] {
            let answer = try server.send("PUT", target, body)
            #expect(answer.status == 400, "\(target) \(body): \(answer.text)")
        }
    }

    @Test func manyWrongFieldsAtOnceAreNoFault() throws {
        var random = SystemRandomNumberGenerator()
        let values = Self.nonsense + Self.texts.map { .string($0) } + Self.good.map(\.value)
        let names = Self.fields.map(\.field)
        for _ in 0..<500 {
            var data: JSONObject = [:]
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                guard let name = names.randomElement(using: &random), let value = values.randomElement(using: &random)
                else { continue }
                data[name] = value
            }
            let (target, method, _) = try Self.fields.randomElement(using: &random).orSurprise("no fields")
            let answer = try server.stranger(method, target, .object(data))
            #expect(answer.status < 500, "\(method) \(target) \(JSON.object(data).text().prefix(500)): \(answer.text)")
        }
    }
}
