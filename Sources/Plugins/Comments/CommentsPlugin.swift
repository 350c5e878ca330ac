//  Comments: what people note about an account, a user or a device, oldest first. Private ones are for administrators.

import PluginKit

struct CommentsPlugin: ArrayPlugin {
    static let name = "comments"
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, UsersPlugin.self, DevicesPlugin.self]
    static let order: String? = "timestamp"

    static func isForAdministrators(_ comment: JSON) -> Bool { comment["is_private"]?.bool == true }

    static let examples: [JSON] = [
        ["author": "Ada Lovelace", "content": "Moves to the second floor in May.", "timestamp": 63_900_000_000],
        ["author": "Support", "content": "Handset exchanged.", "timestamp": 63_900_086_400, "is_private": true],
    ]
}
