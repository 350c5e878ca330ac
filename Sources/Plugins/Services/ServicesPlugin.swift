//  Services: plans and what they cost. Nothing is sold here, so there are no plans, no items and no quotes.

import PluginKit

struct ServicesPlugin: Plugin {
    static let name = "services"
    static let summary: String? = "What an account is charged for; always empty, because nothing is charged here."

    static func routes(kit: Kit) -> [PluginRoute] {
        let read = Route([(.get, .account(.user))]) { _ in Reply([:]) }
        let quote = Route([(.post, .account(.user))]) { _ in Reply([:]) }
        return [
            PluginRoute("/accounts/{account}/services", read),
            PluginRoute("/accounts/{account}/services/available", read),
            PluginRoute("/accounts/{account}/services/summary", read),
            PluginRoute("/accounts/{account}/services/quote", quote),
        ]
    }
}
