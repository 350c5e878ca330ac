//  The users of a group, in the order in which they ring.

import PluginKit

struct GroupsUsersPlugin: AssociationPlugin {
    typealias Left = GroupsPlugin
    typealias Right = UsersPlugin
    static let cardinality = Cardinality.manyToMany
    static let rules: any AssociationRules = GroupsUsersRules()
    static let rightExample: JSON = ["first_name": "Ada", "last_name": "Lovelace", "lines": [["name": "Ada"]]]
}
