//  Section 9: how somebody becomes known, by which token, and for how long.

import Foundation
import PluginKit
import TestServer
import Testing

extension World {
    /// The MD5 and the SHA-1 of `admin:secret`, as Crossbar's clients send them.
    fileprivate static let md5: JSON = "2d1e4f91dae49cd08eaba2293e422273"
    fileprivate static let sha: JSON = "7efaf6701fdf8c6780897f20d5a1a1526dd92029"

    /// Logs the tenant's administrator in, or whomever the fields name in his place.
    fileprivate func logIn(_ fields: JSONObject = [:], _ more: JSONObject = [:]) throws -> Answer {
        var data: JSONObject = ["username": "admin", "password": "secret", "account_name": "Tenant"]
        for (name, value) in fields { data[name] = value == .null ? nil : value }
        var envelope: JSONObject = ["data": .object(data)]
        for (name, value) in more { envelope[name] = value }
        return try stranger("PUT", "/v2/user_auth", JSON.object(envelope).text())
    }

    fileprivate func newToken() throws -> String {
        let answer = try logIn()
        return try (answer.json["auth_token"]?.string).orSurprise("\(answer.json)")
    }

    /// Asks for the tenant's account with one token in each place.
    fileprivate func ask(header: String? = nil, query: String? = nil, authorization: String? = nil) throws -> Answer {
        var fields: [String: String] = [:]
        fields["HTTP_X_AUTH_TOKEN"] = header
        fields["HTTP_AUTHORIZATION"] = authorization
        return try stranger("GET", "/v2/accounts/{A}" + (query.map { "?auth_token=\($0)" } ?? ""), "", fields)
    }

    fileprivate func asMaster(_ method: String, _ path: String, _ data: JSON = [:]) throws -> Answer {
        try server.send(method, "/v2/accounts/\(tenant.account)\(path)", data, server.master.adminToken)
    }

    /// A segment of a token.
    fileprivate func segment(_ index: Int, of token: String) throws -> JSON {
        var text = String(token.split(separator: ".")[index])
        text = text.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let bytes = try Data(base64Encoded: text).orSurprise("no base64: \(text)")
        return try JSON(parsing: [UInt8](bytes))
    }
}

extension Rule {
    private static let refused: JSON = ["message": "invalid credentials"]

    static let logins: [Rule] =
        tokenPlaces + tokenStates + userLogins + tokenForms + otherLogins + recoveries + policies

    private static let tokenPlaces: [Rule] = [
        Rule("9.1.1", says: "the header, then the query, then the envelope, then Authorization: the first decides") {
            world in
            let good = world.tenant.adminToken
            try world.ask(header: good, query: "junk").succeeds()
            try world.ask(header: "junk", query: good).isRefused(401, "invalid_credentials", refused)
            try world.ask(query: good, authorization: "Bearer junk").succeeds()
            try world.ask(query: "junk", authorization: "Bearer \(good)").isRefused(401, "invalid_credentials")
            func create(_ token: String, _ fields: [String: String]) throws -> Answer {
                let body = #"{"data":{"name":"x"},"auth_token":"\#(token)"}"#
                return try world.stranger("PUT", "/v2/accounts/{A}/devices", body, fields)
            }
            try create(good, ["HTTP_AUTHORIZATION": "Bearer junk"]).succeeds(201)
            try create("junk", ["HTTP_AUTHORIZATION": "Bearer \(good)"]).isRefused(401, "invalid_credentials")
            try create("junk", ["HTTP_X_AUTH_TOKEN": good]).succeeds(201)
        },
        Rule(
            "9.1.1",
            otherwise: "`authorization` is a header and no parameter",
            because: "no known client sends it, and a password in a query string is in every log on its way"
        ) { world in
            let target = "/v2/accounts/{A}?authorization=Bearer%20\(world.tenant.adminToken)"
            try world.stranger("GET", target).isRefused(401, "invalid_credentials")
        },
        Rule("9.1.2", says: "another scheme than Basic and Bearer is as nothing") { world in
            for field in ["Digest x", "Bearer", "Bearer ", "x", ""] {
                try world.ask(authorization: field).isRefused(401, "invalid_credentials", refused)
                let fields = ["HTTP_AUTHORIZATION": field]
                try world.stranger("GET", "/v2/schemas", "", fields).succeeds()
            }
        },
        Rule(
            "9.1.3",
            otherwise: "an empty header and the text `undefined` shadow nothing",
            because: "browsers' interfaces send them before anybody has logged in"
        ) { world in
            for header in ["", "undefined"] {
                try world.ask(header: header, authorization: "Bearer \(world.tenant.adminToken)").succeeds()
            }
            try world.ask(header: "x", authorization: "Bearer \(world.tenant.adminToken)")
                .isRefused(401, "invalid_credentials")
        },
        Rule(
            "9.1.4",
            otherwise: "`Bearer` takes the token itself",
            because: "there are no documents that stand for tokens, and every client has its token"
        ) { world in
            try world.ask(authorization: "Bearer \(world.newToken())").succeeds()
            try world.ask(authorization: "Bearer \(World.unknown)").isRefused(401, "invalid_credentials")
        },
        Rule("9.1.5", says: "a stated account is the token's") { world in
            let fields = ["HTTP_X_AUTH_ACCOUNT_ID": world.tenant.account]
            try world.get("/v2/accounts/{A}", fields).succeeds()
            for other in [world.server.master.account, "", "x"] {
                try world.get("/v2/accounts/{A}", ["HTTP_X_AUTH_ACCOUNT_ID": other])
                    .isRefused(401, "invalid_credentials")
            }
        },
        Rule("9.1.6", says: "a token may be in the query, and a path holds none") { world in
            try world.ask(query: world.tenant.adminToken).succeeds()
            try world.stranger("GET", "/v2/accounts/{A}/users/\(world.tenant.adminToken)")
                .isRefused(401, "invalid_credentials")
        },
    ]

    private static let tokenStates: [Rule] = [
        Rule("9.2.1", "9.2.2", says: "a token whose time is over is refused at once, on public endpoints too") {
            world in
            let token = try world.newToken()
            let fields = ["HTTP_X_AUTH_TOKEN": token]
            try world.stranger("GET", "/v2/schemas", "", fields).succeeds()
            world.server.advance(by: 3_631)
            for target in ["/v2/schemas", "/v2/accounts/{A}"] {
                try world.stranger("GET", target, "", fields).isRefused(401, "invalid credentials", [:])
            }
        },
        Rule("9.2.3", says: "what is no token of ours is as none") { world in
            let token = try world.newToken()
            for junk in ["junk", "a.b.c", token + "x", String(token.dropLast()), "\(token).\(token)"] {
                let fields = ["HTTP_X_AUTH_TOKEN": junk]
                try world.stranger("GET", "/v2/schemas", "", fields).succeeds()
                try world.stranger("GET", "/v2/accounts/{A}", "", fields).isRefused(401, "invalid_credentials", refused)
            }
        },
        Rule(
            "9.2.4",
            otherwise: "who is switched off is out with the next request",
            because: "a token that outlives its account is what a switch is to prevent"
        ) { world in
            let token = try world.newToken()
            try world.asMaster("PATCH", "", ["enabled": false]).succeeds()
            try world.ask(header: token).isRefused(401, "invalid_credentials", refused)
        },
        Rule("9.2.5", says: "these answer anybody, and nothing else does") { world in
            let open = [
                ("PUT", "/v2/user_auth"), ("PUT", "/v2/user_auth/recovery"), ("POST", "/v2/user_auth/recovery"),
                ("PUT", "/v2/api_auth"), ("GET", "/v2/auth/tokeninfo"), ("POST", "/v2/auth/tokeninfo"),
                ("GET", "/v2/schemas"), ("GET", "/v2/schemas/users"), ("GET", "/v2/webhooks"),
                ("GET", "/v2/webhooks/samples"),
            ]
            for (method, target) in open {
                let answer = try world.stranger(method, target, method == "GET" ? "" : #"{"data":{}}"#)
                #expect([200, 400, 404].contains(answer.status), "\(method) \(target): \(answer.json)")
            }
            for target in ["security", "multi_factor", "token_auth", "search", "accounts/{A}", "accounts/{A}/devices"] {
                try world.stranger("GET", "/v2/\(target)").isRefused(401, "invalid_credentials", refused)
            }
            // A path without an account's id has no account to be refused for.
            #expect(try world.stranger("PUT", "/v2/accounts", #"{"data":{"name":"x"}}"#).status == 401)
        },
        Rule("9.2.6", says: "nobody calls quickly without being known") { world in
            try world.stranger("GET", "/v2/accounts/{A}/users/{X}/quickcall/100").isRefused(401, "invalid_credentials")
        },
    ]

    private static let userLogins: [Rule] = [
        Rule("9.3.1", says: "each field of a login has its form, the former realm and others have none") { world in
            let long = JSON.string(String(repeating: "a", count: 300))
            let wrong: [(String, JSON, String)] = [
                ("credentials", long, "maxLength"), ("credentials", "", "minLength"), ("credentials", 7, "type"),
                ("method", "crypt", "enum"), ("account_name", long, "maxLength"), ("account_name", "", "minLength"),
                ("account_realm", "a b!", "pattern"), ("account_realm", "abc", "minLength"),
                ("account_realm", long, "maxLength"), ("phone_number", long, "maxLength"),
                ("phone_number", "", "minLength"),
            ]
            for (field, value, rule) in wrong { try world.logIn([field: value]).isInvalid(field, rule) }
            try world.logIn(["password": .null]).isInvalid("credentials", "required")
            try world.logIn(["realm": 7, "x": ["y": 1]]).succeeds(201)
        },
        Rule("9.3.2", says: "the credentials are a digest of user name and password; MD5 unless it is said") { world in
            func logIn(_ digest: JSON, _ method: JSON = .null) throws -> Answer {
                try world.logIn(["username": .null, "password": .null, "credentials": digest, "method": method])
            }
            try logIn(World.md5).succeeds(201)
            try logIn(World.md5, "md5").succeeds(201)
            try logIn(World.sha, "sha").succeeds(201)
            try logIn(World.sha).isRefused(401, "invalid_credentials")
        },
        Rule("9.3.3", says: "the account by number, else by realm, else by name; nobody's is 401") { world in
            for name in ["TENANT", " t-e n.a/n!t "] { try world.logIn(["account_name": .string(name)]).succeeds(201) }
            let realm = try world.get("/v2/accounts/{A}").data["realm"].orSurprise("no realm")
            try world.logIn(["account_name": "nobody", "account_realm": realm]).succeeds(201)
            try world.logIn(["account_realm": "no.example", "phone_number": "+12125550199"]).succeeds(201)
            _ = try world.asMaster("PUT", "/phone_numbers/+12125550198")
            try world.logIn(["account_name": .null, "phone_number": "+12125550198"]).succeeds(201)
            for fields: JSONObject in [["account_name": .null], ["account_name": "nobody"]] {
                try world.logIn(fields).isRefused(401, "invalid_credentials", refused)
            }
        },
        Rule("9.3.4", says: "only users who are there and are enabled are let in") { world in
            let user = try world.user([
                "first_name": "A", "last_name": "B", "username": "ada", "password": "secret",
            ]).id
            try world.logIn(["username": "ada"]).succeeds(201)
            try world.send("PATCH", "/v2/accounts/{A}/users/\(user)", #"{"data":{"enabled":false}}"#).succeeds()
            try world.logIn(["username": "ada"]).isRefused(401, "invalid_credentials", refused)
            try world.send("PATCH", "/v2/accounts/{A}/users/\(user)", #"{"data":{"enabled":true}}"#).succeeds()
            try world.send("DELETE", "/v2/accounts/{A}/users/\(user)").succeeds()
            try world.logIn(["username": "ada"]).isRefused(401, "invalid_credentials", refused)
        },
        Rule(
            "9.3.5",
            otherwise: "an account that is switched off is answered like one that is not there",
            because: "a stranger should not learn which accounts there are; clients show 400 and 401 alike"
        ) { world in
            try world.asMaster("PATCH", "", ["enabled": false]).succeeds()
            try world.logIn().isRefused(401, "invalid_credentials", refused)
        },
        Rule("9.3.6", says: "201, the token in the envelope, and whom it speaks for") { world in
            let answer = try world.logIn()
            answer.succeeds(201)
            #expect(answer.json["auth_token"]?.string != nil && answer.field("location") == nil)
            #expect(answer.data["account_id"]?.string == world.tenant.account)
            #expect(answer.data["owner_id"]?.string == world.tenant.admin)
            #expect(answer.data["account_name"] == "Tenant" && answer.data["is_master_account"] == false)
            #expect(answer.data["reseller_id"]?.string == world.server.master.account)
            #expect(answer.data["capabilities"]?["voicemail"]?["transcription"]?["available"]?.bool != nil)
            for (name, isRight) in [
                ("apps", answer.data["apps"]?.array != nil), ("language", answer.data["language"]?.string != nil),
                ("cluster_id", answer.data["cluster_id"]?.string != nil),
                ("is_reseller", answer.data["is_reseller"]?.bool != nil),
                ("ui_config", answer.data["ui_config"]?.object != nil),
            ] { #expect(isRight, "\(name)") }
        },
        Rule(
            "9.3.7",
            otherwise: "a login without an account in its path has no actions",
            because: "what such an action would do is done by nobody; the login itself is what was asked for"
        ) { world in
            try world.logIn([:], ["action": "impersonate_user"]).succeeds(201)
            try world.logIn(["password": "wrong"], ["action": "x"]).isRefused(401, "invalid_credentials")
        },
        Rule(
            "9.3.9",
            otherwise: "a token in the path tells nothing",
            because: "a path is in every log; `auth/tokeninfo` and `token_auth` tell it, as in Crossbar"
        ) { world in
            try world.get("/v2/user_auth/\(world.tenant.adminToken)").isRefused(404, "not_found")
            try world.get("/v2/token_auth").succeeds()
        },
        Rule("9.3.10", says: "a login is a PUT") { world in
            for method in ["GET", "DELETE"] {
                try world.stranger(method, "/v2/user_auth").isRefused(405, "invalid_method")
            }
        },
    ]

    private static let tokenForms: [Rule] = [
        Rule(
            "9.4.1",
            "9.4.2",
            "9.4.3",
            otherwise: "tokens are signed with Ed25519, and their claims are all demanded; epochs end them",
            because: "clients treat a token as opaque, and one accepted algorithm leaves nothing to choose"
        ) { world in
            let token = try world.newToken()
            let header = try world.segment(0, of: token)
            #expect(header["alg"] == "EdDSA" && header["typ"] == "jackfield+jwt" && header["kid"]?.string != nil)
            let claims = try world.segment(1, of: token)
            for name in ["iss", "aud", "sub", "account_id", "owner_id", "iat", "nbf", "exp", "jti", "method", "epochs"]
            {
                #expect(claims[name] != nil, "\(name)")
            }
            #expect(claims["account_id"]?.string == world.tenant.account && claims["method"] == "cb_user_auth")
            let change = #"{"data":{"password":"another"}}"#
            try world.send("PATCH", "/v2/accounts/{A}/users/\(world.tenant.admin)", change).succeeds()
            try world.ask(header: token).isRefused(401, "invalid_credentials")
        },
        Rule("9.4.4", says: "a token is one word of at most 4 KiB") { world in
            let token = try world.newToken()
            #expect(token.utf8.count <= 4_096 && token.allSatisfy { !$0.isWhitespace })
        },
        Rule("9.4.5", says: "a token lasts an hour from its making, however it is used") { world in
            let token = try world.newToken()
            for _ in 0..<6 {
                world.server.advance(by: 600)
                try world.ask(header: token).succeeds()
            }
            // Clocks may be half a minute apart.
            world.server.advance(by: 31)
            try world.ask(header: token).isRefused(401, "invalid credentials", [:])
        },
        Rule("9.4.6", says: "a live token is changed for a new one") { world in
            let token = try world.newToken()
            world.server.advance(by: 3_000)
            let fields = ["HTTP_X_AUTH_TOKEN": token]
            let answer = try world.stranger("PUT", "/v2/auth", #"{"data":{},"action":"refresh_token"}"#, fields)
            answer.succeeds(201)
            let next = try (answer.json["auth_token"]?.string).orSurprise("no token")
            world.server.advance(by: 3_000)
            try world.ask(header: next).succeeds()
            try world.ask(header: token).isRefused(401, "invalid credentials")
        },
        Rule("9.4.7", says: "anybody may ask whom a token speaks for") { world in
            let token = try world.newToken()
            let good = try world.stranger("GET", "/v2/auth/tokeninfo?token=\(token)")
            good.succeeds()
            #expect(good.json["auth_token"]?.string == token)
            #expect(good.data["owner_id"]?.string == world.tenant.admin)
            try world.stranger("GET", "/v2/auth/tokeninfo").isRefused(404, "missing token in params", [:])
            try world.stranger("POST", "/v2/auth/tokeninfo", #"{"data":{}}"#)
                .isRefused(404, "missing token in request", [:])
            #expect(try world.stranger("GET", "/v2/auth/tokeninfo?token=junk").status == 401)
        },
    ]

    private static func key(_ world: World) throws -> String {
        try (world.get("/v2/accounts/{A}/api_key").data["api_key"]?.string).orSurprise("no key")
    }

    private static let otherLogins: [Rule] = [
        Rule("9.5.1", says: "a login by key has a key of 64 characters, and nothing else") { world in
            func logIn(_ data: JSON) throws -> Answer {
                try world.stranger("PUT", "/v2/api_auth", JSON.object(["data": data]).text())
            }
            try logIn([:]).isInvalid("api_key", "required")
            try logIn(["api_key": "short"]).isInvalid("api_key", "minLength")
            try logIn(["api_key": .string(key(world) + "x")]).isInvalid("api_key", "maxLength")
            try logIn(["api_key": .string(key(world)), "x": 1]).isInvalid("x", "additionalProperties")
        },
        Rule("9.5.2", "9.5.3", says: "a key nobody has is a bad identifier; a good one speaks for no user") { world in
            let unknown = String(repeating: "0", count: 64)
            try world.stranger("PUT", "/v2/api_auth", #"{"data":{"api_key":"\#(unknown)"}}"#)
                .isRefused(404, "bad identifier", [.string(unknown)])
            let answer = try world.stranger("PUT", "/v2/api_auth", #"{"data":{"api_key":"\#(key(world))"}}"#)
            answer.succeeds(201)
            #expect(answer.data["owner_id"] == nil)
            let token = try (answer.json["auth_token"]?.string).orSurprise("no token")
            let fields = ["HTTP_X_AUTH_TOKEN": token]
            let user = #"{"data":{"first_name":"A","last_name":"B"}}"#
            try world.stranger("PUT", "/v2/accounts/{A}/users", user, fields).succeeds(201)
            try world.stranger("PUT", "/v2/accounts/{A}/api_key", "", fields).isRefused(403, "forbidden")
        },
        Rule(
            "9.5.4",
            otherwise: "only administrators see the key; only they, and no key, make another",
            because: "whoever has the key is an administrator"
        ) { world in
            let first = try key(world)
            #expect(first.utf8.count == 64)
            for method in ["GET", "PUT"] {
                let path = "/v2/accounts/\(world.tenant.account)/api_key"
                try world.server.send(method, path, token: world.plainToken()).isRefused(403, "forbidden")
            }
            try world.send("PUT", "/v2/accounts/{A}/api_key").succeeds(201)
            let second = try world.server.token(world.tenant.account, world.tenant.admin)
            let shown = try world.server.get("/v2/accounts/\(world.tenant.account)/api_key", second)
            #expect(shown.data["api_key"]?.string != nil && shown.data["api_key"]?.string != first)
        },
        Rule("9.6.1", "9.6.2", says: "Basic credentials are the account's id and a proof; wrong ones are nobody's") {
            world in
            func status(_ text: String) throws -> Int {
                let field = "Basic " + Data(text.utf8).base64EncodedString()
                return try world.ask(authorization: field).status
            }
            let account = world.tenant.account
            for proof in [World.md5.string ?? "", World.sha.string ?? "", "admin:secret"] {
                #expect(try status("\(account):\(proof)") == 200)
            }
            for proof in [String(repeating: "0", count: 32), "admin:wrong", "", "x", ":", ":::"] {
                #expect(try status("\(account):\(proof)") == 401, "\(proof)")
            }
            #expect(try status("\(World.unknown):admin:secret") == 401)
            for junk in ["Basic %%%", "Basic", "Basic \u{0}", "Basic YQ"] {
                try world.ask(authorization: junk).isRefused(401, "invalid_credentials", refused)
            }
        },
        Rule(
            "9.7.1",
            otherwise: "a logout ends the token",
            because: "who logs out means it; until then the token tells whom it speaks for, as in Crossbar"
        ) { world in
            let token = try world.newToken()
            let fields = ["HTTP_X_AUTH_TOKEN": token]
            let info = try world.stranger("GET", "/v2/token_auth", "", fields)
            #expect(info.data["owner_id"]?.string == world.tenant.admin)
            let answer = try world.stranger("DELETE", "/v2/token_auth", "", fields)
            #expect(answer.status == 200 && answer.json["status"] == "success")
            try world.ask(header: token).isRefused(401, "invalid_credentials", refused)
        },
        Rule(
            "9.9.1",
            otherwise: "an administrator of any account above acts as a user, and it is written down",
            because: "a reseller looks after its customers; Crossbar lets the master account alone do it"
        ) { world in
            let target = "/v2/accounts/\(world.tenant.account)/users/\(world.tenant.admin)/user_auth"
            let body = #"{"data":{},"action":"impersonate_user"}"#
            let answer = try world.server.send("PUT", target, body, token: world.server.master.adminToken)
            answer.succeeds(201)
            #expect(answer.data["owner_id"]?.string == world.tenant.admin)
            #expect(answer.data["original_account_id"]?.string == world.server.master.account)
            try world.send("PUT", target, body).isRefused(403, "forbidden")
        },
        Rule(
            "9.9.2",
            otherwise: "who logs in `as` another is an administrator above him, or is refused",
            because: "Crossbar asks neither whether he is one nor whose user it is"
        ) { world in
            let user = try world.user().id
            func logIn(_ account: String) throws -> Answer {
                let subject: JSON = ["account_id": .string(account), "owner_id": .string(user)]
                return try world.logIn(["as": subject, "account_name": "Master"])
            }
            #expect(try logIn(world.tenant.account).data["owner_id"]?.string == user)
            try logIn(world.server.master.account).isRefused(403, "forbidden")
        },
    ]

    private static let recoveries: [Rule] = [
        Rule(
            "9.8.1",
            "9.8.2",
            "9.8.3",
            otherwise: "whoever asks for a letter is told the same, and only who may log in gets one",
            because: "an answer that differs tells strangers who has an account here, and at which address"
        ) { world in
            _ = try world.user([
                "first_name": "A", "last_name": "B", "username": "ada", "password": "secret", "email": "ada@x.example",
            ])
            _ = try world.user([
                "first_name": "O", "last_name": "F", "username": "off", "password": "secret", "email": "off@x.example",
                "enabled": false,
            ])
            func ask(_ username: String, _ account: String) throws -> Answer {
                let data: JSON = [
                    "username": .string(username), "account_name": .string(account),
                    "ui_url": "https://ui.example/reset",
                ]
                return try world.stranger("PUT", "/v2/user_auth/recovery", JSON.object(["data": data]).text())
            }
            for (username, account) in [("ada", "Tenant"), ("off", "Tenant"), ("x", "Tenant"), ("ada", "nobody")] {
                let answer = try ask(username, account)
                answer.succeeds(201)
                #expect(answer.data == "Request for password reset handled")
            }
            #expect(try world.server.notices().map { $0["to"] } == ["ada@x.example"])
            try world.stranger("PUT", "/v2/user_auth/recovery", #"{"data":{}}"#).isInvalid("username", "required")
            let short = #"{"data":{"username":"x","ui_url":"http://x"}}"#
            try world.stranger("PUT", "/v2/user_auth/recovery", short).isInvalid("ui_url", "minLength")
        },
        Rule("9.8.4", says: "an id that nobody has, or that is none, resets nothing") { world in
            let unknown = String(repeating: "0", count: 40)
            try world.stranger("POST", "/v2/user_auth/recovery", #"{"data":{"reset_id":"\#(unknown)"}}"#)
                .isInvalid("user", "not_found")
            try world.stranger("POST", "/v2/user_auth/recovery", #"{"data":{"reset_id":"xyz"}}"#)
                .isInvalid("reset_id", "pattern")
        },
    ]

    private static let policies: [Rule] = [
        Rule("9.10.5", says: "providers of second factors are listed, and have a name, a kind and a switch") { world in
            for target in ["/v2/multi_factor", "/v2/accounts/{A}/multi_factor"] {
                let list = try world.get(target)
                #expect(list.data["configured"] == [] && list.data["multi_factor_providers"]?.array != nil)
            }
            let answer = try world.send("PUT", "/v2/accounts/{A}/multi_factor", #"{"data":{}}"#)
            for field in ["name", "provider_name", "enabled"] { answer.isInvalid(field, "required") }
            #expect(try world.send("DELETE", "/v2/multi_factor").status == 405)
        },
        Rule("9.11.1", says: "anybody who is known sees the ways to log in") { world throws in
            let names: JSON = ["cb_api_auth", "cb_auth", "cb_ip_auth", "cb_user_auth"]
            #expect(try world.get("/v2/security").data == ["available_auth_methods": names])
            #expect(try world.send("POST", "/v2/security", #"{"data":{}}"#).status == 405)
        },
        Rule("9.11.2", says: "an account's own settings are replaced, merged and removed beside what it inherits") {
            world in
            let path = "/v2/accounts/{A}/security"
            let first = try world.get(path)
            #expect(first.data["account"] == [:] && first.data["inherited_config"]?["auth_modules"] != nil)
            let refusal = try world.send("DELETE", path)
            refusal.isRefused(404, "bad_identifier")
            #expect(refusal.data["cause"] == "account does not have customize auth configuration")
            let one = #"{"data":{"auth_modules":{"cb_user_auth":{"token_auth_expiry_s":600}}}}"#
            let two = #"{"data":{"auth_modules":{"cb_user_auth":{"log_failed_attempts":true}}}}"#
            try world.send("POST", path, one).succeeds()
            let merged = try world.send("PATCH", path, two)
            #expect(
                merged.data["account"]?["auth_modules"]?["cb_user_auth"]
                    == ["token_auth_expiry_s": 600, "log_failed_attempts": true]
            )
            try world.send("DELETE", path).succeeds()
            #expect(try world.get(path).data["account"] == [:])
        },
        Rule("9.11.3", says: "what holds where nobody says anything; a closed way refuses as an old token does") {
            world in
            let path = "/v2/accounts/{A}/security"
            let user = try world.get(path).data["inherited_config"]?["auth_modules"]?["cb_user_auth"]
            #expect(
                user == [
                    "enabled": true, "token_auth_expiry_s": 3_600, "log_failed_attempts": true,
                    "log_successful_attempts": true,
                ]
            )
            let key = try world.get(path).data["inherited_config"]?["auth_modules"]?["cb_api_auth"]
            #expect(key?["log_successful_attempts"] == false)
            try world.send("POST", path, #"{"data":{"auth_modules":{"cb_user_auth":{"enabled":false}}}}"#).succeeds()
            try world.logIn().isRefused(401, "invalid credentials", [:])
        },
        Rule("9.11.4", says: "a provider is named with its account, which is in the line") { world in
            for factor in [#"{"configuration_id":"x"}"#, #"{"configuration_id":"x","account_id":"\#(World.unknown)"}"#]
            {
                let body = #"{"data":{"auth_modules":{"cb_user_auth":{"multi_factor":\#(factor)}}}}"#
                let answer = try world.send("POST", "/v2/accounts/{A}/security", body)
                #expect(answer.status == 400)
                #expect(answer.data["auth_modules.cb_user_auth.account_id"]?["required"] != nil, "\(answer.json)")
            }
        },
        Rule(
            "9.11.5",
            otherwise: "attempts are listed by time, and hold none of the request's secrets",
            because: "Crossbar keeps every header, and with them tokens and cookies"
        ) { world in
            let fields = ["HTTP_COOKIE": "x=crumbs", "HTTP_USER_AGENT": "a browser", "REMOTE_ADDR": "198.51.100.9"]
            let body = #"{"data":{"username":"admin","password":"wrong","account_name":"Tenant"}}"#
            #expect(try world.stranger("PUT", "/v2/user_auth", body, fields).status == 401)
            let list = try world.get("/v2/accounts/{A}/security/attempts")
            list.succeeds()
            let row = try list.rows.first.orSurprise("no attempt")
            for name in ["id", "auth_type", "auth_module", "status", "message", "timestamp", "client_ip"] {
                #expect(row[name] != nil, "\(name)")
            }
            let full = try world.get("/v2/accounts/{A}/security/attempts/\((row["id"]?.string).orSurprise("no id"))")
            #expect(full.data["client_headers"] == ["user-agent": "a browser"])
            #expect(full.data["crossbar_request_id"] != nil && full.data["metadata"] != nil)
            #expect(!full.text.contains("crumbs") && !full.text.contains("wrong"))
        },
        Rule("9.12.10", says: "restrictions are read, put in place and removed as a whole") { world in
            let path = "/v2/accounts/{A}/token_restrictions"
            try world.get(path).isRefused(404, "bad_identifier")
            let rules = #"{"restrictions":{"_":{"user":{"devices":[{"rules":{"/":["GET"]}}]}}}}"#
            let answer = try world.send("POST", path, #"{"data":\#(rules)}"#)
            answer.succeeds()
            #expect(try answer.data == JSON(parsing: Array(rules.utf8)))
            try world.send("DELETE", path).succeeds()
            try world.get(path).isRefused(404, "bad_identifier")
            for method in ["PUT", "PATCH"] { #expect(try world.send(method, path, #"{"data":{}}"#).status == 405) }
        },
        Rule("9.13.1", "9.13.3", says: "each source has a bucket for each account; a good token takes nothing") {
            world in
            func left(_ address: String, _ target: String) throws -> Int? {
                let fields = ["HTTP_X_AUTH_TOKEN": "junk", "REMOTE_ADDR": address]
                return try world.stranger("GET", target, "", fields).json["tokens"]?["remaining"]?.int
            }
            #expect(try left("198.51.100.1", "/v2/accounts/{A}") == 99)
            #expect(try left("198.51.100.1", "/v2/accounts/{A}") == 98)
            #expect(try left("198.51.100.2", "/v2/accounts/{A}") == 99)
            #expect(try left("198.51.100.1", "/v2/accounts/{P}") == 99)
            for _ in 0..<5 { _ = try world.get("/v2/accounts/{A}", ["REMOTE_ADDR": "198.51.100.3"]) }
            #expect(try left("198.51.100.3", "/v2/accounts/{A}") == 99)
        },
        Rule(
            "9.13.5",
            otherwise: "who is refused is told when to come back",
            because: "a client that knows waits; others see the same 429"
        ) { world in
            let fields = ["HTTP_X_AUTH_TOKEN": "junk", "REMOTE_ADDR": "198.51.100.1"]
            for _ in 0..<100 { _ = try world.stranger("GET", "/v2/accounts/{A}", "", fields) }
            let answer = try world.stranger("GET", "/v2/accounts/{A}", "", fields)
            answer.isRefused(429, "too_many_requests")
            #expect(answer.field("retry-after").flatMap { Int($0) } ?? 0 >= 1)
        },
    ]
}
