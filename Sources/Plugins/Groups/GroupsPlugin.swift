//  Groups: users and devices that ring together.

import PluginKit

struct GroupsPlugin: ResourcePlugin {
    static let name = "groups"
    static let list = ListView(
        row: [
            "name", RowField("features", value: GroupFeatures.of),
            RowField("endpoints") { .number(JSONNumber($0["endpoints"]?.object?.count ?? 0)) }, "flags",
        ]
    )
    /// The groups that ring each user.
    static let byUser = ListView("by_user", row: ["name", RowField("features", value: GroupFeatures.of)]) { group in
        (group["endpoints"]?.object ?? [:]).filter { $0.value["type"] == "user" }.map { user, _ in
            ListView.Place(within: user, key: .string(group.id.text))
        }
    }
    static let views = [byUser]
    static let reloads = ["dialplan", "queues"]
    static let examples: [JSON] = [
        ["name": "Everybody", "endpoints": [:]],
        ["name": "Sales", "endpoints": ["8d6f2b0c4e1a49758c3d9e7f6a5b4c3d": ["type": "user", "weight": 1]]],
    ]
}
