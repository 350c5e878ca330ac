//  Limits: how many calls an account may have at once, and of which kind.

import PluginKit

struct LimitsPlugin: SingletonPlugin {
    static let name = "limits"
    static let examples: [JSON] = [
        ["twoway_trunks": 5],
        ["inbound_trunks": 10, "outbound_trunks": 2, "burst_trunks": 1, "calls": 20, "allow_prepay": false],
    ]
}
