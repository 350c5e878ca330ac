//  The text of a brand that greets whoever logs in.

import PluginKit

struct WhitelabelWelcomePlugin: AttachmentPlugin {
    typealias Parent = WhitelabelPlugin
    static let word = "welcome"
    static let mediaTypes = ["text/html", "application/octet-stream"]
    static let sizeLimit = 500_000
}
