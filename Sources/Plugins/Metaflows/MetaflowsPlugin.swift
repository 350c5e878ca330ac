//  Metaflows: what keys do that somebody presses during a call.

import PluginKit

struct MetaflowsPlugin: SubObjectPlugin {
    static let name = "metaflows"
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, UsersPlugin.self, DevicesPlugin.self]
    static let examples: [JSON] = [
        ["binding_digit": "*", "listen_on": "self", "numbers": ["2": ["module": "transfer"]]],
        ["patterns": ["^5(.+)$": ["module": "move", "data": ["auto_answer": true]]]],
    ]
}
