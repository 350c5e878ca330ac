//  What has changed in an account, in order: GET /accounts/{account}/changes?since=SEQUENCE.

import PluginKit

struct ChangesPlugin: Plugin {
    static let name = "changes"
    static let summary: String? = "What was created, changed and deleted in an account, in order, for who polls."

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.get, .account(.admin))]) { call throws(APIError) in try list(call, kit) }
        return [PluginRoute("/accounts/{account}/changes", route)]
    }

    /// A client goes on with the `next_start_key` of a page, or later with the sequence of the last event that it has.
    private static func list(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard let account = call.account?.id else { throw .notFound }
        let request = try ListRequest(call)
        let since = request.startKey ?? call.control("since") ?? "0"
        guard let sequence = Int64(since), sequence >= 0, sequence < .max else {
            throw .invalid("since", rule: "type", "Value did not match type(s): integer", ["target": "integer"])
        }
        let page = try kit.changes.page(
            after: sequence,
            limit: request.pageSize ?? ListRequest.maximumPageSize,
            in: account
        )
        var reply = Reply(.rows(page.events.map { $0.bytes() }))
        reply.paging = Paging(
            count: page.events.count,
            start: request.startKey,
            next: page.next.map { String($0) }
        )
        return reply
    }
}
