//  Temporal rules: when something holds, such as office hours and holidays.

import PluginKit

struct TemporalRulesPlugin: ResourcePlugin {
    static let name = "temporal_rules"
    static let list = ListView(row: ["name", "type", "flags"])
    /// An old misspelling is still sent by clients; it is stored as the word that is meant.
    static let normalisations = [Normalisation("wdays[]") { $0 == "wensday" ? "wednesday" : $0 }]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Always", "cycle": "daily"],
        [
            "name": "Office hours", "cycle": "weekly", "wdays": ["monday", "wednesday", "friday"],
            "time_window_start": 32_400, "time_window_stop": 61_200,
        ],
    ]
}
