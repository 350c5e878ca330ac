//  Every verb of every route for everybody who may come: what each may do follows from the route's access rule, and
//  nothing answers 2xx for whom the rule does not name.

import Gateway
import HTTPMessage
import Identity
import Plugins
import TestServer
import Testing

@testable import PluginKit

@Suite struct AuthorizationMatrixTests {
    /// Who comes.
    enum Comer: String, CaseIterable, Sendable {
        case nobody, user, admin, apiKey, parent, parentUser, child, sibling, stranger, superduper, expired, revoked
        case disabledUser, junk

        /// Whether anybody is known at all.
        var isKnown: Bool { ![.nobody, .expired, .revoked, .disabledUser, .junk].contains(self) }
        /// Whether an administrator's rights in the account of the path come with it.
        var rules: Bool { [.admin, .apiKey, .parent, .superduper].contains(self) }

        /// Whether a rule lets this one pass, for a path of the account in the middle.
        func passes(_ access: Access, hasAccount: Bool) -> Bool {
            switch access {
            case .anyone: true
            case .authenticated: isKnown
            case .superduper: self == .superduper
            case .accountAdminOrSelf: rules
            case .account(let privilege):
                // Without an account in the path the caller's own is meant.
                hasAccount
                    ? rules || (self == .user && privilege == .user)
                    : isKnown && (privilege == .user || ![.user, .parentUser].contains(self))
            }
        }
    }

    let server: TestServer
    let tenant: TestServer.Tenant
    let tokens: [Comer: String]
    /// Who the known ones are: the account, and the user unless the account itself comes.
    let people: [Comer: (account: String, user: String?)]

    init() throws {
        // The limit on bad tokens is not what is asked here.
        var settings = IdentitySettings()
        settings.requests.cost = 0
        server = try TestServer(settings: settings)
        let parent = try server.makeTenant("Parent")
        tenant = try server.makeTenant("Tenant", below: parent)
        let server = server
        let tenant = tenant
        func token(_ answer: Answer) throws -> String {
            try (answer.json["auth_token"]?.string).orSurprise("\(answer.json)")
        }
        let key = try server.get("/v2/accounts/\(tenant.account)/api_key", tenant.adminToken).data["api_key"]
        let expired = try token(server.logIn("Tenant"))
        server.advance(by: 3_700)
        let revoked = try token(server.logIn("Tenant"))
        _ = try server.send("DELETE", "/v2/token_auth", token: revoked)
        let off = try server.makeUser(tenant, "off", level: "admin")
        let disabled = try server.token(tenant.account, off)
        let path = "/v2/accounts/\(tenant.account)/users/\(off)"
        _ = try server.send("PATCH", path, ["enabled": false], tenant.adminToken)
        let apiKey = try token(server.stranger("PUT", "/v2/api_auth", ["api_key": key.orSurprise("no key")]))
        let child = try server.makeTenant("Child", below: tenant)
        let sibling = try server.makeTenant("Sibling", below: parent)
        let stranger = try server.makeTenant("Stranger")
        people = [
            .user: (tenant.account, try server.makeUser(tenant, "plain")),
            .admin: (tenant.account, tenant.admin),
            .apiKey: (tenant.account, nil),
            .parent: (parent.account, parent.admin),
            .parentUser: (parent.account, try server.makeUser(parent, "plain")),
            .child: (child.account, child.admin),
            .sibling: (sibling.account, sibling.admin),
            .stranger: (stranger.account, stranger.admin),
            .superduper: (server.master.account, server.master.admin),
        ]
        var tokens: [Comer: String] = [
            .apiKey: apiKey, .expired: expired, .revoked: revoked, .disabledUser: disabled, .junk: "junk",
        ]
        for (comer, person) in people {
            if let user = person.user { tokens[comer] = try server.token(person.account, user) }
        }
        self.tokens = tokens
    }

    /// A token of now, or none if the comer's account is gone.
    private func newToken(_ comer: Comer) throws -> String? {
        guard let person = people[comer],
            let epochs = try server.kit.directory.epochs(account: person.account, user: person.user)
        else { return tokens[comer] }
        let claims = Claims(
            accountID: person.account,
            userID: person.user,
            method: person.user == nil ? .apiKey : .user,
            epochs: epochs,
            issued: server.time,
            lifetime: 3_600
        )
        return try server.kit.identity.signer.token(claims)
    }

    /// The path of a template, in the account in the middle, of documents that do not exist.
    private func target(_ route: PluginRoute) -> String {
        let words = route.template.description.split(separator: "/").map { word in
            if word == "{account}" { return tenant.account }
            return word.hasPrefix("{") ? "0123456789abcdef0123456789abcdef" : String(word)
        }
        return "/v2/" + words.joined(separator: "/")
    }

    @Test(arguments: Comer.allCases)
    func everyCellIsAsTheRuleSays(comer: Comer) throws {
        var cells = 0
        var destructive: [(method: HTTPRequest.Method, target: String, template: String)] = []
        for route in try Registry(DiscoveredPlugins.all, kit: server.kit).all {
            let target = target(route)
            let hasAccount = route.template.description.hasPrefix("/accounts/{account}")
            for (method, access) in route.route.methods {
                cells += 1
                // Whoever may, is asked for something that cannot be done, so that the next cell finds all as it was.
                let isAsked = comer.passes(access, hasAccount: hasAccount)
                let body = isAsked ? #"{"data":[]}"# : #"{"data":{}}"#
                if isAsked, method == .delete || Self.changesWithoutData(route, method) {
                    destructive.append((method, target, route.template.description))
                    continue
                }
                let answer = try server.send(method.rawValue, target, method == .get ? "" : body, token: tokens[comer])
                let name = "\(comer) \(method) \(target): \(answer.status) \(answer.text.prefix(200))"
                // 501 is what only a telephone system can do.
                #expect(answer.status < 500 || answer.status == 501, "\(name)")
                if isAsked {
                    // Beyond the rule, some ask who it is that asks; nobody who is known is told that he is not.
                    let mayBeUnknown = access == .anyone || !comer.isKnown
                    #expect(mayBeUnknown || answer.status != 401, "\(name)")
                } else {
                    let refusals = comer.isKnown ? [403] : [401]
                    #expect(refusals.contains(answer.status), "\(name)")
                }
                // An expired token is refused wherever it comes.
                if comer == .expired { #expect(answer.status == 401, "\(name)") }
            }
        }
        #expect(cells > 100)
        // What is really done comes last, and the account's own end after all else.
        destructive.sort { $0.template.utf8.count > $1.template.utf8.count }
        for (method, target, _) in destructive {
            let answer = try server.send(method.rawValue, target, #"{"data":{}}"#, token: newToken(comer))
            let name = "\(comer) \(method) \(target): \(answer.status) \(answer.text.prefix(200))"
            // An account with others below it stays, and says so as Crossbar does.
            #expect(answer.status < 500 || answer.json["message"] == "account_has_descendants", "\(name)")
            #expect(answer.status != 401 || !comer.isKnown, "\(name)")
            // A key makes no keys; the rest is as the rule says.
            #expect(answer.status != 403 || (comer == .apiKey && target.hasSuffix("api_key")), "\(name)")
        }
    }

    /// What needs nothing in its body to be done.
    private static func changesWithoutData(_ route: PluginRoute, _ method: HTTPRequest.Method) -> Bool {
        method == .put && ["api_key", "reseller"].contains { route.template.description.hasSuffix($0) }
    }
}
