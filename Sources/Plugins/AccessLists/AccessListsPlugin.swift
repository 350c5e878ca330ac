//  Access lists: from which networks a device, or any device of an account, may register and call.

import PluginKit

struct AccessListsPlugin: SubObjectPlugin {
    static let name = "access_lists"
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, DevicesPlugin.self]
    static let examples: [JSON] = [
        ["order": "allow,deny", "cidrs": ["192.0.2.0/24"]],
        ["order": "deny,allow", "cidrs": ["198.51.100.7/32"], "user_agent": "^Yealink"],
    ]
}
