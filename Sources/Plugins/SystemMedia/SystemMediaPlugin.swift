//  What the system itself says: the recordings of the master account under `/media`, where Crossbar has
//  those of the system.

import PluginKit

struct SystemMediaPlugin: Plugin {
    static let name = "system_media"
    static let summary: String? = "The recordings of the master account: what the system itself says."

    static func routes(kit: Kit) -> [PluginRoute] {
        (MediaPlugin.routes(kit: kit) + MediaRawPlugin.routes(kit: kit)).map(\.ofMaster)
    }

    static func problems(kit: Kit) -> [String] { kit.catalogue.missing(MediaPlugin.self, for: name) }
}
