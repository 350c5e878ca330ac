//  What an account demands of its logins, and who tried to log in.

import Identity
import PluginKit

struct SecurityPlugin: Plugin {
    static let name = "security"

    static func routes(kit: Kit) -> [PluginRoute] {
        let settings = SecuritySettings(kit)
        let methods = Route([(.get, .authenticated)]) { _ in
            Reply(["available_auth_methods": .array(SecurityPolicy.modules.map { .string($0) })])
        }
        let item = Route([
            (.get, .account(.user)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]) { call throws(APIError) in
            switch call.method {
            case .post: try settings.replace(call)
            case .patch: try settings.merge(call)
            case .delete: try settings.remove(call)
            default: try settings.read(call)
            }
        }
        return [
            PluginRoute("/security", methods),
            PluginRoute("/accounts/{account}/security", item, .settings(schema: name)),
        ] + attempts(.login, below: "/accounts/{account}/security", kit)
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }

    /// A list of attempts by time, and one attempt.
    static func attempts(_ kind: RecordedAttempt.Kind, below path: String, _ kit: Kit) -> [PluginRoute] {
        let list = Route([(.get, .account(.admin))]) { call throws(APIError) in
            guard let account = call.account else { throw .notFound }
            return try kit.identity.attempts.list(kind, account: account.id, RecordRequest(call))
        }
        let item = Route([(.get, .account(.admin))]) { call throws(APIError) in
            guard let account = call.account, let id = call.arguments.last else { throw .notFound }
            guard let attempt = try kit.identity.attempts.find(kind, id, account: account.id) else {
                throw .badIdentifier(id)
            }
            return Reply(attempt)
        }
        return [
            PluginRoute(RouteTemplate("\(path)/attempts"), list),
            PluginRoute(RouteTemplate("\(path)/attempts/{attempt}"), item),
        ]
    }
}
