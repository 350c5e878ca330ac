//  Lines: what connects a user to the telephones and the extensions that ring there.

import PluginKit

struct LinesPlugin: ResourcePlugin {
    static let name = "lines"
    static let list = ListView(key: ["name"], row: ["name", "protocol", "position", "enabled"])
    static let uniqueFields = [UniqueField("provisioning_code", message: "Provisioning code already in use")]
    static let reloads = ["dialplan", "sip"]
    static let examples: [JSON] = [
        ["name": "Reception"],
        ["name": "Workshop", "protocol": "sip", "position": 2, "provisioning_code": "204711"],
    ]
}
