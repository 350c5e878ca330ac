//  Devices: telephones and whatever else registers or rings.

import PluginKit

struct DevicesPlugin: ResourcePlugin {
    static let name = "devices"

    static let list = ListView(
        row: [
            "name", RowField("username") { $0["sip"]?["username"] },
            RowField("mac_address") { $0["mac_address"] ?? "" }, "owner_id", "enabled",
            RowField("device_type") { $0["device_type"] ?? "sip_device" }, "mobile", "call_recording", "flags",
        ]
    )

    /// Who is logged in where, as pairs of user and device: by user, and below each user's own.
    static let hotdesks = ListView("hotdesks", row: [RowField("device_name") { $0["name"] }]) { device in
        hotdeskUsers(of: device).flatMap { user in
            [nil, user].map { within in
                let fields: JSONObject = ["device_id": .string(device.id.text)]
                return ListView.Place(within: within, key: .string(user), fields: fields)
            }
        }
    }

    /// The devices of each user: the user's own, and those to which the user is logged in.
    static let byUser = ListView(
        "by_user",
        row: [
            "name", RowField("mac_address") { $0["mac_address"] ?? "" }, "owner_id", "enabled",
            RowField("device_type") { $0["device_type"] ?? "sip_device" }, "call_recording",
            RowField("username") { $0["sip"]?["username"] }, "flags",
        ]
    ) { device in
        let owner = device["owner_id"]?.string
        let guests = hotdeskUsers(of: device).filter { $0 != owner }
        let places = (owner.map { [$0] } ?? []).map { ($0, false) } + guests.map { ($0, true) }
        return places.map { user, isGuest in
            ListView.Place(
                within: user,
                key: .string(device.id.text),
                fields: ["hotdesked": .bool(isGuest)]
            )
        }
    }

    static let search = ListView("search", row: ["name"]) { device in
        SearchKey.places(
            names: [device["name"]?.string],
            numbers: [device["caller_id"]?["internal"]?["number"]?.string]
        )
    }
    static let views = [hotdesks, byUser, search]

    /// A device tells nobody of its state and takes no notices without a switch.
    static let actions: [Action] = [
        .collection(.get, "status", access: .account(.user)) { _, _ in Reply(.rows([])) },
        .item(.put) { _, _ throws(APIError) in throw .noSwitch },
        .item(.post, "sync") { _, _ throws(APIError) in throw .noSwitch },
    ]

    private static func hotdeskUsers(of device: Document) -> [String] {
        (device["hotdesk"]?["users"]?.object ?? [:]).map(\.key)
    }

    static let uniqueFields = [
        UniqueField("mac_address", message: "MAC address already in use"),
        UniqueField("sip.username", message: "SIP credentials already in use"),
        UniqueField("sip.ip", message: "SIP IP already in use"),
        UniqueField("mobile.mdn", message: "Mobile number already in use"),
    ]
    static let normalisations = [
        Normalisation("mac_address", MACAddress.normalised),
        Normalisation("sip.username") { $0.lowercased() },
        Normalisation("mobile.mdn", TelephoneNumber.normalised),
    ]
    static let secretFields: [FieldPath] = ["sip.password"]
    static let references = [ReferenceField("owner_id", to: "user")]
    static let service: any CRUDService = DevicesService()

    static let reloads = ["sip"]
    static let examples: [JSON] = [
        ["name": "Reception"],
        [
            "name": "Ada's desk", "device_type": "sip_device", "mac_address": "00:15:65:12:34:56",
            "sip": ["username": "user_ada", "password": "s3cret-s3cret", "method": "password"],
        ],
    ]
}

/// Leaves out what says nothing.
struct DevicesService: CRUDService {
    /// The account's realm is every device's unless it has another, so it is not kept with the device, which would miss
    /// a change of it. A key that a client cleared is null in `provision`, and goes.
    func prepare(_ change: inout Change, in work: Work) throws(APIError) {
        guard var device = change.new else { return }
        if let provision = device["provision"]?.object {
            device.fields["provision"] = JSON.object([:]).merging(.object(provision))
        }
        if var sip = device["sip"]?.object, let realm = sip["realm"]?.string?.lowercased() {
            let account = try work.reader.account(DocumentID(work.scope.text))
            if realm.isEmpty || realm == account?["realm"]?.string?.lowercased() {
                sip["realm"] = nil
                device.fields["sip"] = .object(sip)
            }
        }
        change.new = device
    }
}

/// How a network adapter's address is written.
enum MACAddress {
    /// Six pairs of lower-case hexadecimal digits with colons between; a text without twelve digits stays as it is, for
    /// the schema to judge.
    static func normalised(_ text: String) -> String {
        let digits = Array(text.lowercased().filter { $0.isASCII && $0.isHexDigit })
        guard digits.count == 12 else { return text }
        return stride(from: 0, to: 12, by: 2).map { String(digits[$0...($0 + 1)]) }.joined(separator: ":")
    }
}
