//  Fax boxes: where faxes arrive, and from where they are sent.
//
//  A list shows all fields of a box, but for those that are too long for a row. PATCH needs only what changes: Crossbar
//  refuses one without the box's name. Faxes themselves are a switch's work, and there are none.

import PluginKit

struct FaxboxesPlugin: ResourcePlugin {
    static let name = "faxboxes"
    static let documentType = "faxbox"
    static let schemaName = "faxbox"

    static let list = ListView(
        row: [
            "name", "caller_name", "caller_id", "fax_header", "fax_identity", "fax_timezone", "owner_id", "retries",
            "attempts", "media", "notifications", "smtp_permission_list", "custom_smtp_email_address",
            RowField(private: "smtp_email_address"), "flags", "ui_metadata",
        ]
    )
    static let uniqueFields = [
        UniqueField(
            "custom_smtp_email_address",
            in: .system,
            comparing: { $0.lowercased() },
            message: "Email address must be unique"
        )
    ]
    static let normalisations = [Normalisation("custom_smtp_email_address") { $0.lowercased() }]
    static let references = [ReferenceField("owner_id", to: "user")]
    static let service: any CRUDService = FaxboxesService()
    static let computed = [ComputedField("smtp_email_address") { box, _ in box.secrets["smtp_email_address"] }]

    static let examples: [JSON] = [
        ["name": "Front desk fax"],
        [
            "name": "Orders", "caller_id": "+12125550123", "retries": 3,
            "custom_smtp_email_address": "orders@fax.example.com",
            "notifications": ["inbound": ["email": ["send_to": ["orders@example.com"]]]],
        ],
    ]
}

/// Gives each fax box a host of its own, to which faxes can be mailed as NUMBER@HOST.
struct FaxboxesService: CRUDService {
    func complete(_ change: inout Change, in work: Work) throws(APIError) {
        guard var box = change.new, box.secrets["smtp_email_address"] == nil else { return }
        let invented = try work.once("host") { DocumentID.random().text.prefix(8) }
        let realm = try work.reader.document(DocumentID(work.scope.text))?["realm"]?.string ?? "localdomain"
        box.secrets["smtp_email_address"] = .string("\(invented).\(realm)")
        change.new = box
    }
}
