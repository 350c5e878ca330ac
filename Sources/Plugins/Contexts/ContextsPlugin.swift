//  Contexts: parts of the numbering plan, each with the ranges of numbers that its uses may take.

import PluginKit

struct ContextsPlugin: ResourcePlugin {
    static let name = "contexts"
    static let list = ListView(key: ["name"], row: ["name", "label", "type", "enabled"])
    static let uniqueFields = [UniqueField("name", message: "Context name already in use")]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        [
            "name": "default", "label": "The office", "type": "internal",
            "user_ranges": [["start": "1000", "end": "1999"]], "group_ranges": [["start": "2000", "end": "2099"]],
        ],
        ["name": "from-extern", "type": "incall", "incall_ranges": [["start": "3120555000", "end": "3120555999"]]],
    ]
}
