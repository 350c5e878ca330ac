//  The sound of a voicemail message.

import PluginKit

struct VmboxesMessagesRawPlugin: AttachmentPlugin {
    typealias Parent = VmboxesMessagesPlugin
    static let word = "raw"
    static let mediaTypes = ["audio/*", "application/octet-stream"]
    static let access = AttachmentAccess(write: .account(.user))

    static func fileName(of message: Document, _ sound: Attachment) -> String? { VoicemailSounds.name(message, sound) }
}
