//  The entries of a list: a number or a pattern each, with whom it stands for.
//
//  Crossbar lists entries as its database has them, `{"id", "key", "value"}` with the list's id as the key. A row here has
//  the same, and beside it the fields themselves, as other lists have them.

import PluginKit

struct ListsEntriesPlugin: ChildPlugin {
    typealias Parent = ListsPlugin
    static let word = "entries"
    static let schemaName = "list_entries"
    static let list = ListView(row: ListsEntriesRow.fields)
    static let actions = [Action.collection(.delete, change: ListsEntriesService.empty)]
    static let examples: [JSON] = [
        ["displayname": "Grandmother", "number": "+31205551234"],
        ["displayname": "The harbour office", "pattern": "^\\+3120777", "type": "office", "capture_group_length": 3],
    ]
}
