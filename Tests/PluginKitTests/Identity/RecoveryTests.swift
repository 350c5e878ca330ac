//  Forgotten passwords.

import HTTPMessage
import Identity
import SQLiteStore
import TestServer
import Testing

@testable import PluginKit

@Suite struct RecoveryTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let user: String

    init() throws {
        server = try TestServer()
        tenant = try server.makeTenant("Tenant")
        user = try server.makeUser(tenant, "ada", more: ["email": "ada@example.com"])
    }

    private func ask(
        _ username: String = "ada",
        _ account: String = "Tenant",
        page: String = "https://ui.example/reset"
    )
        throws -> Answer
    {
        let data: JSON = ["username": .string(username), "account_name": .string(account), "ui_url": .string(page)]
        return try server.stranger("PUT", "/v2/user_auth/recovery", data)
    }

    private func reset(_ id: String, more: JSONObject = [:]) throws -> Answer {
        var data: JSONObject = ["reset_id": .string(id)]
        for (name, value) in more { data[name] = value }
        return try server.stranger("POST", "/v2/user_auth/recovery", .object(data))
    }

    private func letter() throws -> JSON { try server.notices().first.orSurprise("no letter") }
    private func resetID() throws -> String { try (letter()["reset_id"]?.string).orSurprise("no id") }

    @Test func aLetterLetsItsReaderInOnce() throws {
        let old = try server.token(tenant.account, user)
        #expect(try ask().status == 201)
        let letter = try letter()
        #expect(letter["kind"] == "password_recovery" && letter["to"] == "ada@example.com")
        #expect(letter["user_id"]?.string == user)
        let answer = try reset(resetID())
        #expect(answer.status == 200, "\(answer.json)")
        #expect(answer.data["owner_id"]?.string == user)
        let token = try (answer.json["auth_token"]?.string).orSurprise("no token")
        let path = "/v2/accounts/\(tenant.account)/users/\(user)"
        #expect(try server.get(path, token).data["require_password_update"] == true)
        #expect(try server.get(path, old).status == 401)
        #expect(try reset(resetID()).data["user"]?["not_found"] != nil)
        #expect(try server.send("PATCH", path, ["password": "another"], token).status == 200)
        #expect(try server.get(path, tenant.adminToken).data["require_password_update"] == false)
        #expect(try server.logIn("Tenant", "ada", "another").status == 201)
        #expect(try server.events().contains { $0.event.name == "user_password_reset_requested" })
    }

    @Test func theAnswerIsTheSameForEverybody() throws {
        _ = try server.makeUser(tenant, "off", more: ["email": "off@example.com", "enabled": false])
        _ = try server.makeUser(tenant, "silent")
        let known = try ask()
        for (username, account) in [("nobody", "Tenant"), ("off", "Tenant"), ("silent", "Tenant"), ("ada", "Nowhere")] {
            let answer = try ask(username, account)
            #expect(answer.status == known.status && answer.data == known.data)
            #expect(answer.json.object?.keys.sorted() == known.json.object?.keys.sorted())
        }
        #expect(known.data == "Request for password reset handled")
        #expect(try server.notices().count == 1)
        // One letter is enough for a while.
        #expect(try ask().status == 201)
        #expect(try server.notices().count == 1)
    }

    @Test func anIdIsGoodForAnHourAndUntilThePasswordChanges() throws {
        _ = try ask()
        let first = try resetID()
        server.advance(by: 3_600)
        #expect(try reset(first).status == 400)
        _ = try ask()
        let second = try (server.notices().compactMap { $0["reset_id"]?.string }.first { $0 != first }).orSurprise(
            "none"
        )
        let path = "/v2/accounts/\(tenant.account)/users/\(user)"
        #expect(try server.send("PATCH", path, ["password": "another"], tenant.adminToken).status == 200)
        #expect(try reset(second).status == 400)
        #expect(try reset(String(repeating: "0", count: 64)).status == 400)
        #expect(try reset("short").data["reset_id"]?["pattern"] != nil)
    }

    @Test func theIdIsNotInTheStore() throws {
        _ = try ask()
        let stored = try server.store.document(DocumentID(user), in: .account(DocumentID(tenant.account)))
        let text = try String(decoding: stored.orSurprise("no user").privateBody, as: UTF8.self)
        #expect(try text.contains(RandomSecret.digest(of: resetID())))
        #expect(try !text.contains(resetID()))
    }

    @Test func theSecondFactorIsNotSkipped() throws {
        let (generator, _) = try server.enrol(tenant.account, user)
        server.advance(by: 60)
        _ = try ask()
        let answer = try reset(resetID())
        #expect(answer.status == 401 && answer.data["multi_factor_request"] != nil)
        #expect(try reset(resetID(), more: ["multi_factor_response": "000000"]).status == 401)
        let code: JSONObject = ["multi_factor_response": .string(generator.code(at: server.time))]
        #expect(try reset(resetID(), more: code).status == 200)
    }

    @Test func lettersLeadToPagesThatAnAdministratorNamed() throws {
        _ = try ask()
        #expect(try letter()["link"] == nil)
        server.advance(by: 4_000)
        let settings: JSON = ["recovery": ["ui_urls": ["https://ui.example/reset"]]]
        let path = "/v2/accounts/\(tenant.account)/security"
        #expect(try server.send("POST", path, settings, tenant.adminToken).status == 200)
        _ = try ask()
        let links = try server.notices().compactMap { $0["link"]?.string }
        #expect(links.count == 1 && links[0].hasPrefix("https://ui.example/reset?recovery="))
    }

    @Test func askingIsLimited() throws {
        var statuses: Set<Int> = []
        for number in 0..<100 { statuses.insert(try ask("user\(number)").status) }
        #expect(statuses == [201, 429])
    }
}
