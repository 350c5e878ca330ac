//  The brand of an account: the name and the look that its own customers see, under a host name of its own.
//
//  Whoever opens a page under that host name is nobody yet, so the brand of a host is told without a token. A host
//  without a brand is 404, and clients show their own. Whose a host name is, the account above knows: it sets `domain`.

import PluginKit

struct WhitelabelPlugin: SingletonPlugin {
    static let name = "whitelabel"
    static let standard: JSONObject? = nil
    static let domain = UniqueField(
        "domain",
        in: .system,
        comparing: { $0.lowercased() },
        message: "Whitelabel domain is already in use"
    )
    static let uniqueFields = [domain]
    static let normalisations = [Normalisation("domain") { $0.lowercased() }]
    static let validator: any Validator = WhitelabelValidator()

    static let examples: [JSON] = [
        ["company_name": "Lighthouse"],
        ["company_name": "Harbour", "domain": "phones.harbour.example.com", "hide_powered": true],
    ]
}

/// Nobody claims a host name for himself.
struct WhitelabelValidator: Validator {
    func violations(of change: Change, _ reader: Reader) -> Violations {
        var violations = Violations()
        guard let brand = change.new, brand["domain"] != nil, change.changes("domain"), let caller = reader.caller,
            caller.account.id == brand.scope.text, !caller.isSuperduper
        else { return violations }
        violations.add(
            path: "domain",
            rule: "forbidden",
            message: "Only an administrator of an account above may set this"
        )
        return violations
    }
}
