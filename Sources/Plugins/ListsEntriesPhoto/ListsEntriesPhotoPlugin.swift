//  The photo of an entry of a list.

import PluginKit

struct ListsEntriesPhotoPlugin: AttachmentPlugin {
    typealias Parent = ListsEntriesPlugin
    static let word = "photo"
    static let mediaTypes = ["image/*", "application/octet-stream"]
    static let sizeLimit = 5_000_000
}
