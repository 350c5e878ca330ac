//  Alerts: messages that people see when they work with the account, until they expire or are dismissed.
//
//  An alert belongs to the account whose people read it. Its administrators, and those of the accounts above, write it.

import PluginKit

struct AlertsPlugin: ResourcePlugin {
    static let name = "alerts"
    static let list = ListView(
        row: [
            "title", "message", "category", "level", "metadata", "from", "expiration_date", "clearable",
        ],
        sortedBy: ["expiration_date"]
    ) { alert in
        [ListView.Place(key: .number(JSONNumber(alert["expiration_date"]?.int ?? never)))]
    }
    static let listResource: any ListResource = AlertsResource()

    /// Where an alert stands that does not expire: the last second of the year 9999, in Gregorian seconds.
    private static let never = 315_569_519_999

    static let examples: [JSON] = [
        ["title": "Maintenance", "message": "Telephones restart on Sunday at 6 o'clock."],
        [
            "title": "Number changes", "message": "The old main number ends this year.", "category": "numbers",
            "level": "warning", "clearable": false, "expiration_date": 66_301_200_000,
        ],
    ]
}

/// Lists the alerts that have not expired, those that stay longest first.
struct AlertsResource: ListResource {
    func get(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        var request = try ListRequest(call)
        request.order = .descending
        request.endKey = CollationKey(.gregorian(call.time))
        return try service.list(request)
    }
}
