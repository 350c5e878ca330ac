//  Calls on demand: `GET` and `POST /users/{U}/quickcall/{NUMBER}` would ring a telephone and then the number. That is
//  a switch's work; without one the answer is 501, and never a success.

import PluginKit

struct QuickcallPlugin: Plugin {
    static let name = "quickcall"
    static let summary: String? = "Calls from a user's telephone to a number; only a switch makes them."

    static func routes(kit: Kit) -> [PluginRoute] {
        ["\(UsersPlugin.itemPath)", "\(DevicesPlugin.itemPath)"].map { owner in
            let route = Route([(.get, .account(.user)), (.post, .account(.user))]) { _ throws(APIError) in
                throw .noSwitch
            }
            return PluginRoute(RouteTemplate("\(owner)/quickcall/{number}"), route)
        }
    }
}

extension APIError {
    /// What needs a switch has none to ask.
    static var noSwitch: APIError { .notImplemented("No switch is connected that could do this.") }
}
