//  Files the messages that are older than messages are kept: to who listens they are deleted, and they stay as they are.

import PluginKit

/// What the server does by itself with old messages, while it runs.
package struct VoicemailRetention: Sendable {
    /// The field of a message that says so, and what it says.
    static let field = "retention"
    private static let enforced: JSON = "enforced"
    /// How many messages are looked at at once.
    private static let batch = 100

    private let kit: Kit

    package init(_ kit: Kit) { self.kit = kit }

    /// Files what is too old, the oldest first, each message in a commit of its own.
    ///
    /// - Parameters:
    ///   - now: Unix seconds.
    ///   - seconds: how old a message may be.
    ///   - pause: called after each batch; false ends the work, and the next run goes on.
    /// - Returns: how many were filed.
    package func run(now: Int64, keeping seconds: Int64, pause: () -> Bool = { true }) throws(APIError) -> Int {
        guard kit.has(VmboxesMessagesPlugin.self) else { return 0 }
        let call = Call(nouns: [], path: "", method: .patch, requestID: "retention", time: now, isSecure: true)
        let messages = try kit.systemService(VmboxesMessagesPlugin.self, for: call)
        var request = try ListRequest(call)
        request.pageSize = Self.batch
        request.order = .ascending
        request.endKey = CollationKey(.gregorian(now - seconds))
        var count = 0
        repeat {
            let page = try messages.list(request, VmboxesMessagesPlugin.aging)
            var old: [(account: String, id: String)] = []
            try page.content.forEachRow { row in
                guard let account = row["account_id"]?.string, let id = row["id"]?.string else { return }
                old.append((account, id))
            }
            for message in old where try file(message.id, in: message.account, call) { count += 1 }
            request.startKey = page.paging?.next
        } while request.startKey != nil && pause()
        return count
    }

    private func file(_ id: String, in account: String, _ call: Call) throws(APIError) -> Bool {
        let filed: JSONObject = ["folder": "deleted", Self.field: Self.enforced]
        do throws(APIError) {
            _ = try kit.service(VmboxesMessagesPlugin.self, for: call, in: account).merge(filed, into: DocumentID(id))
            return true
        } catch .badIdentifier {
            // It was deleted meanwhile.
            return false
        }
    }
}

extension Document {
    /// - Throws: `.validation` at the id of a message that was filed because it is too old.
    func requireNotFiled() throws(APIError) {
        guard self[VoicemailRetention.field] != nil else { return }
        throw .invalid(
            id.text,
            rule: "date_range",
            "cannot make changes to messages prior to retention duration"
        )
    }
}
