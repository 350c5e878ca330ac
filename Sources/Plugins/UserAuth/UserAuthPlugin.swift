//  Logging in: from a proof of a password to a token. Resetting a password; acting as somebody else.

import PluginKit

struct UserAuthPlugin: Plugin {
    static let name = "user_auth"
    static let recoverySchema = "user_auth_recovery"
    static let resetSchema = "user_auth_recovery_reset"

    static func routes(kit: Kit) -> [PluginRoute] {
        let service = UserAuthService(kit)
        let recovery = RecoveryService(kit)
        let login = Route([(.put, .anyone)]) { call throws(APIError) in try service.logIn(call) }
        let forgotten = Route([(.put, .anyone), (.post, .anyone)]) { call throws(APIError) in
            call.method == .put ? try recovery.request(call) : try recovery.reset(call)
        }
        let impersonation = Route([(.put, .account(.admin))]) { call throws(APIError) in
            try service.impersonate(call)
        }
        return [
            PluginRoute("/user_auth", login),
            PluginRoute("/user_auth/recovery", forgotten),
            PluginRoute("/accounts/{account}/users/{user}/user_auth", impersonation),
        ]
    }

    static func problems(kit: Kit) -> [String] {
        [name, recoverySchema, resetSchema].filter { kit.schemas[$0] == nil }.map {
            "\(name): there is no \($0).schema.json in its folder"
        }
    }
}
