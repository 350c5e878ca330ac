//  What an account demands, and what those above it do.

import JSON
import Testing

@testable import Identity

@Suite struct SecurityPolicyTests {
    private func policy(_ settings: JSON...) -> SecurityPolicy {
        let names = ["root", "middle", "own"].suffix(settings.count)
        return SecurityPolicy(account: "own", levels: zip(names, settings).map { ($0, $1) })
    }

    private func rule(_ name: String, _ policy: SecurityPolicy) -> SecurityPolicy.Rule? {
        policy.rules.first { $0.name == name }?.rule
    }

    private func user(_ settings: JSON) -> JSON { ["auth_modules": ["cb_user_auth": settings]] }

    @Test func withoutSettingsTheServersOwnCount() {
        let policy = policy(.null)
        #expect(policy.isEnabled("cb_user_auth") && policy.isEnabled("cb_api_auth"))
        #expect(policy.lifetime("cb_user_auth") == 3_600)
        #expect(policy.minimumPasswordLength == 8)
        #expect(policy.allowsDigests)
        #expect(policy.requiredFactors("cb_user_auth").isEmpty)
        #expect(policy.rules.allSatisfy { $0.rule.origin == nil })
    }

    /// A name, the values from the root down, the value in force and the account that it comes from.
    static let rows: [(String, [JSON], JSON, String?)] = [
        ("auth_modules.cb_user_auth.enabled", [true, true, false], false, "own"),
        ("auth_modules.cb_user_auth.enabled", [false, true, true], false, "root"),
        ("auth_modules.cb_user_auth.enabled", [.null, .null, true], true, nil),
        ("auth_modules.cb_user_auth.token_auth_expiry_s", [600, 7_200, .null], 600, "root"),
        ("auth_modules.cb_user_auth.token_auth_expiry_s", [600, .null, 300], 300, "own"),
        ("auth_modules.cb_user_auth.token_auth_expiry_s", [7_200, .null, .null], 3_600, nil),
        ("auth_modules.cb_user_auth.log_failed_attempts", [.null, false, false], true, nil),
        ("auth_modules.cb_api_auth.log_successful_attempts", [.null, true, false], true, "middle"),
        ("password.min_length", [12, 10, 8], 12, "root"),
        ("password.min_length", [4, 10, .null], 10, "middle"),
        ("password.min_length", [4, .null, .null], 8, nil),
        ("legacy_credentials", ["allow", "deny", "allow"], "deny", "middle"),
    ]

    @Test(arguments: rows)
    func theTightestOfTheLineCounts(row: (name: String, values: [JSON], value: JSON, origin: String?)) {
        let settings = row.values.map { value in
            row.name.split(separator: ".").reversed().reduce(value) { [String($1): $0] }
        }
        let policy = policy(settings[0], settings[1], settings[2])
        #expect(rule(row.name, policy) == SecurityPolicy.Rule(value: row.value, origin: row.origin))
    }

    /// The settings of the root and of the account, and who demands a factor of the account.
    static let demands: [(JSON, JSON, [String])] = [
        (.null, ["enabled": true], ["own"]),
        (["enabled": true], .null, ["root"]),
        (["enabled": true], ["enabled": false], ["root"]),
        (["enabled": true], ["enabled": true], ["root", "own"]),
        (["enabled": true, "account_id": "root"], .null, []),
        (["enabled": true, "account_id": "root", "include_subaccounts": true], .null, ["root"]),
        (["enabled": true, "account_id": "own"], .null, ["own's by root"]),
        (["enabled": "yes"], ["enabled": 1], []),
    ]

    @Test(arguments: demands)
    func aFactorIsDemandedByAnyoneAbove(demand: (root: JSON, own: JSON, origins: [String])) {
        let policy = policy(user(["multi_factor": demand.root]), .null, user(["multi_factor": demand.own]))
        let origins = policy.requiredFactors("cb_user_auth").map(\.origin)
        #expect(origins == demand.origins.map { $0 == "own's by root" ? "root" : $0 })
        #expect(policy.requiredFactors("cb_api_auth").isEmpty)
    }

    @Test(arguments: [
        ("https://ui.example/reset", true), ("https://ui.example/reset?x=1", true),
        ("https://ui.example/reset#x", true),
        ("https://ui.example/reset/x", true), ("https://ui.example/resetx", false), ("https://ui.example", false),
        ("https://ui.example.evil/reset", false), ("http://ui.example/reset", false), ("", false),
    ])
    func lettersLeadToNamedPagesOnly(page: String, isAllowed: Bool) {
        let policy = policy(["recovery": ["ui_urls": ["https://ui.example/reset"]]], .null)
        #expect(policy.allowsRecoveryPage(page) == isAllowed)
        #expect(!self.policy(.null).allowsRecoveryPage(page))
    }

    @Test func damagedSettingsChangeNothing() {
        let policy = policy(user([1, 2]), ["auth_modules": "x", "password": 7], user(["enabled": "no"]))
        #expect(policy.isEnabled("cb_user_auth"))
        #expect(policy.minimumPasswordLength == 8)
    }
}
