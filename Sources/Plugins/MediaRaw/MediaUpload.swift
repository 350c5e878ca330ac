//  What a recording says of its sound: of which type and how long it is, and that it was uploaded.

import PluginKit

enum MediaUpload {
    /// As the schema of recordings has them.
    static let mediaTypes = [
        "audio/mp3", "audio/mpeg", "audio/mpeg3", "audio/x-wav", "audio/wav", "audio/ogg", "video/x-flv", "video/h264",
        "video/mpeg", "video/quicktime", "video/mp4", "video/webm",
    ]

    static func describe(_ file: Attachment?, in fields: inout JSONObject) {
        fields["content_type"] = file.map { .string($0.mediaType) }
        fields["content_length"] = file.map { .number(JSONNumber($0.length)) }
        if file != nil { fields["media_source"] = "upload" }
    }
}
