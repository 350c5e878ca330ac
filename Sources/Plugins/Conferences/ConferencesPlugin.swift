//  Conferences: rooms in which several people talk.
//
//  A conference that nobody made does not exist; Crossbar makes one up for every id.
//
//  What a conference is at the moment only its switch knows; without one nobody is in it, and `_read_only` says so.

import PluginKit

struct ConferencesPlugin: ResourcePlugin {
    static let name = "conferences"

    static let list = ListView(
        row: [
            "name", "owner_id", "member", "moderator", "ui_flags", "conference_numbers", "flags",
            RowField("_read_only") { _ in ["members": 0, "moderators": 0, "duration": 0, "is_locked": false] },
        ]
    )
    static let uniqueFields = [
        UniqueField(
            "conference_numbers[]",
            "member.numbers[]",
            "moderator.numbers[]",
            reportedAt: "numbers",
            message: "Numbers already in use"
        )
    ]
    static let secretFields: [FieldPath] = ["member.pins", "moderator.pins", "bridge_password"]
    static let references = [ReferenceField("owner_id", to: "user")]
    static let computed = [
        ComputedField("_read_only") { _, _ in
            ["members": 0, "moderators": 0, "duration": 0, "is_locked": false, "participants": []]
        }
    ]

    /// Who talks only the switch knows; locking, playing, dialling and recording are its work.
    static let actions: [Action] = [
        .item(.put) { _, _ throws(APIError) in throw .noSwitch },
        .item(.get, "participants", access: .account(.user)) { _, service throws(APIError) in
            _ = try service.read(service.documentID())
            return Reply(.rows([]))
        },
        .item(.put, "participants") { _, _ throws(APIError) in throw .noSwitch },
        .item(.put, "participants/{participant}") { _, _ throws(APIError) in throw .noSwitch },
    ]
    static let reloads = ["dialplan"]

    static let examples: [JSON] = [
        ["name": "Monday meeting", "member": ["numbers": ["3001"], "pins": ["4711"]]],
        [
            "name": "Board", "conference_numbers": ["3100"], "moderator": ["numbers": ["3101"], "pins": ["0815"]],
            "member": ["join_muted": false], "play_entry_tone": true, "require_moderator": true,
        ],
    ]
}
