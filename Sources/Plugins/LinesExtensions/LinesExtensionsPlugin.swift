//  The extension of a line; several lines of one main user may ring for one.

import PluginKit

struct LinesExtensionsPlugin: AssociationPlugin {
    typealias Left = LinesPlugin
    typealias Right = ExtensionsPlugin
    static let cardinality = Cardinality.manyToOne
    static let onDeletingRight = ReferenceField.DeleteRule.refuse
    static let rules: [any LinkRule] = [
        NumberInContext(type: "internal", ranges: "user_ranges"), LeftsShareMain(UsersLinesPlugin.self),
    ]
}
