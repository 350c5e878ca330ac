//  Who tried to log in: records by time, for the account's administrators and for the throttle.

import DocumentStore
import Gateway
import Identity
import JSON

/// One attempt to log in to an account.
package struct RecordedAttempt: Sendable {
    package enum Kind: String, Sendable {
        case login = "login_attempt"
        case secondFactor = "multi_factor_attempt"
    }

    package var kind: Kind
    /// Empty for an attempt in an account that does not exist.
    package var account: String
    /// The user, if it is known who it was.
    package var user: String?
    /// Crossbar's name of the way to log in: `cb_user_auth`.
    package var module: String
    package var isSuccess: Bool
    /// What happened, in words; no secrets.
    package var message: String
    /// Further words of use to an administrator; no secrets.
    package var metadata: JSONObject

    package init(
        _ kind: Kind = .login,
        account: String,
        user: String? = nil,
        module: String,
        isSuccess: Bool,
        message: String,
        metadata: JSONObject = [:]
    ) {
        self.kind = kind
        self.account = account
        self.user = user
        self.module = module
        self.isSuccess = isSuccess
        self.message = message
        self.metadata = metadata
    }
}

/// Keeps attempts, and from where each account was logged in to.
package struct LoginAttempts: SourceHistory {
    /// A record for each account, source and day, without anything else in it.
    private static let sourceKind = "login_source"

    private let records: any RecordStore

    init(_ records: any RecordStore) { self.records = records }

    /// Writes an attempt down; it is on disk when this returns, unless the disk is full.
    ///
    /// Of the request's fields only those are kept that tell programs apart: never a token, a cookie or a body.
    package func record(_ attempt: RecordedAttempt, _ call: Call) throws(APIError) {
        let id = Self.id(at: call.time)
        var body: JSONObject = [
            "id": .string(id.text),
            "auth_type": .string(attempt.kind == .login ? attempt.module : "multi_factor"),
            "auth_module": .string(attempt.module),
            "status": attempt.isSuccess ? "success" : "failed",
            "message": .string(attempt.message),
            "timestamp": .gregorian(call.time),
            "client_ip": .string(call.client.address ?? "unknown"),
            "client_headers": call.client.agent.map { ["user-agent": .string($0)] } ?? [:],
            "crossbar_request_id": .string(call.requestID),
            "account_id": .string(attempt.account),
            "metadata": .object(attempt.metadata),
        ]
        if let user = attempt.user { body["owner_id"] = .string(user) }
        let scope = Scope(text: attempt.account)
        var written = [
            StoredRecord(
                scope: scope,
                kind: attempt.kind.rawValue,
                time: call.time,
                id: id,
                body: JSON.object(body).bytes()
            )
        ]
        if attempt.isSuccess, attempt.kind == .login {
            let day = call.time - call.time % 86_400
            written.append(
                StoredRecord(
                    scope: scope,
                    kind: Self.sourceKind,
                    time: day,
                    id: DocumentID(call.client.source.text),
                    body: Array("{}".utf8)
                )
            )
        }
        try append(written)
    }

    /// Writes what nobody reads, at the price of an attempt; it is on disk when this returns.
    package func touch(_ time: Int64) throws(APIError) {
        let record = StoredRecord(
            scope: .system,
            kind: "nothing",
            time: time - time % 86_400,
            id: DocumentID("nothing"),
            body: Array("{}".utf8)
        )
        try append([record])
    }

    /// A full disk loses the record and nothing else: who is to make room must be able to log in.
    private func append(_ written: [StoredRecord]) throws(APIError) {
        do {
            try records.append(written)
        } catch .full {
            return
        } catch {
            throw APIError(error)
        }
    }

    /// A history that cannot be read knows nobody.
    package func hasLoggedIn(account: String, source: ClientSource, since: Int64) -> Bool {
        let query = RecordQuery(kind: Self.sourceKind, times: max(0, since)..<Int64.max / 2, limit: 1_000)
        let page = try? records.records(query, in: .account(DocumentID(account)))
        return page?.records.contains { $0.id.text == source.text } ?? false
    }

    /// Returns a page of attempts, the latest first unless the request says otherwise.
    package func list(
        _ kind: RecordedAttempt.Kind,
        account: String,
        _ request: RecordRequest
    ) throws(APIError) -> Reply {
        let page = try page(kind, account, request)
        var reply = Reply(
            .rows(page.records.compactMap { record in (try? JSON(parsing: record.body)).map(Self.row) })
        )
        reply.paging = Paging(
            count: page.records.count,
            start: request.startKey,
            next: page.next.map(RecordRequest.cursor)
        )
        return reply
    }

    /// Returns one attempt, or nil.
    package func find(_ kind: RecordedAttempt.Kind, _ id: String, account: String) throws(APIError) -> JSON? {
        guard let time = Self.time(of: id) else { return nil }
        var start: RecordPosition?
        repeat {
            let page = try read(
                RecordQuery(kind: kind.rawValue, times: time..<(time + 1), start: start, limit: 1_000),
                account
            )
            if let record = page.records.first(where: { $0.id.text == id }) { return try? JSON(parsing: record.body) }
            start = page.next
        } while start != nil
        return nil
    }

    private func page(
        _ kind: RecordedAttempt.Kind,
        _ account: String,
        _ request: RecordRequest
    ) throws(APIError) -> RecordPage {
        try read(
            RecordQuery(
                kind: kind.rawValue,
                times: request.times,
                order: request.order,
                start: request.start,
                limit: request.pageSize
            ),
            account
        )
    }

    private func read(_ query: RecordQuery, _ account: String) throws(APIError) -> RecordPage {
        do {
            return try records.records(query, in: .account(DocumentID(account)))
        } catch {
            throw APIError(error)
        }
    }

    /// What a list shows of an attempt.
    private static func row(_ attempt: JSON) -> [UInt8] {
        let names = ["id", "auth_type", "auth_module", "status", "message", "timestamp", "client_ip", "owner_id"]
        return JSON.object(JSONObject(names.compactMap { name in attempt[name].map { (name, $0) } })).bytes()
    }

    /// The month as Crossbar's ids have it, the second, and what nobody else has.
    private static func id(at time: Int64) -> DocumentID {
        let second = String(max(0, time), radix: 16)
        let random = DocumentID.random().text.prefix(22)
        let digits = String(repeating: "0", count: max(0, 10 - second.utf8.count)) + second
        return DocumentID("\(CalendarMonth(containing: time))-\(digits)\(random)")
    }

    private static func time(of id: String) -> Int64? {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 32 else { return nil }
        return Int64(parts[1].prefix(10), radix: 16)
    }
}
