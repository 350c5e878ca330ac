//  From path segments to nouns: which words are modules, and which are their arguments.

/// A module of the path with the arguments that follow it: `devices [D]`.
package struct Noun: Equatable, Sendable {
    package var module: String
    package var arguments: [String]

    package init(_ module: String, _ arguments: [String] = []) {
        self.module = module
        self.arguments = arguments
    }
}

extension [Noun] {
    /// The path that they are read from.
    package var path: String {
        "/v2" + flatMap { [$0.module] + $0.arguments }.map { "/" + percentEncoded($0) }.joined()
    }
}

/// The words that are modules.
///
/// An argument that equals one of them cannot be addressed, so the list is Crossbar's whole list: the meaning of a
/// path does not depend on which plugins are on.
package struct Vocabulary: Sendable {
    private let modules: Set<String>

    /// - Parameter registered: the names of the plugins; words of our own join Crossbar's.
    package init(registered: some Sequence<String> = []) {
        modules = Self.crossbar.union(registered)
    }

    package func contains(_ word: String) -> Bool { modules.contains(word) }

    /// Reads `["accounts", A, "devices", D]` as accounts [A], devices [D].
    ///
    /// - Returns: nil if the first segment is no module.
    package func nouns(of segments: some Collection<String>) -> [Noun]? {
        var nouns: [Noun] = []
        for segment in segments {
            if let last = nouns.last, Self.swallowsTheRest.contains(last.module) {
                nouns[nouns.count - 1].arguments.append(segment)
            } else if modules.contains(segment) {
                nouns.append(Noun(segment))
            } else if nouns.isEmpty {
                return nil
            } else {
                nouns[nouns.count - 1].arguments.append(segment)
            }
        }
        return nouns.isEmpty ? nil : nouns
    }

    /// Modules whose arguments may be any words, other modules' names among them: `/v2/schemas/users`.
    private static let swallowsTheRest: Set<String> = ["schemas", "braintree", "system_configs", "configs", "sup"]

    /// Every module word of Crossbar 5, whether we have such a plugin or not.
    private static let crossbar: Set<String> = [
        "about", "access_lists", "accounts", "acdc_call_stats", "acls", "agents", "alerts", "allotments", "api_auth",
        "apps_link", "apps_store", "att_handlers_errors", "auth", "basic_auth", "blacklists", "braintree",
        "call_inspector", "callflows", "cccps", "cdrs", "channels", "clicktocall", "comments", "conferences",
        "configs", "connectivity", "contact_list", "devices", "dialplans", "directories", "faxboxes", "faxes",
        "functions", "groups", "hotdesks", "ip_auth", "ips", "ledgers", "limits", "lists", "media", "menus",
        "metaflows", "migrations", "mms", "multi_factor", "noauthn", "noauthz", "notifications", "parked_calls",
        "phone_numbers", "pivot", "port_requests", "presence", "profile", "queues", "quickcall", "rate_limits",
        "rates", "recordings", "registrations", "resource_selectors", "resource_templates", "resources", "schemas",
        "search", "security", "services", "simple_authz", "skels", "sms", "storage", "sup", "system_configs",
        "system_status", "tasks", "temporal_rules", "temporal_rules_sets", "token_auth", "token_restrictions",
        "transactions", "user_auth", "users", "vmboxes", "webhooks", "websockets", "whitelabel",
    ]
}
