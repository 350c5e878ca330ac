//  What the tokens of an account may be used for. Source: Crossbar's token_restrictions.

import HTTPTypes
import Identity
import JSON

/// The rules of one account: way to log in → privilege → endpoint → rules.
package struct TokenRestrictions: Sendable {
    private let restrictions: JSON

    /// - Parameter restrictions: the value of the document's `restrictions`.
    package init(_ restrictions: JSON) { self.restrictions = restrictions }

    /// Whether a call is allowed. What no rule speaks of is allowed until a rule of the caller's way to log in and
    /// privilege is found; from there on everything is forbidden that is not allowed.
    ///
    /// - Parameters:
    ///   - account: the account in the path, or nil if the path has none.
    package func allow(
        _ caller: Caller,
        endpoint: Noun,
        method: HTTPRequest.Method,
        account: AccountNode?
    ) -> Bool {
        guard let byMethod = restrictions[caller.principal.method.rawValue] ?? restrictions["_"],
            let byPrivilege = byMethod[caller.privilege == .admin ? "admin" : "user"] ?? byMethod["_"]
        else { return true }
        let labels = Self.labels(of: account, for: caller)
        let rules = (byPrivilege[endpoint.module] ?? byPrivilege["_"])?.array?.first { element in
            guard let allowed = element["allowed_accounts"]?.array else { return true }
            return allowed.contains { $0.string.map(labels.contains) ?? false }
        }
        // The first pattern that matches decides, so the order in which the document names them counts.
        let decisive = rules?["rules"]?.object?.first { Self.matches($0.key, endpoint.arguments) }
        return decisive?.value.array?.contains { $0.string == "_" || $0.string == method.rawValue } ?? false
    }

    /// The names under which rules may speak of the account in the path.
    private static func labels(of account: AccountNode?, for caller: Caller) -> Set<String> {
        guard let account else { return ["_"] }
        var labels: Set = ["_", account.id]
        if account.id == caller.account.id {
            labels.insert("{AUTH_ACCOUNT_ID}")
        } else if account.isWithin(caller.account.id) {
            labels.insert("{DESCENDANT_ACCOUNT_ID}")
        }
        return labels
    }

    /// Whether arguments are as a pattern says: `*` is any one, `#` any number of them.
    static func matches(_ pattern: String, _ arguments: [String]) -> Bool {
        matches(pattern.split(separator: "/").map(String.init)[...], arguments[...])
    }

    private static func matches(_ pattern: ArraySlice<String>, _ arguments: ArraySlice<String>) -> Bool {
        guard let word = pattern.first else { return arguments.isEmpty }
        if word == "#" {
            // At the end it takes all; before other words it takes as many as leave these something.
            return (arguments.startIndex...arguments.endIndex).contains { start in
                matches(pattern.dropFirst(), arguments[start...])
            }
        }
        guard let argument = arguments.first, word == "*" || word == argument else { return false }
        return matches(pattern.dropFirst(), arguments.dropFirst())
    }
}
