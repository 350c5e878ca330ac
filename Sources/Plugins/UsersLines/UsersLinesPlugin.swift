//  The lines of a user, the main line first; the users of a line, the main user first.

import PluginKit

struct UsersLinesPlugin: AssociationPlugin {
    typealias Left = UsersPlugin
    typealias Right = LinesPlugin
    static let cardinality = Cardinality.manyToMany
    static let ordersLeft = true
    static let rules: [any LinkRule] = [MainLeavesLast()]
}
