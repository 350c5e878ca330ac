//  Voicemail boxes: where callers leave messages when nobody answers.
//
//  The number of a box is compared as people dial it: 007 and 7 are one number. Unlike other lists, that of boxes begins
//  with the first name unless `descending=true` asks for the last; `ascending=true` means what it says, which in Crossbar
//  it does not.

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
        UniqueField("mailbox", comparing: number, message: VmboxesValidator.message)
    ]
    static let references = [
        ReferenceField("owner_id", to: "user"), ReferenceField("media.unavailable", to: "media"),
    ]
    static let service: any CRUDService = VmboxesService()
    static let validator: any Validator = VmboxesValidator()
    static let listResource: any ListResource = VmboxesResource()
    static let itemResource: any ItemResource = VmboxesResource()
    static let secretFields: [FieldPath] = ["pin"]
    static let reloads = ["voicemail"]

    static let examples: [JSON] = [
        ["name": "Front desk", "mailbox": "1001"],
        [
            "name": "Sales", "mailbox": "1002", "pin": "4711", "require_pin": true, "timezone": "Europe/Berlin",
            "notify_email_addresses": ["sales@example.com"],
        ],
    ]

    /// Digits without zeros in front.
    private static func number(_ text: String) -> String {
        let significant = text.drop { $0 == "0" }
        return significant.isEmpty ? "0" : String(significant)
    }
}

/// The number of a box is one that can be dialled.
struct VmboxesValidator: Validator {
    static let message = "Invalid mailbox number or already exists"

    func violations(of change: Change, _ reader: Reader) -> Violations {
        var violations = Violations()
        guard change.changes("mailbox"), let number = change.new?["mailbox"]?.string,
            !number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return violations }
        violations.add(path: "mailbox", rule: "unique", message: Self.message, cause: .string(number))
        return violations
    }
}

/// Tells clients of what they should not send any more, and lists boxes by name.
struct VmboxesResource: ListResource, ItemResource {
    func get(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        var request = try ListRequest(call)
        if call.query["ascending"] == nil, call.query["descending"] != "true" { request.order = .ascending }
        return try service.list(request)
    }

    func put(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        warned(try StandardListResource().put(call, service), call)
    }

    func post(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        warned(try StandardItemResource().post(id, call, service), call)
    }

    func patch(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        warned(try StandardItemResource().patch(id, call, service), call)
    }

    private func warned(_ reply: Reply, _ call: Call) -> Reply {
        var reply = reply
        if call.envelope.data[VmboxesService.formerField] != nil {
            reply.warning = "\(VmboxesService.formerField) is deprecated: use \(VmboxesService.field)"
        }
        return reply
    }
}

/// Takes what older clients send.
struct VmboxesService: CRUDService {
    static let formerField = "notify_email_address"
    static let field = "notify_email_addresses"

    /// The one address of old becomes one of the addresses. What the list counts is no part of the document; a client
    /// may send it back.
    func prepare(_ change: inout Change, in work: Work) {
        for name in ["messages", "folders"] { change.new?.fields[name] = nil }
        guard var box = change.new, let address = box.fields.removeValue(forKey: Self.formerField) else { return }
        var addresses = box[Self.field]?.array ?? []
        if address.string?.isEmpty == false, !addresses.contains(address) { addresses.append(address) }
        box.fields[Self.field] = .array(addresses)
        change.new = box
    }
}
