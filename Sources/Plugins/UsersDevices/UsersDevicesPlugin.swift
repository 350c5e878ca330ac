//  The devices of a user: those that belong to the user, and those to which the user is logged in.

import PluginKit

struct UsersDevicesPlugin: ViewPlugin {
    static let name = "users_devices"
    static let summary: String? = "The telephones of a user."
    static let word = "devices"
    static let owners: [any ResourcePlugin.Type] = [UsersPlugin.self]
    static let source = ViewSource.list(DevicesPlugin.self, DevicesPlugin.byUser)
}
