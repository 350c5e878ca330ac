//  The caller's own token: looking at it, and ending it.

import Identity
import PluginKit

struct TokenAuthPlugin: Plugin {
    static let name = "token_auth"
    static let summary: String? = "The caller's own token: looking at it, and ending it."

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.get, .authenticated), (.delete, .authenticated)]) { call throws(APIError) in
            guard let caller = call.caller else { throw .invalidCredentials }
            if call.method == .get {
                var reply = try LoginReply.reply(caller.principal, kit)
                // A page of ours that did not come with it learns here what its changes have to bring.
                if let csrf = call.csrf { try reply.add("csrf", .string(csrf)) }
                return reply
            }
            if let tokenID = caller.principal.tokenID {
                try kit.revocations.add(tokenID, of: caller.principal, call: call)
            }
            var reply = Reply()
            reply.session = .ends
            reply.nextPage = "/"
            return reply
        }
        return [PluginRoute("/token_auth", route)]
    }
}
