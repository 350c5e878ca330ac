//  Who works at which telephone: the devices to which users are logged in, of the account or of one user.
//
//  Users log in and out by telephone; `hotdesk.users` of a device says who is there.

import PluginKit

struct HotdesksPlugin: ViewPlugin {
    static let name = "hotdesks"
    static let summary: String? = "Who is logged in to which shared telephone."
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, UsersPlugin.self]
    static let source = ViewSource.list(DevicesPlugin.self, DevicesPlugin.hotdesks)
}
