//  Second factors: the providers of an account, and the factor of one user.

import PluginKit

struct MultiFactorPlugin: Plugin {
    static let name = "multi_factor"
    static let summary: String? = "The second factors of an account's logins."
    static let schema = "multi_factor_provider"

    static func routes(kit: Kit) -> [PluginRoute] {
        let providers = FactorProviders(kit)
        let factor = UserFactor(kit)
        let system = Route([(.get, .authenticated)]) { _ in Reply(FactorProviders.list([:])) }
        let list = Route([(.get, .account(.user)), (.put, .account(.admin))]) { call throws(APIError) in
            call.method == .put ? try providers.create(call) : try providers.list(call)
        }
        let item = Route([
            (.get, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]) { call throws(APIError) in try providers.item(call) }
        let own = Route([
            (.get, .accountAdminOrSelf), (.put, .accountAdminOrSelf), (.post, .accountAdminOrSelf),
            (.delete, .accountAdminOrSelf),
        ]) { call throws(APIError) in
            switch call.method {
            case .put: try factor.begin(call)
            case .post: try factor.confirm(call)
            case .delete: try factor.end(call)
            default: try factor.read(call)
            }
        }
        return [
            PluginRoute("/multi_factor", system),
            PluginRoute("/accounts/{account}/multi_factor", list, .index(field: "configured", schema: schema)),
            PluginRoute("/accounts/{account}/multi_factor/{provider}", item, .document(schema: schema)),
            PluginRoute("/accounts/{account}/users/{user}/multi_factor", own),
        ] + SecurityPlugin.attempts(.secondFactor, below: "/accounts/{account}/multi_factor", kit)
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[schema] == nil ? ["\(name): there is no \(schema).schema.json in its folder"] : []
    }
}
