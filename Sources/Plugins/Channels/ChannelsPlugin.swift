//  Channels: the calls that are going on. A configuration server connects none, and says so.

import PluginKit

struct ChannelsPlugin: ViewPlugin {
    static let name = "channels"
    static let owners: [any ResourcePlugin.Type] = [
        AccountsPlugin.self, UsersPlugin.self, DevicesPlugin.self, GroupsPlugin.self,
    ]
    static let source = ViewSource.nothing
}
