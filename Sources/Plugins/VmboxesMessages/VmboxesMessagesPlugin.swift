//  The messages of a voicemail box, in three folders: new, saved and deleted.
//
//  A box's messages are for its owner and for administrators. `POST` to one or several moves them: to a folder with
//  `folder`, to another box with `source_id`; an array of boxes in `source_id` copies them. A message that is deleted
//  goes; one that is moved to the folder `deleted` stays until it is. A message may come with its sound, and the sounds
//  of several go out as one archive by `POST …/messages/raw`.
//
//  Where the server's settings say for how long messages are kept, an older one is filed under `deleted` by the server,
//  with `retention` `enforced`; it can be heard and deleted, and cannot be changed any more. Crossbar shows so of a message
//  from the second on; here it takes until the housekeeping has come by, and everybody is told like of any other change.

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
            "retention",
        ]
    )
    /// The messages of each folder of each box.
    static let folders = ListView("folders", row: []) { message in
        guard let box = message["source_id"]?.string, let folder = message["folder"]?.string else { return [] }
        return [ListView.Place(within: "\(box)/\(folder)", key: .string(message.id.text))]
    }
    /// The messages of all accounts that are not filed for their age yet, by when they came.
    static let aging = ListView(
        "aging",
        isSystemWide: true,
        row: [RowField("account_id") { .string($0.scope.text) }]
    ) { message in
        guard message[VoicemailRetention.field] == nil, let time = message["timestamp"] else { return [] }
        return [ListView.Place(key: time)]
    }
    static let views = [folders, aging]
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
    /// - Throws: `.validation` for a message that is filed because it is too old; that one is, only the server says.
    func prepare(_ change: inout Change, in work: Work) throws(APIError) {
        guard var message = change.new else { return }
        if work.caller != nil, !change.isRestoration {
            try change.old?.requireNotFiled()
            message.fields[VoicemailRetention.field] = nil
        }
        if message["folder"] == nil { message.fields["folder"] = change.old?["folder"] ?? "new" }
        if message["timestamp"] == nil {
            message.fields["timestamp"] = change.old?["timestamp"] ?? .gregorian(work.time)
        }
        change.new = message
    }
}
