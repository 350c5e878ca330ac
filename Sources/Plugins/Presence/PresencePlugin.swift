//  Lamps: who watches whom, and what they see. Only a switch knows; without one nobody watches anybody.

import PluginKit

struct PresencePlugin: Plugin {
    static let name = "presence"
    static let summary: String? = "Who is in a call; always empty, because only a switch knows."

    static func routes(kit: Kit) -> [PluginRoute] {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.post, .account(.user)),
        ]
        let all = Route(methods) { call throws(APIError) in
            guard call.method == .get else { throw .noSwitch }
            return Reply(["subscriptions": [:]])
        }
        let change = Route([(.post, .account(.user))]) { _ throws(APIError) in throw .noSwitch }
        return [
            PluginRoute("/accounts/{account}/presence", all),
            PluginRoute("/accounts/{account}/presence/{extension}", change),
            PluginRoute(RouteTemplate("\(UsersPlugin.itemPath)/presence"), change),
            PluginRoute(RouteTemplate("\(DevicesPlugin.itemPath)/presence"), change),
        ]
    }
}
