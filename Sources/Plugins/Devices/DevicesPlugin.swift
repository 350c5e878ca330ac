//  Devices: telephones and whatever else registers or rings.
//
//  A MAC address is kept as twelve lower-case hexadecimal digits. A SIP user name is unique in its account; where a
//  device signs in at a realm of its own, `sip.realm`, it is unique among all who sign in there, on the whole server, and
//  so is the address of a device that is known by it. What kind a device is, only the master account's administrators
//  change: the kinds cost differently.

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
    /// Those that hold what only one device of the server can have.
    static let holders = ListView("holders", row: []) { device in
        lookupKeys(of: device).isEmpty ? [] : [ListView.Place(key: .string(device.id.text))]
    }
    static let views = [hotdesks, byUser, holders, search]

    /// A device tells nobody of its state and takes no notices without a switch.
    static let actions: [Action] = [
        .collection(.get, "status", access: .account(.user)) { _, _ in Reply(.rows([])) },
        .item(.put) { _, _ throws(APIError) in throw .noSwitch },
        .item(.post, "sync") { _, _ throws(APIError) in throw .noSwitch },
    ]

    private static func hotdeskUsers(of device: Document) -> [String] {
        (device["hotdesk"]?["users"]?.object ?? [:]).map(\.key)
    }

    static let username = UniqueField("sip.username", message: "SIP credentials already in use")
    static let uniqueFields = [
        UniqueField("mac_address", message: "MAC address already in use"),
        username,
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
    static let validator: any Validator = DevicesValidator()

    /// What no two devices of the server share: where and as whom one signs in, and the address that one is known by.
    static func lookupKeys(of device: Document) -> [UniqueKey] {
        [signIn(of: device), address(of: device)].compactMap { $0 }
    }

    /// The key of a device that signs in at a realm of its own.
    static func signIn(of device: Document) -> UniqueKey? {
        guard let realm = device["sip"]?["realm"]?.string, !realm.isEmpty,
            let username = device["sip"]?["username"]?.string
        else { return nil }
        return signIn(username, at: realm)
    }

    static func signIn(_ username: String, at realm: String) -> UniqueKey {
        UniqueKey(scope: .system, name: "\(name).sign_in", value: "\(username)@\(realm.lowercased())")
    }

    /// The key of a device that is known by its address.
    static func address(of device: Document) -> UniqueKey? {
        guard device["sip"]?["method"] == "ip", let address = device["sip"]?["ip"]?.string, !address.isEmpty else {
            return nil
        }
        return UniqueKey(scope: .system, name: "\(name).address", value: address)
    }

    static let reloads = ["sip"]
    static let examples: [JSON] = [
        ["name": "Reception"],
        [
            "name": "Ada's desk", "device_type": "sip_device", "mac_address": "001565123456",
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
    /// Twelve lower-case hexadecimal digits, whatever stands between them; a text without so many stays as it is.
    static func normalised(_ text: String) -> String {
        let digits = text.lowercased().filter { $0.isASCII && $0.isHexDigit }
        return digits.utf8.count == 12 ? digits : text
    }
}
