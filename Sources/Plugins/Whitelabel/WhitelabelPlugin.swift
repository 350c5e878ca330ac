//  The brand of an account: the name and the look that its own customers see, under a host name of its own.
//
//  Whoever opens a page under that host name is nobody yet, so the brand of a host is told without a token. A host
//  without a brand is 404, and clients show their own.

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

    static let examples: [JSON] = [
        ["company_name": "Lighthouse"],
        ["company_name": "Harbour", "domain": "phones.harbour.example.com", "hide_powered": true],
    ]
}
