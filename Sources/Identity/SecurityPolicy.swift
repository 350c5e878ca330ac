//  What an account demands of those who log in: its own settings and those of the accounts above, which only tighten.

import JSON

/// How logins of one account are treated, each rule with the account that it comes from.
package struct SecurityPolicy: Sendable {
    /// A rule in force.
    package struct Rule: Sendable, Equatable {
        package var value: JSON
        /// The account whose setting it is, or nil if it is the server's default.
        package var origin: String?
    }

    /// What holds where no account says anything; no account may be laxer.
    package struct Defaults: Sendable {
        /// Characters: 1 to 1,024.
        package var minimumPasswordLength = 8
        package var allowsCommonPasswords = false
        /// How long a token lives, in seconds: 60 to 43,200.
        package var tokenLifetime = 3_600

        package init() {}
    }

    /// A second factor that somebody demands.
    package struct Requirement: Sendable, Equatable {
        /// The account that demands it.
        package var origin: String
        /// The account of the provider's document; nil for the server's own provider.
        package var providerAccount: String?
        /// The id of the provider's document; nil for the server's own provider.
        package var providerID: String?
    }

    /// Crossbar's names of the ways to log in.
    package static let modules = ["cb_api_auth", "cb_auth", "cb_ip_auth", "cb_user_auth"]

    /// The rules by their dotted names, in a fixed order.
    package private(set) var rules: [(name: String, rule: Rule)]
    /// The second factors demanded of each way to log in.
    private var requirements: [String: [Requirement]] = [:]
    /// The addresses of pages to which a letter about a forgotten password may lead.
    private let recoveryPages: [String]

    /// - Parameters:
    ///   - account: the account whose policy it is.
    ///   - levels: the settings of the accounts above, the root first, and at last those of the account itself; null
    ///     where there are none.
    ///   - defaults: the server's own.
    package init(account: String, levels: [(account: String, settings: JSON)], defaults: Defaults = Defaults()) {
        rules = Self.settings(defaults).map { setting in
            var rule = Rule(value: setting.standard, origin: nil)
            for level in levels {
                guard let value = level.settings.value(at: JSONPath(elements: setting.path)),
                    setting.direction.isTighter(value, than: rule.value)
                else { continue }
                rule = Rule(value: value, origin: level.account)
            }
            return (setting.name, rule)
        }
        recoveryPages = levels.flatMap { level in
            level.settings["recovery"]?["ui_urls"]?.array?.compactMap(\.string) ?? []
        }
        for module in Self.modules {
            requirements[module] = levels.compactMap { level in
                Self.requirement(of: module, at: level, for: account)
            }
        }
    }

    /// Whether a way to log in is open.
    package func isEnabled(_ module: String) -> Bool { self["auth_modules.\(module).enabled"]?.bool ?? true }

    /// How long a token of a way to log in lives, in seconds.
    package func lifetime(_ module: String) -> Int64 {
        Int64(max(60, min(43_200, self["auth_modules.\(module).token_auth_expiry_s"]?.int ?? 3_600)))
    }

    /// Whether an attempt is to be recorded.
    package func records(_ module: String, success: Bool) -> Bool {
        self["auth_modules.\(module).log_\(success ? "successful" : "failed")_attempts"]?.bool ?? true
    }

    /// The second factors that a way to log in demands of everybody; each of them must be there and be passed.
    package func requiredFactors(_ module: String) -> [Requirement] { requirements[module] ?? [] }

    /// Characters. Source: NIST SP 800-63B §5.1.1.2; there are no rules of composition, as it advises.
    package var minimumPasswordLength: Int { self["password.min_length"]?.int ?? Defaults().minimumPasswordLength }

    /// Whether a password may be one that everybody tries first.
    package var allowsCommonPasswords: Bool { self["password.common"]?.string != "deny" }

    /// Whether a digest of the password may stand for it, as Crossbar's clients send it.
    package var allowsDigests: Bool { self["legacy_credentials"]?.string != "deny" }

    /// Whether a letter about a forgotten password may lead to a page: one that an account of the line names, or one
    /// below it.
    package func allowsRecoveryPage(_ address: String) -> Bool {
        recoveryPages.contains { page in
            let stem = page.hasSuffix("/") ? page : page + "/"
            return address == page || address.hasPrefix(stem) || address.hasPrefix(page + "?")
                || address.hasPrefix(page + "#")
        }
    }

    private subscript(name: String) -> JSON? { rules.first { $0.name == name }?.rule.value }

    /// Active as in Crossbar: for the account itself, for one that is named, and below where it says so.
    private static func requirement(
        of module: String,
        at level: (account: String, settings: JSON),
        for account: String
    ) -> Requirement? {
        guard let factor = level.settings["auth_modules"]?[module]?["multi_factor"], factor["enabled"]?.bool == true
        else { return nil }
        let named = factor["account_id"]?.string
        guard
            level.account == account || named == nil || named == account
                || factor["include_subaccounts"]?.bool == true
        else { return nil }
        let provider = factor["configuration_id"]?.string
        return Requirement(
            origin: level.account,
            providerAccount: provider == nil ? nil : named ?? level.account,
            providerID: provider
        )
    }
}

extension SecurityPolicy {
    /// Which of two values is the tighter one.
    private enum Direction {
        case off, on, smaller, greater, deny

        func isTighter(_ value: JSON, than other: JSON) -> Bool {
            switch self {
            case .off: value.bool == false && other.bool == true
            case .on: value.bool == true && other.bool == false
            case .smaller: (value.int ?? .max) < (other.int ?? .max)
            case .greater: (value.int ?? .min) > (other.int ?? .min)
            case .deny: value.string == "deny" && other.string != "deny"
            }
        }
    }

    private struct Setting {
        let path: [String]
        let direction: Direction
        let standard: JSON
        var name: String { path.joined(separator: ".") }
    }

    private static func settings(_ defaults: Defaults) -> [Setting] {
        modules.flatMap { module in
            [
                Setting(path: ["auth_modules", module, "enabled"], direction: .off, standard: true),
                Setting(
                    path: ["auth_modules", module, "token_auth_expiry_s"],
                    direction: .smaller,
                    standard: .number(JSONNumber(defaults.tokenLifetime))
                ),
                Setting(path: ["auth_modules", module, "log_failed_attempts"], direction: .on, standard: true),
                Setting(
                    path: ["auth_modules", module, "log_successful_attempts"],
                    direction: .on,
                    standard: .bool(module == "cb_user_auth")
                ),
            ]
        } + [
            Setting(
                path: ["password", "min_length"],
                direction: .greater,
                standard: .number(JSONNumber(defaults.minimumPasswordLength))
            ),
            Setting(
                path: ["password", "common"],
                direction: .deny,
                standard: defaults.allowsCommonPasswords ? "allow" : "deny"
            ),
            Setting(path: ["legacy_credentials"], direction: .deny, standard: "allow"),
        ]
    }
}
