//  Logging in by every way there is, and what is told of it.

import HTTPMessage
import Identity
import SQLiteStore
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

@Suite struct LoginTests {
    let server: TestServer
    let tenant: TestServer.Tenant

    init() throws {
        server = try TestServer()
        tenant = try server.makeTenant("Tenant")
    }

    // MARK: API keys

    private var keyPath: String { "/v2/accounts/\(tenant.account)/api_key" }

    private func apiKey() throws -> String {
        try (server.get(keyPath, tenant.adminToken).data["api_key"]?.string).orSurprise("no key")
    }

    @Test func anAccountLogsInByItsKey() throws {
        let key = try apiKey()
        #expect(key.utf8.count == 64 && key.hasPrefix("jackfield_"))
        let answer = try server.stranger("PUT", "/v2/api_auth", ["api_key": .string(key)])
        #expect(answer.status == 201)
        #expect(answer.data["account_id"]?.string == tenant.account)
        #expect(answer.data["owner_id"] == nil)
        let token = try (answer.json["auth_token"]?.string).orSurprise("no token")
        #expect(try server.get("/v2/accounts/\(tenant.account)/users", token).status == 200)
        #expect(try server.get("/v2/accounts/\(server.master.account)", token).status == 403)
        // A key makes no keys.
        #expect(try server.send("PUT", keyPath, token: token).status == 403)
    }

    @Test func aNewKeyEndsWhatTheOldOneMade() throws {
        let old = try apiKey()
        let login = try server.stranger("PUT", "/v2/api_auth", ["api_key": .string(old)])
        let token = try (login.json["auth_token"]?.string).orSurprise("no token")
        let answer = try server.send("PUT", keyPath, token: tenant.adminToken)
        #expect(answer.status == 201)
        let new = try (answer.data["api_key"]?.string).orSurprise("no key")
        #expect(new != old)
        #expect(try server.get("/v2/accounts/\(tenant.account)", token).status == 401)
        #expect(try server.stranger("PUT", "/v2/api_auth", ["api_key": .string(old)]).status == 404)
        #expect(try server.stranger("PUT", "/v2/api_auth", ["api_key": .string(new)]).status == 201)
    }

    @Test func whatIsNoKeyIsRefusedAsInCrossbar() throws {
        let unknown = String(repeating: "0", count: 64)
        let answer = try server.stranger("PUT", "/v2/api_auth", ["api_key": .string(unknown)])
        #expect(answer.status == 404)
        #expect(answer.json["message"] == "bad identifier")
        #expect(answer.data == [.string(unknown)])
        #expect(try server.stranger("PUT", "/v2/api_auth", ["api_key": "short"]).data["api_key"]?["minLength"] != nil)
        #expect(try server.stranger("PUT", "/v2/api_auth", [:]).data["api_key"]?["required"] != nil)
        let more: JSON = ["api_key": .string(unknown), "x": 1]
        #expect(try server.stranger("PUT", "/v2/api_auth", more).status == 400)
    }

    @Test func onlyAdministratorsSeeTheKey() throws {
        let plain = try server.token(tenant.account, server.makeUser(tenant, "plain"))
        for method in ["GET", "PUT"] { #expect(try server.send(method, keyPath, token: plain).status == 403) }
    }

    // MARK: Tokens at hand

    @Test func aTokenTellsWhomItSpeaksFor() throws {
        let login = try server.logIn("Tenant")
        let token = try (login.json["auth_token"]?.string).orSurprise("no token")
        for answer in [
            try server.send("GET", "/v2/auth/tokeninfo?token=\(token)"),
            try server.stranger("POST", "/v2/auth/tokeninfo", ["token": .string(token)]),
        ] {
            #expect(answer.status == 200)
            #expect(answer.data == login.data)
            #expect(answer.json["auth_token"]?.string == token)
        }
        let get = try server.send("GET", "/v2/auth/tokeninfo")
        #expect(get.status == 404 && get.json["message"] == "missing token in params" && get.data == [:])
        let post = try server.stranger("POST", "/v2/auth/tokeninfo", [:])
        #expect(post.status == 404 && post.json["message"] == "missing token in request")
        #expect(try server.send("GET", "/v2/auth/tokeninfo?token=junk").status == 401)
        server.advance(by: 4_000)
        #expect(try server.send("GET", "/v2/auth/tokeninfo?token=\(token)").status == 401)
    }

    @Test func aTokenIsRefreshedForTwelveHoursAtTheMost() throws {
        let login = try server.logIn("Tenant")
        var token = try (login.json["auth_token"]?.string).orSurprise("no token")
        let body = #"{"data":{},"action":"refresh_token"}"#
        for _ in 0..<14 {
            server.advance(by: 3_000)
            let answer = try server.send("PUT", "/v2/auth", body, token: token)
            #expect(answer.status == 201)
            let next = try (answer.json["auth_token"]?.string).orSurprise("no token")
            #expect(next != token)
            token = next
        }
        // 42,000 seconds are over; the rest of twelve hours is all there is.
        server.advance(by: 1_300)
        #expect(try server.send("PUT", "/v2/auth", body, token: token).status == 401)
        #expect(
            try server.send("PUT", "/v2/auth", #"{"data":{}}"#, token: server.token(tenant.account, tenant.admin))
                .status == 400
        )
    }

    // MARK: What ends sessions

    @Test(
        arguments: [
            ["password": "another"], ["enabled": false], ["priv_level": "user"],
        ] as [JSON]
    )
    func aChangeOfTheUserEndsTheTokens(change: JSON) throws {
        let user = try server.makeUser(tenant, "ada", level: "admin")
        let login = try server.logIn("Tenant", "ada")
        let token = try (login.json["auth_token"]?.string).orSurprise("no token")
        let path = "/v2/accounts/\(tenant.account)/users/\(user)"
        #expect(try server.get(path, token).status == 200)
        #expect(try server.send("PATCH", path, change, tenant.adminToken).status == 200)
        #expect(try server.get(path, token).status == 401)
    }

    @Test func aDeletedUserLeavesNothingThatLetsAnybodyIn() throws {
        let user = try server.makeUser(tenant, "ada", more: ["email": "ada@example.com"])
        _ = try server.enrol(tenant.account, user)
        let path = "/v2/accounts/\(tenant.account)/users/\(user)"
        #expect(try server.send("DELETE", path, token: tenant.adminToken).status == 200)
        let scope = Scope.account(DocumentID(tenant.account))
        let tombstone = try server.store.document(DocumentID(user), in: scope).orSurprise("no tombstone")
        #expect(tombstone.isDeleted)
        let secrets = try JSON(parsing: tombstone.privateBody)
        #expect(secrets["credentials"] == [] && secrets["second_factor"] == nil && secrets["reset"] == nil)
        // Later than that of every token he had.
        #expect(secrets.object?.count == 2 && secrets["epoch"]?.int ?? 0 > 1)
        #expect(try server.logIn("Tenant", "ada").status == 401)
    }

    // MARK: Attempts

    @Test func attemptsAreWrittenDownWithoutSecrets() throws {
        let fields = [
            "REMOTE_ADDR": "198.51.100.9", "HTTP_USER_AGENT": "a browser", "HTTP_X_AUTH_TOKEN": "junk-token",
            "HTTP_COOKIE": "__Host-jackfield=crumbs",
        ]
        #expect(try server.logIn("Tenant", "admin", "wrong-password", fields: fields).status == 401)
        server.advance(by: 10)
        #expect(try server.logIn("Tenant", fields: fields).status == 201)
        let path = "/v2/accounts/\(tenant.account)/security/attempts"
        let list = try server.get(path, tenant.adminToken)
        #expect(list.rows.compactMap { $0["status"]?.string } == ["success", "failed"])
        #expect(list.rows.allSatisfy { $0["client_ip"] == "198.51.100.9" && $0["auth_module"] == "cb_user_auth" })
        for row in list.rows {
            let full = try server.get("\(path)/\((row["id"]?.string).orSurprise("no id"))", tenant.adminToken)
            #expect(full.data["client_headers"] == ["user-agent": "a browser"])
            #expect(full.data["crossbar_request_id"]?.string != nil)
            for secret in ["wrong-password", "secret", "junk-token", "crumbs"] { #expect(!full.text.contains(secret)) }
        }
        #expect(try server.get("\(path)/202701-0", tenant.adminToken).status == 404)
        let plain = try server.token(tenant.account, server.makeUser(tenant, "plain"))
        #expect(try server.get(path, plain).status == 403)
    }

    @Test func attemptsArePagedAndBoundedByTime() throws {
        for _ in 0..<7 {
            #expect(try server.logIn("Tenant").status == 201)
            server.advance(by: 60)
        }
        let path = "/v2/accounts/\(tenant.account)/security/attempts"
        var seen: [String] = []
        var start = ""
        repeat {
            let page = try server.get("\(path)?page_size=3\(start)", tenant.adminToken)
            seen += page.rows.compactMap { $0["id"]?.string }
            start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
        } while !start.isEmpty
        #expect(seen.count == 7 && Set(seen).count == 7)
        let from = server.time + gregorianOffset - 200
        let some = try server.get("\(path)?created_from=\(from)&created_to=\(from + 100)", tenant.adminToken)
        #expect(some.rows.count == 2)
        let wrong = try server.get("\(path)?created_from=\(from)&created_to=\(from - 1)", tenant.adminToken)
        #expect(wrong.data["created_from"]?["date_range"] != nil)
    }

    // MARK: Limits

    @Test func tooManyFailuresAreToldApartAndWhenToComeBack() throws {
        let stranger = ["REMOTE_ADDR": "198.51.100.9"]
        let office = ["REMOTE_ADDR": "203.0.113.7"]
        #expect(try server.logIn("Tenant", fields: office).status == 201)
        var refused: Answer?
        for number in 0..<100 where refused == nil {
            let answer = try server.logIn("Tenant", "user\(number)", "wrong", fields: stranger)
            if answer.status == 429 { refused = answer } else { #expect(answer.status == 401) }
        }
        let answer = try refused.orSurprise("nobody was refused")
        #expect(answer.json["message"] == "too_many_requests")
        #expect(answer.fields[.retryAfter] == "6")
        #expect(answer.data["retry_after"] == 6)
        // The password does not help from there, and all is well where the account is at home.
        #expect(try server.logIn("Tenant", fields: stranger).status == 429)
        #expect(try server.logIn("Tenant", fields: office).status == 201)
        // Other accounts are as they were.
        _ = try server.makeTenant("Other")
        #expect(try server.logIn("Other", fields: stranger).status == 201)
    }

    @Test func whereAnAccountIsAtHomeIsKnownAfterARestart() throws {
        let office = ClientSource("203.0.113.7")
        #expect(try server.logIn("Tenant", fields: ["REMOTE_ADDR": "203.0.113.7"]).status == 201)
        let history = LoginAttempts(server.store)
        let since = server.time - 2_592_000
        #expect(history.hasLoggedIn(account: tenant.account, source: office, since: since))
        #expect(!history.hasLoggedIn(account: tenant.account, source: ClientSource("203.0.113.8"), since: since))
        #expect(!history.hasLoggedIn(account: server.master.account, source: office, since: since))
        #expect(!history.hasLoggedIn(account: tenant.account, source: office, since: server.time + 1))
    }

    @Test func badTokensUseUpASourcesTokens() throws {
        let target = "/v2/accounts/\(tenant.account)"
        var statuses: [Int] = []
        for _ in 0..<120 { statuses.append(try server.get(target, "junk").status) }
        #expect(statuses == [Int](repeating: 401, count: 100) + [Int](repeating: 429, count: 20))
        // A good token is not asked for any.
        #expect(try server.get(target, tenant.adminToken).status == 200)
        server.advance(by: 1)
        #expect(try server.get(target, "junk").json["tokens"]?["remaining"] == 9)
    }

    // MARK: Work that went up

    @Test func aCredentialOfFormerWorkIsWrappedAnew() throws {
        let former = Argon2Parameters(memory: 16, passes: 1)
        var settings = IdentitySettings()
        settings.formerDerivations = [former]
        let server = try TestServer(settings: settings)
        let master = server.master
        let hasher = CredentialHasher(pepper: server.keys.pepper, parameters: former)
        let salt = try server.kit.directory.salt(account: master.account).orSurprise("no salt")
        let old = try hasher.credentials(username: "admin", password: "secret", salt: salt)
        let call = Call(nouns: [], path: "/", method: .post, requestID: "test", time: server.time, isSecure: true)
        try server.kit.amend(UsersPlugin.self, DocumentID(master.admin), for: call, in: master.account) { document in
            document.secrets = UserSecrets(credentials: old).object
        }
        func credentials() throws -> [Credential] {
            let user = try server.kit.directory.document(master.admin, account: master.account)
            return try UserSecrets(user.orSurprise("no user").secrets).credentials
        }

        #expect(try server.logIn("Master", "admin", "wrong").status == 401)
        #expect(try credentials() == old)
        // A digest shows itself only; the password shows all.
        let digest: JSON = ["account_name": "Master", "credentials": "2d1e4f91dae49cd08eaba2293e422273"]
        #expect(try server.stranger("PUT", "/v2/user_auth", digest).status == 201)
        #expect(try credentials().filter(server.kit.identity.hasher.isCurrent).map(\.method) == [.md5])
        #expect(try server.logIn("Master").status == 201)
        #expect(try credentials().count == 3)
        #expect(try credentials().allSatisfy(server.kit.identity.hasher.isCurrent))
        #expect(try server.logIn("Master").status == 201)
    }
}
