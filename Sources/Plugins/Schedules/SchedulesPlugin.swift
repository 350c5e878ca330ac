//  Schedules: when calls are taken, and where they go at all other times.

import PluginKit

struct SchedulesPlugin: ResourcePlugin {
    static let name = "schedules"
    static let list = ListView(key: ["name"], row: ["name", "timezone", "enabled"])
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Always"],
        [
            "name": "Office hours", "timezone": "Europe/Amsterdam",
            "open_periods": [["hours_start": "09:00", "hours_end": "17:30", "week_days": [1, 2, 3, 4, 5]]],
            "closed_destination": ["type": "none"],
        ],
    ]
}
