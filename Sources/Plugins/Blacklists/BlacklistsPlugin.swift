//  Blacklists: numbers whose calls are refused, named by accounts, users and devices.

import PluginKit

struct BlacklistsPlugin: ResourcePlugin {
    static let name = "blacklists"
    static let list = ListView(row: ["name", "flags"])
    static let service: any CRUDService = BlacklistsService()
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Nuisance callers"],
        ["name": "Anonymous", "numbers": ["+12125550199": [:]], "should_block_anonymous": true],
    ]
}

/// Writes the numbers, which are the names of fields, in one spelling.
struct BlacklistsService: CRUDService {
    func prepare(_ change: inout Change, in work: Work) {
        guard let numbers = change.new?["numbers"]?.object else { return }
        var normalised = JSONObject()
        for (number, remarks) in numbers { normalised[TelephoneNumber.normalised(number)] = remarks }
        change.new?.fields["numbers"] = .object(normalised)
    }
}
