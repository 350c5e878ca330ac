//  Orders to bring numbers from other providers. Carriers take them; this server knows of none, and keeps none.

import PluginKit

struct PortRequestsPlugin: ViewPlugin {
    static let name = "port_requests"
    static let summary: String? = "Numbers on their way from another carrier; always empty, as there is none."
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self]
    static let source = ViewSource.nothing
}
