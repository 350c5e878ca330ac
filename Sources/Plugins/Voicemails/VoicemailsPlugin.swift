//  Voicemail boxes: where callers leave messages when nobody answers.

import PluginKit

struct VoicemailsPlugin: ResourcePlugin {
    static let name = "voicemails"
    static let list = ListView(key: ["number"], row: ["name", "number", "context_id", "access", "email", "enabled"])
    static let uniqueFields = [
        UniqueField("number", within: "context_id", message: "Voicemail number already in use in this context")
    ]
    static let references = [ReferenceField("context_id", to: "context", onDelete: .refuse, mustExist: true)]
    static let secretFields: [FieldPath] = ["pin"]
    static let reloads = ["voicemail"]
    static let examples: [JSON] = [
        ["name": "Front desk", "number": "1001", "context_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"],
        [
            "name": "Sales", "number": "1002", "context_id": "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", "pin": "4711",
            "email": "sales@example.com", "attach_audio": true, "max_messages": 50,
        ],
    ]
}
