//  Sets of temporal rules: several rules that are used as one, such as all holidays.

import PluginKit

struct TemporalRulesSetsPlugin: ResourcePlugin {
    static let name = "temporal_rules_sets"
    static let documentType = "temporal_rule_set"
    static let list = ListView(row: ["name", RowField("rules") { $0["temporal_rules"] ?? [] }, "flags"])
    static let references = [ReferenceField("temporal_rules[]", to: "temporal_rule")]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Holidays"],
        ["name": "Office", "temporal_rules": ["5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"], "flags": ["hours"]],
    ]
}
