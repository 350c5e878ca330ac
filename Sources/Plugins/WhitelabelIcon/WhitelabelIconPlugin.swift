//  The small picture of a brand that browsers show in tabs.

import PluginKit

struct WhitelabelIconPlugin: AttachmentPlugin {
    typealias Parent = WhitelabelPlugin
    static let word = "icon"
    static let mediaTypes = ["image/*", "application/octet-stream"]
    static let sizeLimit = 500_000
}
