//  What became of requests to webhooks: GET …/webhooks/attempts and …/webhooks/{webhook}/attempts, the latest first.
//
//  Attempts are records, not documents: they come in masses and go by the month.

import PluginKit

struct WebhookAttempts: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    var ofAccount: Route {
        Route([(.get, .account(.admin))]) { call throws(APIError) in try list(Self.kind, call) }
    }

    var ofHook: Route {
        Route([(.get, .account(.admin))]) { call throws(APIError) in
            let id = call.arguments.first ?? ""
            _ = try kit.service(WebhooksPlugin.self, for: call).read(DocumentID(id))
            return try list(Self.kind(of: id), call)
        }
    }

    private func list(_ kind: String, _ call: Call) throws(APIError) -> Reply {
        guard let account = call.account?.id else { throw .notFound }
        let request = try ListRequest(call)
        let query = RecordQuery(
            kind: kind,
            // A clock of the relay may be ahead.
            times: 0..<call.time + 86_400,
            start: try request.startKey.map(Self.position),
            limit: request.pageSize ?? ListRequest.maximumPageSize
        )
        let page = try Self.records(kit, query, in: account)
        var reply = Reply(.rows(page.records.map(Self.row)))
        reply.paging = Paging(
            count: page.records.count,
            start: request.startKey,
            next: page.next.map { "\($0.time)-\($0.id)" }
        )
        return reply
    }

    private static func row(_ record: StoredRecord) -> [UInt8] {
        guard var fields = (try? JSON(parsing: record.body))?.object else { return record.body }
        fields["account_id"] = nil
        fields["timestamp"] = .gregorian(record.time)
        return JSON.object(fields).bytes()
    }

    private static func position(_ cursor: String) throws(APIError) -> RecordPosition {
        let parts = cursor.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let time = Int64(parts[0]) else { throw .faultyRequest("invalid start_key") }
        return RecordPosition(time: time, id: DocumentID(String(parts[1])))
    }

    // MARK: For the relay

    private static let kind = "webhook_attempt"
    private static func kind(of hook: String) -> String { "\(kind)/\(hook)" }

    /// Two records of an attempt: in the account's list and in the hook's. One that is reported again replaces itself.
    static func records(of attempt: JSON) -> [StoredRecord] {
        guard let hook = attempt["hook_id"]?.string, let account = attempt["account_id"]?.string, !account.isEmpty,
            let sequence = attempt["sequence"]?.int, let number = attempt["attempt"]?.int,
            let time = attempt["time"]?.int
        else { return [] }
        // Of one second, in the order of events and attempts.
        let id = DocumentID("\(padded(sequence, 19))-\(padded(number, 3))-\(hook)")
        return [kind, kind(of: hook)].map { kind in
            StoredRecord(
                scope: .account(DocumentID(account)),
                kind: kind,
                time: Int64(time),
                id: id,
                body: attempt.bytes()
            )
        }
    }

    /// The last event that nothing is left to do about for a hook, as its latest attempt says.
    static func settled(_ hook: String, account: String, now: Int64, _ kit: Kit) throws(APIError) -> Int {
        let query = RecordQuery(kind: kind(of: hook), times: 0..<now + 86_400, limit: 1)
        guard let latest = try records(kit, query, in: account).records.first,
            let attempt = try? JSON(parsing: latest.body), let sequence = attempt["sequence"]?.int
        else { return 0 }
        let isFinal = attempt["result"]?.string == "success" || attempt["retries_left"]?.int == 0
        return isFinal ? sequence : sequence - 1
    }

    private static func records(_ kit: Kit, _ query: RecordQuery, in account: String) throws(APIError) -> RecordPage {
        do {
            return try kit.records.records(query, in: .account(DocumentID(account)))
        } catch {
            throw .internalFault("attempts cannot be read: \(error)")
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(max(0, number))
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
