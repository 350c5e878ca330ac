//  The messages of a voicemail box, in three folders: new, saved and deleted.
//
//  A box's messages are for its owner and for administrators. `POST` to one or several moves them: to a folder with
//  `folder`, to another box with `source_id`; an array of boxes in `source_id` copies them. A message that is deleted
//  goes; one that is moved to the folder `deleted` stays until it is. A message may come with its sound, and the sounds
//  of several go out as one archive by `POST …/messages/raw`.
//
//  A message stays until somebody deletes it: Crossbar's server-wide time after which messages only show as deleted, and
//  cannot be changed, is not kept, nor is `retention`, which tells of it.

import PluginKit

struct VmboxesMessagesPlugin: ChildPlugin {
    typealias Parent = VmboxesPlugin
    static let word = "messages"
    static let documentType = "mailbox_message"
    static let parentField = "source_id"
    static let schemaName = "vm_message_metadata"

    static let list = ListView(
        key: ["timestamp"],
        row: [
            RowField("media_id") { .string($0.id.text) }, "timestamp", "from", "to", "caller_id_number",
            "caller_id_name", "call_id", "folder", "length", "transcription", "source_id",
        ]
    )
    /// The messages of each folder of each box.
    static let folders = ListView("folders", row: []) { message in
        guard let box = message["source_id"]?.string, let folder = message["folder"]?.string else { return [] }
        return [ListView.Place(within: "\(box)/\(folder)", key: .string(message.id.text))]
    }
    static let views = [folders]
    static let computed = [ComputedField("media_id") { message, _ in .string(message.id.text) }]
    static let access = ResourceAccess(write: .account(.user))
    static let firstFile: (any AttachmentPlugin.Type)? = VmboxesMessagesRawPlugin.self
    static let service: any CRUDService = VmboxesMessagesService()
    static let actions: [Action] = [
        .collection(.post, access: .account(.user), change: VoicemailFiling.fileSeveral),
        .collection(.delete, access: .account(.user), change: VoicemailFiling.deleteSeveral),
        .item(.post, access: .account(.user), change: VoicemailFiling.fileOne),
        .collection(.post, "raw", access: .account(.user), answersFile: true, answer: VoicemailSounds.archive),
    ]

    static func isOpen(_ box: Document, to caller: Caller) -> Bool {
        guard caller.privilege < .admin else { return true }
        guard let user = caller.userID else { return false }
        return box["owner_id"]?.string == user
    }

    static let examples: [JSON] = [
        ["caller_id_number": "+12125550100", "caller_id_name": "Ada", "length": 4_000],
        ["folder": "saved", "timestamp": 63_967_000_000, "length": 12_000, "from": "1002@example.com"],
    ]
}

/// Fills in what a message always has.
struct VmboxesMessagesService: CRUDService {
    func prepare(_ change: inout Change, in work: Work) {
        guard var message = change.new else { return }
        if message["folder"] == nil { message.fields["folder"] = change.old?["folder"] ?? "new" }
        if message["timestamp"] == nil {
            message.fields["timestamp"] = change.old?["timestamp"] ?? .gregorian(work.time)
        }
        change.new = message
    }
}
