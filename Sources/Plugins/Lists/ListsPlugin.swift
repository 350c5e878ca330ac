//  Lists: named sets of numbers and patterns that call handling looks callers up in.

import PluginKit

struct ListsPlugin: ResourcePlugin {
    static let name = "lists"
    static let list = ListView(row: ["name", "description", "list_type", "flags"])
    static let examples: [JSON] = [
        ["name": "Suppliers"],
        ["name": "Family", "description": "Put through at any time", "org": "Home"],
    ]
}
