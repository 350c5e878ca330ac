//  The sound of a recording.

import PluginKit

struct MediaRawPlugin: AttachmentPlugin {
    typealias Parent = MediaPlugin
    static let word = "raw"
    static let mediaTypes = MediaUpload.mediaTypes

    static func describe(_ file: Attachment?, in fields: inout JSONObject) { MediaUpload.describe(file, in: &fields) }
}
