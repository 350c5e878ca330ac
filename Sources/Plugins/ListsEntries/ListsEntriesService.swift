//  What happens to all entries of a list at once.

import PluginKit

enum ListsEntriesService {
    /// How many entries one request deletes at the most.
    private static let limit = 5_000

    /// Deletes the entries of a list, and says which they were.
    static func empty(_ fields: JSONObject, in work: Work) throws(APIError) -> JSON {
        let rows = try work.reader.rows(ListsEntriesPlugin.self, within: work.parent?.text, limit: limit)
        for row in rows { _ = try work.delete(DocumentID(row["id"]?.string ?? "")) }
        return .array(rows.map { .object($0) })
    }
}
