//  Directories: lists of people whom callers find by name.
//
//  Who is in a directory stands in the users' documents: `directories` maps a directory's id to the callflow that
//  reaches the user. The directory shows it, and a client that sends it back changes nothing. There is a page to print,
//  and no PDF.

import PluginKit

struct DirectoriesPlugin: ResourcePlugin {
    static let name = "directories"
    static let documentType = "directory"
    static let list = ListView(row: ["name", "flags"])
    static let computed = [
        ComputedField("users", dependsOnOthers: true) { directory, reader throws(APIError) in
            let rows = try reader.rows(UsersPlugin.self, UsersPlugin.directoryMembers, within: directory.id.text)
            return .array(
                rows.map { row in
                    ["user_id": row["id"] ?? .null, "callflow_id": row["callflow_id"] ?? .null]
                }
            )
        }
    ]
    static let reloads = ["dialplan"]
    static let examples: [JSON] = [
        ["name": "Everybody"],
        ["name": "Sales", "sort_by": "first_name", "min_dtmf": 2, "confirm_match": false, "search_fields": "both"],
    ]
}
