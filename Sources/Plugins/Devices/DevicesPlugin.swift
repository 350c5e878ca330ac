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

    static let uniqueFields = [
        UniqueField("mac_address", message: "MAC address already in use"),
        UniqueField("sip.username", message: "SIP credentials already in use"),
    ]
    static let normalisations = [
        Normalisation("mac_address", MACAddress.normalised),
        Normalisation("sip.username") { $0.lowercased() },
    ]
    static let references = [ReferenceField("owner_id", to: "user")]

    static let reloads = ["sip"]
    static let examples: [JSON] = [
        ["name": "Reception"],
        [
            "name": "Ada's desk", "device_type": "sip_device", "mac_address": "00:15:65:12:34:56",
            "sip": ["username": "user_ada", "password": "s3cret-s3cret", "method": "password"],
        ],
    ]
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
