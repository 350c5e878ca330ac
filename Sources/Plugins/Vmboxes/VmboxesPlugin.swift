//  Voicemail boxes: where callers leave messages when nobody answers.
//
//  The number of a box is compared as people dial it: 007 and 7 are one number.

import PluginKit

struct VmboxesPlugin: ResourcePlugin {
    static let name = "vmboxes"
    static let documentType = "vmbox"

    static let list = ListView(
        key: ["name"],
        row: ["name", "mailbox", "owner_id", "flags"],
        counted: [
            CountedField("messages") { box, reader throws(APIError) in
                try count("new", in: box, reader) + count("saved", in: box, reader)
            },
            CountedField("folders") { box, reader throws(APIError) in try folders(of: box, reader) },
        ]
    )
    /// The numbers of messages of all boxes.
    static let actions: [Action] = [
        .collection(.get, "messages", access: .account(.admin)) { call, service throws(APIError) in
            var request = try ListRequest(call)
            request.pageSize = nil
            var boxes: [JSON] = []
            try service.list(request).content.forEachRow { row in
                guard let box = row["id"]?.string else { return }
                boxes.append(.object([box: row["folders"] ?? [:]]))
            }
            return Reply(.array(boxes))
        }
    ]

    private static func folders(of box: DocumentID, _ reader: Reader) throws(APIError) -> JSON {
        var folders = JSONObject()
        for folder in ["new", "saved"] {
            folders[folder] = .number(JSONNumber(try count(folder, in: box, reader)))
        }
        return .object(folders)
    }

    private static func count(_ folder: String, in box: DocumentID, _ reader: Reader) throws(APIError) -> Int {
        try reader.count(VmboxesMessagesPlugin.self, VmboxesMessagesPlugin.folders, within: "\(box)/\(folder)")
    }

    static let uniqueFields = [
        UniqueField("mailbox", comparing: number, message: "Invalid mailbox number or already exists")
    ]
    static let references = [
        ReferenceField("owner_id", to: "user"), ReferenceField("media.unavailable", to: "media"),
    ]
    static let service: any CRUDService = VmboxesService()
    static let secretFields: [FieldPath] = ["pin"]
    static let reloads = ["voicemail"]

    static let examples: [JSON] = [
        ["name": "Front desk", "mailbox": "1001"],
        [
            "name": "Sales", "mailbox": "1002", "pin": "4711", "require_pin": true, "timezone": "Europe/Berlin",
            "notify_email_addresses": ["sales@example.com"],
        ],
    ]

    /// Digits without zeros in front; a text of other characters stays as it is.
    private static func number(_ text: String) -> String {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return text }
        let significant = text.drop { $0 == "0" }
        return significant.isEmpty ? "0" : String(significant)
    }
}

/// Takes what older clients send.
struct VmboxesService: CRUDService {
    /// The one address of old, `notify_email_address`, becomes one of the addresses.
    func prepare(_ change: inout Change, in work: Work) {
        guard var box = change.new, let address = box.fields.removeValue(forKey: "notify_email_address") else { return }
        var addresses = box["notify_email_addresses"]?.array ?? []
        if address.string?.isEmpty == false, !addresses.contains(address) { addresses.append(address) }
        box.fields["notify_email_addresses"] = .array(addresses)
        change.new = box
    }
}
