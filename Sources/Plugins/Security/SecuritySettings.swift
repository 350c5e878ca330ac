//  The security settings of one account: its own, those of the accounts above, and what comes of both.

import Identity
import PluginKit

struct SecuritySettings: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    func read(_ call: Call) throws(APIError) -> Reply {
        guard let account = call.account else { throw .notFound }
        return try reply(own(account.id) ?? [:], account, call)
    }

    func replace(_ call: Call) throws(APIError) -> Reply { try change(call, to: JSON.object(call.fields())) }

    func merge(_ call: Call) throws(APIError) -> Reply {
        guard let account = call.account else { throw .notFound }
        return try change(call, to: (own(account.id) ?? [:]).merging(.object(call.fields())))
    }

    func remove(_ call: Call) throws(APIError) -> Reply {
        guard let account = call.account, let former = try own(account.id) else {
            throw .badIdentifier("account does not have customize auth configuration")
        }
        try kit.changeAccount(call, telling: "security_deleted") { $0.security = nil }
        return Reply(former)
    }

    private func own(_ account: String) throws(APIError) -> JSON? {
        try kit.directory.document(account, account: account).flatMap { AccountSecrets($0.secrets) }?.security
    }

    /// Stores settings. What is tighter than before ends the account's tokens: those were made under other rules.
    private func change(_ call: Call, to settings: JSON) throws(APIError) -> Reply {
        guard let account = call.account else { throw .notFound }
        guard let schema = kit.schemas[SecurityPlugin.name] else { throw .internalFault("no schema security") }
        var settings = settings
        // What the answer shows beside the providers' names is not the client's to set.
        for module in SecurityPolicy.modules {
            settings["auth_modules"]?[module]?["multi_factor"]?["_read_only"] = nil
        }
        let result = schema.validate(settings)
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        try checkProviders(result.value, account)
        try kit.changeAccount(call, telling: "security_edited") { secrets in
            let former = secrets.security ?? [:]
            guard former != result.value else { return }
            secrets.security = result.value
            if Self.closes(result.value, more: former) { secrets.epoch += 1 }
        }
        return try reply(result.value, account, call)
    }

    /// Whether a way to log in is closed, or asks for a second factor, that did not before.
    private static func closes(_ settings: JSON, more former: JSON) -> Bool {
        SecurityPolicy.modules.contains { module in
            let (new, old) = (settings["auth_modules"]?[module], former["auth_modules"]?[module])
            return new?["enabled"]?.bool == false && old?["enabled"]?.bool != false
                || new?["multi_factor"]?["enabled"]?.bool == true && old?["multi_factor"]?["enabled"]?.bool != true
        }
    }

    /// A provider's document is one of the account that is named, and that account is in the line.
    private func checkProviders(_ settings: JSON, _ account: AccountNode) throws(APIError) {
        for module in SecurityPolicy.modules {
            guard let factor = settings["auth_modules"]?[module]?["multi_factor"],
                factor["configuration_id"]?.string != nil
            else { continue }
            let owner = factor["account_id"]?.string
            guard let owner, account.isWithin(owner) else {
                throw .invalid(
                    "auth_modules.\(module).account_id",
                    rule: "required",
                    "The account of the provider must be this one or one above it"
                )
            }
        }
    }

    /// The account's own settings, what it inherits, and what is in force, with the account that each rule comes from.
    private func reply(_ own: JSON, _ account: AccountNode, _ call: Call) throws(APIError) -> Reply {
        let policy = try kit.policy(of: account.id)
        let parent = try account.ancestors.last.map { parent throws(APIError) in try kit.policy(of: parent) }
        var effective = JSONObject()
        for (name, rule) in policy.rules {
            effective[name] = ["value": rule.value, "origin": .string(origin(rule.origin, call))]
        }
        for module in SecurityPolicy.modules {
            let demands = policy.requiredFactors(module)
            effective["auth_modules.\(module).multi_factor"] = [
                "value": .bool(!demands.isEmpty),
                "origin": .string(origin(demands.first?.origin, call)),
            ]
        }
        var inherited = JSONObject()
        let defaults = SecurityPolicy(account: "", levels: [], defaults: kit.identity.settings.policy)
        for (name, rule) in (parent ?? defaults).rules {
            inherited.set(rule.value, at: name.split(separator: ".").map(String.init)[...])
        }
        return Reply([
            "account": own,
            "inherited_config": .object(inherited),
            "effective": .object(effective),
        ])
    }

    /// Whose rule it is; which account above the caller's own is nobody's business.
    private func origin(_ account: String?, _ call: Call) -> String {
        guard let account else { return "system" }
        let above = call.caller?.account.ancestors ?? []
        return above.contains(account) ? "inherited" : account
    }
}

extension JSONObject {
    fileprivate mutating func set(_ value: JSON, at path: ArraySlice<String>) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            self[name] = value
            return
        }
        var nested = self[name]?.object ?? [:]
        nested.set(value, at: path.dropFirst())
        self[name] = .object(nested)
    }
}
