//  The caller's own token: looking at it, and ending it.

import Identity
import PluginKit

struct TokenAuthPlugin: Plugin {
    static let name = "token_auth"
    static let summary: String? = "The caller's own token: looking at it, and ending it."

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.get, .authenticated), (.delete, .authenticated)]) { call throws(APIError) in
            guard let caller = call.caller else { throw .invalidCredentials }
            if call.method == .get { return try LoginReply.reply(caller.principal, kit) }
            if let tokenID = caller.principal.tokenID {
                try kit.revocations.add(tokenID, of: caller.principal, call: call)
            }
            return Reply()
        }
        return [PluginRoute("/token_auth", route)]
    }
}
