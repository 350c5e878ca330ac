//  What a person does with forms only: settings, providers, numbers, remarks, keys.

import Gateway
import HTTPMessage
import PluginKit
import Plugins
import TestServer
import Testing

@Suite struct WholeSystemTests {
    private let server: TestServer
    private let account: String
    private let token: String

    init() throws {
        server = try TestServer()
        token = server.master.adminToken
        account = "/v2/accounts/\(server.master.account)"
    }

    private func page(_ path: String) throws -> Answer {
        try server.page(account + path, token)
    }

    private func post(_ path: String, _ form: String) throws -> Answer {
        try server.post(account + path, form: form, token)
    }

    @Test func aProviderOfSecondFactorsComesAndGoes() throws {
        let form = try page("/multi_factor?form=new").text
        #expect(form.contains("name=\"verb\" value=\"put\"") && form.contains("<option value=\"\" selected>Choose…"))
        let mistake = try post("/multi_factor", "verb=put&data.enabled=true&data.provider_name=totp")
        #expect(mistake.status == 400)
        #expect(mistake.text.contains("<a href=\"#data.name\">Name</a>: Field is required but missing"))
        #expect(mistake.text.contains("value=\"totp\""))
        let made = try post("/multi_factor", "verb=put&data.enabled=true&data.provider_name=totp&data.name=Codes")
        #expect(made.status == 303)
        let provider = try server.get("\(account)/multi_factor", token).data["configured"]?.array?.first?["id"]?.string
        let path = "/multi_factor/\(try #require(provider))"
        #expect(try page("/multi_factor").text.contains("href=\"\(account)\(path)\">Codes</a>"))
        #expect(try page(path).text.contains("\(account)\(path)?form=delete"))
        #expect(try page("\(path)?form=delete").text.contains("It cannot be restored"))
        #expect(try server.get("\(account)\(path)", token).status == 200)
        let gone = try post(path, "verb=delete")
        #expect(gone.status == 303 && gone.fields[.location]?.hasPrefix("\(account)/multi_factor?said=deleted") == true)
        #expect(try server.get("\(account)\(path)", token).status == 404)
    }

    @Test func tokenRestrictionsAreSetByAddingRowsAndGoAgain() throws {
        let missing = try page("/token_restrictions")
        #expect(missing.status == 404)
        #expect(missing.text.contains("Not set up yet") && missing.text.contains("token_restrictions?form=new"))
        #expect(try page("/token_restrictions?form=new").text.contains("value=\"add:restrictions\""))
        let row = "form=add:restrictions.cb_api_auth.admin&key.restrictions.cb_api_auth.admin=users"
        let grown = try post("/token_restrictions", row).text
        #expect(grown.contains("id=\"data.restrictions.cb_api_auth.admin.users\""))
        #expect(try server.get("\(account)/token_restrictions", token).status == 404)
        let rules =
            "data.restrictions.cb_api_auth.admin.users.0.allowed_accounts=_"
            + "&json.restrictions.cb_api_auth.admin.users.0.rules=%7B%22%23%22%3A%5B%22GET%22%5D%7D"
        #expect(try post("/token_restrictions", rules).status == 303)
        let stored = try server.get("\(account)/token_restrictions", token).data
        let rule: JSON = ["allowed_accounts": ["_"], "rules": ["#": ["GET"]]]
        #expect(stored["restrictions"]?["cb_api_auth"]?["admin"]?["users"] == [rule])
        #expect(try page("/token_restrictions").text.contains("token_restrictions?form=delete"))
        let gone = try post("/token_restrictions", "verb=delete")
        #expect(gone.status == 303 && gone.fields[.location] == "\(account)?said=deleted")
        #expect(try server.get("\(account)/token_restrictions", token).status == 404)
    }

    @Test func eachIDIsOnAPageOnce() throws {
        let form = try post("/token_restrictions", "form=add:restrictions&key.restrictions=cb_api_auth").text
        let ids = form.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
        #expect(Set(ids).count == ids.count, "\(ids)")
    }

    @Test func settingsOfEndpointsAreChanged() throws {
        let form = try page("/configs/kazoo_endpoint?form=edit").text
        #expect(form.contains("name=\"data.default_can_text_self\""))
        // There is no list of settings to go back to.
        #expect(!form.contains("/configs?"))
        #expect(try post("/configs/kazoo_endpoint", "otherwise.default_can_text_self=false").status == 303)
        #expect(try server.get("\(account)/configs/kazoo_endpoint", token).data["default_can_text_self"] == false)
    }

    @Test func aBrandBeginsWithAForm() throws {
        let missing = try page("/whitelabel")
        #expect(missing.status == 404 && missing.text.contains("whitelabel?form=new"))
        #expect(try page("/whitelabel?form=new").text.contains("name=\"verb\" value=\"put\""))
        #expect(try post("/whitelabel", "verb=put&data.company_name=Lighthouse").status == 303)
        let brand = try page("/whitelabel").text
        #expect(brand.contains("Lighthouse") && brand.contains("action=\"\(account)/whitelabel/logo\""))
    }

    @Test func aNumberIsAddedAndActivated() throws {
        #expect(try page("/phone_numbers?ascending=true").text.contains("<input id=\"new\" name=\"new\" required>"))
        let asked = try page("/phone_numbers?new=%2B14155550100")
        #expect(asked.status == 303)
        let form = "\(account)/phone_numbers/%2B14155550100?form=new"
        #expect(asked.fields[.location] == form)
        #expect(try page("/phone_numbers/%2B14155550100?form=new").text.contains("<button>Create</button>"))
        let made = try post("/phone_numbers/%2B14155550100", "verb=put&data.carrier_name=knm_local")
        #expect(made.status == 303, "\(made.text)")
        #expect(try page("/phone_numbers").text.contains("%2B14155550100\">+14155550100</a>"))
        let number = try page("/phone_numbers/%2B14155550100").text
        #expect(number.contains("action=\"\(account)/phone_numbers/%2B14155550100/reserve\""))
        let reserved = try post("/phone_numbers/%2B14155550100/reserve", "verb=put&next=\(account)")
        #expect(reserved.status == 303 && reserved.fields[.location] == account)
        let state = try server.get("\(account)/phone_numbers/%2B14155550100", token).data["_read_only"]?["state"]
        #expect(state == "reserved")
    }

    @Test func aRemarkIsMadeMendedAndDeleted() throws {
        #expect(try page("/comments").text.contains("comments?form=new"))
        #expect(try page("/comments?form=new").text.contains("name=\"data.comments.0.content\""))
        let mistake = try post("/comments", "verb=put&data.comments.0.author=Ada")
        #expect(mistake.status == 400)
        #expect(mistake.text.contains("value=\"Ada\"") && mistake.text.contains("href=\"#data.comments.0.content\""))
        let who = "data.comments.0.author=Ada&data.comments.0.timestamp=63900000000"
        #expect(try post("/comments", "verb=put&data.comments.0.content=A+call+was+lost&\(who)").status == 303)
        let mended = "data.content=Two+calls+were+lost&data.author=Ada&data.timestamp=63900000000"
        #expect(try page("/comments").text.contains("href=\"\(account)/comments/0\""))
        #expect(try post("/comments/0", mended).status == 303)
        #expect(try page("/comments/0").text.contains("Two calls were lost"))
        #expect(try post("/comments/0", "verb=delete").status == 303)
        #expect(try server.get("\(account)/comments", token).data["comments"] == [])
    }

    @Test func anAPIKeyIsMadeByAButton() throws {
        let before = try server.get("\(account)/api_key", token).data["api_key"]?.string
        // What ends every session is not in the way of anything else.
        #expect(try !page("").text.contains("Make a new key"))
        #expect(try post("/api_key", "verb=put").status == 303)
        // The key ends what was made before it.
        #expect(try page("/api_key").status == 401)
        let token = try server.token(server.master.account, server.master.admin)
        let key = try server.get("\(account)/api_key", token).data["api_key"]?.string ?? "none"
        let shown = try server.send("GET", "\(account)/api_key", token: token, fields: ["HTTP_ACCEPT": "text/html"])
            .text
        #expect(
            key != before && shown.contains(key)
                && shown.contains("<button class=\"quiet\">Make a new key and end all sessions</button>")
        )
    }

    @Test func securitySaysWhereEachSettingComesFrom() throws {
        #expect(try page("/security").text.contains("<span class=\"quiet origin\">standard</span>"))
        #expect(try post("/security", "data.password.min_length=12").status == 303)
        #expect(try page("/security").text.contains("<dd>12 <span class=\"quiet origin\">set here</span></dd>"))
    }
}

/// What people are told when it is not their fault.
@Suite struct ProblemPageTests {
    private struct Broken: Plugin {
        static let name = "broken"
        static let summary: String? = "Fails."
        static func routes(kit: Kit) -> [PluginRoute] {
            let route = Route([(.get, .anyone)]) { _ throws(APIError) in throw .internalFault("/secret/path") }
            return [PluginRoute("/broken", route)]
        }
    }

    private static let html = ["HTTP_ACCEPT": "text/html"]

    @Test func aFaultOfOursTellsWhatToDoAndNothingElse() throws {
        let server = try TestServer(plugins: DiscoveredPlugins.all + [Broken.self])
        let answer = try server.send("GET", "/v2/broken", fields: Self.html)
        #expect(answer.status == 500)
        #expect(answer.text.contains("It is the server&#39;s fault, not yours."))
        #expect(answer.text.contains("tell the operator the request&#39;s number below"))
        #expect(!answer.text.contains("secret"))
    }

    @Test func aStoreThatFailsIsAPage() throws {
        let faults = Faults()
        let server = try TestServer(faults: faults)
        let users = "/v2/accounts/\(server.master.account)/users"
        faults.failAfter(0)
        let answer = try server.send("GET", users, token: server.master.adminToken, fields: Self.html)
        #expect(answer.status >= 500 && answer.text.hasPrefix("<!DOCTYPE html>"))
    }

    @Test func whoTriesTooOftenIsToldToWait() throws {
        let server = try TestServer()
        let fields = Self.html.merging(["CONTENT_TYPE": "application/x-www-form-urlencoded"]) { old, _ in old }
        var refused: Answer?
        for number in 0..<100 where refused == nil {
            let form = "verb=put&data.account_name=Master&data.username=nobody\(number)&data.password=wrong"
            let answer = try server.send("POST", "/v2/user_auth", form, fields: fields)
            #expect(answer.text.hasPrefix("<!DOCTYPE html>"))
            if answer.status == 429 { refused = answer }
        }
        let page = try refused.orSurprise("nobody was refused")
        let seconds = try page.fields[.retryAfter].orSurprise("no time to wait")
        #expect(page.text.contains("Too many attempts. Wait \(seconds) seconds, then try again."))
        #expect(page.text.contains("name=\"data.username\" value=\"nobody"))
    }
}
