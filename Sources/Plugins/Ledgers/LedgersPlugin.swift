//  Ledgers: what an account owes and has. Nothing is charged here, so everything is zero and every list is empty.

import PluginKit

struct LedgersPlugin: Plugin {
    static let name = "ledgers"
    static let summary: String? = "What an account has spent and paid; always empty, because nothing is charged here."

    static func routes(kit: Kit) -> [PluginRoute] {
        let access = Access.account(.user)
        let nothing = Route([(.get, access)]) { _ in Reply(["amount": 0]) }
        return [
            PluginRoute("/accounts/{account}/ledgers", Route([(.get, access)]) { _ in Reply([:]) }),
            PluginRoute("/accounts/{account}/ledgers/total", nothing),
            PluginRoute("/accounts/{account}/ledgers/available", nothing),
        ]
    }
}
