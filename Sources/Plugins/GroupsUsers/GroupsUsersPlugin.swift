//  The users of a group, in the order in which they ring; no line rings twice.

import PluginKit

struct GroupsUsersPlugin: AssociationPlugin {
    typealias Left = GroupsPlugin
    typealias Right = UsersPlugin
    static let cardinality = Cardinality.manyToMany
    static let rules: [any LinkRule] = [RightHasLink(UsersLinesPlugin.self), RightsShareNoLink(UsersLinesPlugin.self)]
    static let rightExample: JSON = ["first_name": "Ada", "last_name": "Lovelace", "lines": [["name": "Ada"]]]
}
