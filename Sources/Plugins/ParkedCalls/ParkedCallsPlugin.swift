//  Parked calls, by slot. They exist as long as a switch holds them; without one there are none.

import PluginKit

struct ParkedCallsPlugin: Plugin {
    static let name = "parked_calls"
    static let summary: String? = "The calls that wait to be picked up; always empty, because only a switch knows."

    static func routes(kit: Kit) -> [PluginRoute] {
        [
            PluginRoute(
                "/accounts/{account}/parked_calls",
                Route([(.get, .account(.user))]) { _ in Reply(["slots": [:]]) }
            )
        ]
    }
}
