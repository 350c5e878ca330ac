//  Logging in: from a proof of a password to a token.

import PluginKit

struct UserAuthPlugin: Plugin {
    static let name = "user_auth"

    static func routes(kit: Kit) -> [PluginRoute] {
        let service = UserAuthService(kit)
        let route = Route([(.put, .anyone)]) { call throws(APIError) in try service.logIn(call) }
        return [PluginRoute("/user_auth", route)]
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }
}
