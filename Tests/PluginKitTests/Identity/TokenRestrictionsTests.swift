//  Token restrictions: the contract's matrix, and the rules at work.

import Gateway
import HTTPMessage
import Identity
import TestServer
import Testing

@testable import PluginKit

@Suite struct TokenRestrictionsTests {
    private static let own = AccountNode(id: "own", ancestors: ["root"], isEnabled: true)
    private static let below = AccountNode(id: "below", ancestors: ["root", "own"], isEnabled: true)
    private static let other = AccountNode(id: "other", ancestors: ["root"], isEnabled: true)

    private static func caller(_ method: AuthenticationMethod = .user, _ privilege: Privilege = .user) -> Caller {
        Caller(
            principal: Principal(accountID: "own", userID: "u", method: method),
            account: own,
            privilege: privilege
        )
    }

    private static func allows(
        _ restrictions: JSON,
        _ arguments: [String] = [],
        _ method: HTTPRequest.Method = .get,
        account: AccountNode? = own,
        caller: Caller = caller()
    ) -> Bool {
        let endpoint = Noun("devices", arguments)
        return TokenRestrictions(restrictions).allow(caller, endpoint: endpoint, method: method, account: account)
    }

    /// Pattern, and whether the arguments none, [D], [D, sync], [D, quick_call, N] are allowed. Source: the contract,
    /// 9.12.9.
    static let patterns: [(String, [Bool])] = [
        ("/", [true, false, false, false]), ("*", [false, true, false, false]), ("#", [true, true, true, true]),
        ("D", [false, true, false, false]), ("*/*", [false, false, true, false]),
        ("*/*/*", [false, false, false, true]), ("D/#", [false, true, true, true]),
        ("E", [false, false, false, false]), ("#/sync", [false, false, true, false]),
    ]

    @Test(arguments: patterns)
    func aPatternMeansArguments(pattern: (text: String, allowed: [Bool])) {
        let restrictions: JSON = ["_": ["_": ["devices": [["rules": [pattern.text: ["_"]]]]]]]
        let arguments = [[], ["D"], ["D", "sync"], ["D", "quick_call", "N"]]
        #expect(arguments.map { Self.allows(restrictions, $0) } == pattern.allowed)
    }

    @Test(arguments: [(["_"], true), (["GET"], true), (["GET", "POST"], true), (["POST"], false), ([], false)])
    func aRuleNamesVerbs(verbs: [String], isAllowed: Bool) {
        let names = JSON.array(verbs.map { .string($0) })
        #expect(Self.allows(["_": ["_": ["devices": [["rules": ["#": names]]]]]]) == isAllowed)
    }

    /// The accounts of a rule, and whether it speaks of an account below, of one's own, of another, of none.
    static let accounts: [(JSON?, [Bool])] = [
        (["{AUTH_ACCOUNT_ID}"], [false, true, false, false]),
        (["{DESCENDANT_ACCOUNT_ID}"], [true, false, false, false]),
        (["below"], [true, false, false, false]), (["own"], [false, true, false, false]),
        (nil, [true, true, true, true]), (["_"], [true, true, true, true]), ([], [false, false, false, false]),
        (["nobody", "other"], [false, false, true, false]),
    ]

    @Test(arguments: accounts)
    func aRuleNamesAccounts(row: (accounts: JSON?, allowed: [Bool])) {
        var element: JSON = ["rules": ["#": ["_"]]]
        element["allowed_accounts"] = row.accounts
        let restrictions: JSON = ["_": ["_": ["devices": [element]]]]
        let accounts: [AccountNode?] = [Self.below, Self.own, Self.other, nil]
        #expect(accounts.map { Self.allows(restrictions, account: $0) } == row.allowed)
    }

    @Test func theFirstElementOfTheAccountDecidesAlone() {
        let restrictions: JSON = [
            "_": ["_": ["devices": [["rules": ["/": ["POST"]]], ["rules": ["/": ["GET"]]]]]]
        ]
        #expect(!Self.allows(restrictions))
        #expect(Self.allows(restrictions, [], .post))
    }

    @Test func theFirstPatternThatMatchesDecides() {
        let restrictions: JSON = ["_": ["_": ["devices": [["rules": ["*": ["GET"], "#": ["_"]]]]]]]
        #expect(Self.allows(restrictions, ["D"]))
        #expect(!Self.allows(restrictions, ["D"], .delete))
        #expect(Self.allows(restrictions, [], .put))
    }

    /// Restrictions, and whether a plain user by password, an administrator by password and a plain user by Basic may.
    static let sources: [(JSON, [Bool])] = [
        ([:], [true, true, true]), (["cb_api_auth": [:]], [true, true, true]),
        (["cb_user_auth": ["user": [:]]], [false, true, true]), (["_": ["user": [:]]], [false, true, false]),
        (["_": ["_": [:]]], [false, false, false]), (["_": [:]], [true, true, true]),
        (["cb_user_auth": [:], "_": ["_": [:]]], [true, true, false]),
        (["_": ["user": ["_": [["rules": ["#": ["_"]]]]], "_": [:]]], [true, false, true]),
        // A bare object where an array belongs is no rule.
        (["_": ["user": ["devices": ["rules": ["#": ["_"]]]]]], [false, true, false]),
    ]

    @Test(arguments: sources)
    func theWayToLogInAndThePrivilegeChoose(source: (restrictions: JSON, allowed: [Bool])) {
        let callers = [Self.caller(), Self.caller(.user, .admin), Self.caller(.basic)]
        #expect(callers.map { Self.allows(source.restrictions, caller: $0) } == source.allowed)
    }

    @Test func theRulesHoldForEveryRequest() throws {
        let server = try TestServer()
        let tenant = try server.makeTenant("Tenant")
        let user = try server.makeUser(tenant, "ada")
        let token = try server.token(tenant.account, user)
        let base = "/v2/accounts/\(tenant.account)"
        #expect(try server.get("\(base)/devices", token).status == 200)
        let rules: JSON = ["restrictions": ["_": ["user": ["users": [["rules": ["/": ["GET"]]]]]]]]
        #expect(try server.send("POST", "\(base)/token_restrictions", rules, token).status == 403)
        #expect(try server.get("\(base)/token_restrictions", tenant.adminToken).status == 404)
        #expect(try server.send("POST", "\(base)/token_restrictions", rules, tenant.adminToken).status == 200)
        #expect(try server.get("\(base)/users", token).status == 200)
        for target in ["\(base)/users/\(user)", "\(base)/devices", base] {
            let answer = try server.get(target, token)
            #expect(answer.status == 403)
            #expect(answer.data == ["cause": "access denied by token restrictions", "message": "forbidden"])
        }
        #expect(try server.get("\(base)/devices", tenant.adminToken).status == 200)
        #expect(try server.get("\(base)/token_restrictions", tenant.adminToken).data == rules)
        let wrong: JSON = ["restrictions": ["_": ["_": ["_": [["rules": ["#": ["TRACE"]]]]]]]]
        #expect(try server.send("POST", "\(base)/token_restrictions", wrong, tenant.adminToken).status == 400)
        #expect(try server.send("DELETE", "\(base)/token_restrictions", token: tenant.adminToken).status == 200)
        #expect(try server.get("\(base)/devices", token).status == 200)
    }

    @Test func theMasterAccountIsNotRestricted() throws {
        let server = try TestServer()
        let base = "/v2/accounts/\(server.master.account)"
        let nothing: JSON = ["restrictions": ["_": ["_": [:]]]]
        #expect(try server.send("POST", "\(base)/token_restrictions", nothing, server.master.adminToken).status == 200)
        #expect(try server.get("\(base)/users", server.master.adminToken).status == 200)
    }
}
