//  How many recordings there are in each language and of each prompt, and which.

import PluginKit

enum MediaCounts {
    /// The numbers of recordings by word, as one object in an array, as Crossbar has it; the ids of those of one word.
    ///
    /// Cost: one pass over the index rows of the account's recordings.
    static func reply(
        _ call: Call,
        _ service: BoundService,
        _ view: ListView,
        of word: String? = nil
    ) throws(APIError) -> Reply {
        var request = try ListRequest(call)
        guard let word else {
            request.pageSize = nil
            var counts: [String: Int] = [:]
            try service.list(request, view).content.forEachRow { row in
                counts[row["word"]?.string ?? "", default: 0] += 1
            }
            let sorted = counts.sorted { $0.key < $1.key }
            return Reply([.object(JSONObject(sorted.map { ($0.key, .number(JSONNumber($0.value))) }))])
        }
        var reply = try service.list(request, view, within: word)
        var ids: [JSON] = []
        try reply.content.forEachRow { row in ids.append(row["id"] ?? .null) }
        reply.content = .value(JSON.array(ids).bytes())
        return reply
    }
}
