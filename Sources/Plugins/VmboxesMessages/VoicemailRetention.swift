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
        // The messages of a deleted account stay as they are, until they go with it.
        var isThere: [String: Bool] = [:]
        repeat {
            let page = try messages.list(request, VmboxesMessagesPlugin.aging)
            var old: [(account: String, id: String)] = []
            try page.content.forEachRow { row in
                guard let account = row["account_id"]?.string, let id = row["id"]?.string else { return }
                old.append((account, id))
            }
            for (account, id) in old {
                if isThere[account] == nil { isThere[account] = try kit.directory.account(account) != nil }
                if isThere[account] == true, try file(id, in: account, call) { count += 1 }
            }
            request.startKey = page.paging?.next
        } while request.startKey != nil && pause()
        return count
    }

    /// - Returns: false if the message stays: it was deleted meanwhile, or a rule does not let it be changed. One that cannot
    ///   be filed must not keep those behind it from it.
    private func file(_ id: String, in account: String, _ call: Call) throws(APIError) -> Bool {
        let filed: JSONObject = ["folder": "deleted", Self.field: Self.enforced]
        do throws(APIError) {
            _ = try kit.service(VmboxesMessagesPlugin.self, for: call, in: account).merge(filed, into: DocumentID(id))
            return true
        } catch .badIdentifier, .validation {
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
