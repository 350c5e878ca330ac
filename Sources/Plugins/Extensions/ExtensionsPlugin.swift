//  Extensions: the numbers that can be dialled, each in its context.

import PluginKit

struct ExtensionsPlugin: ResourcePlugin {
    static let name = "extensions"
    static let list = ListView(key: ["exten"], row: ["exten", "context_id", "enabled"])
    static let uniqueFields = [
        UniqueField("exten", within: "context_id", message: "Extension already in use in this context")
    ]
    static let references = [ReferenceField("context_id", to: "context", onDelete: .refuse, mustExist: true)]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["exten": "1001", "context_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"],
        ["exten": "_12XX", "context_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", "enabled": false],
    ]
}
