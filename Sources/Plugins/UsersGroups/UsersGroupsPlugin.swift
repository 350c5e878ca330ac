//  The groups of a user: those that ring the user.

import PluginKit

struct UsersGroupsPlugin: ViewPlugin {
    static let name = "users_groups"
    static let summary: String? = "The groups that a user is in."
    static let word = "groups"
    static let owners: [any ResourcePlugin.Type] = [UsersPlugin.self]
    static let source = ViewSource.list(GroupsPlugin.self, GroupsPlugin.byUser)
}
