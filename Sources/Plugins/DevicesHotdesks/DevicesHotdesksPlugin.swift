//  Who works at a telephone: the users that are logged in to a device.

import PluginKit

struct DevicesHotdesksPlugin: ViewPlugin {
    static let name = "devices_hotdesks"
    static let summary: String? = "Who is logged in to a telephone that several people share."
    static let word = "hotdesks"
    static let owners: [any ResourcePlugin.Type] = [DevicesPlugin.self]
    static let source = ViewSource.rows { request throws(APIError) in
        var rows: [JSONObject] = []
        for id in request.owner?["hotdesk"]?["users"]?.object?.keys ?? [] {
            guard let user = try request.reader.document(DocumentID(id), type: "user") else { continue }
            var row: JSONObject = ["id": .string(id)]
            for name in ["first_name", "last_name", "username"] { row[name] = user[name] }
            rows.append(row)
        }
        return rows
    }
}
