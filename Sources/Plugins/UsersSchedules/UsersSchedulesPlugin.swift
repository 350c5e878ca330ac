//  The schedule by which a user takes calls.

import PluginKit

struct UsersSchedulesPlugin: AssociationPlugin {
    typealias Left = UsersPlugin
    typealias Right = SchedulesPlugin
    static let cardinality = Cardinality.manyToOne
}
