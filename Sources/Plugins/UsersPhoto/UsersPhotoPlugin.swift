//  A user's photo.

import PluginKit

struct UsersPhotoPlugin: AttachmentPlugin {
    typealias Parent = UsersPlugin
    static let word = "photo"
    static let mediaTypes = ["image/*", "application/octet-stream"]
    static let sizeLimit = 5_000_000
    static let access = AttachmentAccess(write: .accountAdminOrSelf)
}
