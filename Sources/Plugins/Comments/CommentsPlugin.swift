//  Comments: what people note about an account, a user or a device, oldest first.

import PluginKit

struct CommentsPlugin: ArrayPlugin {
    static let name = "comments"
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, UsersPlugin.self, DevicesPlugin.self]
    static let order: String? = "timestamp"
    static let examples: [JSON] = [
        ["author": "Ada Lovelace", "content": "Moves to the second floor in May.", "timestamp": 63_900_000_000],
        ["author": "Support", "content": "Handset exchanged.", "timestamp": 63_900_086_400, "is_private": true],
    ]
}
