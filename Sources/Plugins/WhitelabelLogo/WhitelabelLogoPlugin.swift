//  The logo of a brand.

import PluginKit

struct WhitelabelLogoPlugin: AttachmentPlugin {
    typealias Parent = WhitelabelPlugin
    static let word = "logo"
    static let mediaTypes = ["image/*", "application/octet-stream"]
    static let sizeLimit = 2_000_000
}
