//  What the list of entries shows of one: its fields, and the row that Crossbar's database has of it.

import PluginKit

enum ListsEntriesRow {
    private static let names = [
        "displayname", "number", "pattern", "type", "capture_group_key", "capture_group_length", "list_id",
    ]

    static let fields =
        names.map { RowField(stringLiteral: $0) } + [
            RowField("key") { $0["list_id"] },
            RowField("value") { entry in
                var value = JSONObject()
                for name in names { value[name] = entry[name] }
                value["name"] = entry["displayname"]
                return .object(value)
            },
        ]
}
