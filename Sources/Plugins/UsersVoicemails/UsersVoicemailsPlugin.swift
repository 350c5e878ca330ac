//  The voicemail box of a user; users may share one.

import PluginKit

struct UsersVoicemailsPlugin: AssociationPlugin {
    typealias Left = UsersPlugin
    typealias Right = VoicemailsPlugin
    static let cardinality = Cardinality.manyToOne
    static let onDeletingRight = ReferenceField.DeleteRule.refuse
    static let leftMayBeDeleted = false
    static let rules: [any LinkRule] = [LinkCondition("A global box belongs to nobody.") { $1["access"] != "global" }]
}
