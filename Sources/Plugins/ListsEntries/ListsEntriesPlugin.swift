//  The entries of a list: a number or a pattern each, with whom it stands for.

import PluginKit

struct ListsEntriesPlugin: ChildPlugin {
    typealias Parent = ListsPlugin
    static let word = "entries"
    static let schemaName = "list_entries"
    static let list = ListView(
        row: ["displayname", "number", "pattern", "type", "capture_group_key", "capture_group_length", "list_id"]
    )
    static let actions = [Action.collection(.delete, change: ListsEntriesService.empty)]
    static let examples: [JSON] = [
        ["displayname": "Grandmother", "number": "+31205551234"],
        ["displayname": "The harbour office", "pattern": "^\\+3120777", "type": "office", "capture_group_length": 3],
    ]
}
