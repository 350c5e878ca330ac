//  Menus: recorded greetings whose callers choose by pressing keys.

import PluginKit

struct MenusPlugin: ResourcePlugin {
    static let name = "menus"
    static let list = ListView(row: ["name", "flags"])
    static let secretFields: [FieldPath] = ["record_pin"]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Main menu"],
        ["name": "Sales", "retries": 2, "timeout": 10_000, "hunt": false, "media": ["invalid_media": false]],
    ]
}
