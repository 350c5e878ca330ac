//  HTTP in and out of call detail records.

import PluginKit

struct CDRsResource: Sendable {
    /// How many records one request can bring.
    private static let limit = 1_000
    /// How many rows a long list reads at a time.
    private static let batch = 500

    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// GET lists the legs; PUT takes one record, or an array of them of which all are stored or none.
    func collection() -> Route {
        Route([(.get, .account(.admin)), (.put, .account(.admin))]) { call throws(APIError) in
            call.method == .put ? try add(call) : try list(.legs, call)
        }
    }

    func list(_ kind: CallRecords.Kind, _ access: Access) -> Route {
        Route([(.get, access)]) { call throws(APIError) in try list(kind, call) }
    }

    /// One whole record.
    func item(_ access: Access) -> Route {
        Route([(.get, access)]) { call throws(APIError) in
            let user = user(call)
            guard let record = try records(call).find(call.arguments.last ?? ""), user == nil || record.owner == user
            else { throw .faultyRequest("could not find cdr with supplied id") }
            return Reply(.object(record.document))
        }
    }

    /// The legs of a conversation, named by its own id or by one of its legs'.
    func legs() -> Route {
        Route([(.get, .account(.admin))]) { call throws(APIError) in
            let records = try records(call)
            let id = call.arguments.last ?? ""
            var legs = try records.legs(of: id)
            if legs.isEmpty, let leg = try records.find(id) { legs = try records.legs(of: leg.interaction) }
            guard !legs.isEmpty else { throw .faultyRequest("could not find legs for supplied id") }
            return Reply(.rows(legs.map { JSON.object($0.document).bytes() }))
        }
    }

    /// How many calls there were in the times that are asked for, and how long they were.
    func summary() -> Route {
        Route([(.get, .account(.admin))]) { call throws(APIError) in
            var request = try RecordRequest(call)
            let filter = try CallRecordFilter(call)
            var summary = CallSummary()
            repeat {
                let page = try records(call).page(.legs, of: nil, request, limit: Self.batch) { stored in
                    CallRecord(stored).flatMap { filter.isWanted($0) ? $0 : nil }
                }
                for record in page.shown { summary.add(record) }
                request.start = page.next
            } while request.start != nil
            return Reply(.object(summary.json))
        }
    }

    private func list(_ kind: CallRecords.Kind, _ call: Call) throws(APIError) -> Reply {
        let request = try RecordRequest(call)
        let filter = try CallRecordFilter(call)
        let records = try records(call)
        let user = user(call)
        let isForReseller = try isReseller(call)
        func row(_ stored: StoredRecord) -> [UInt8]? {
            if filter.wantsAllAsTheyAre, let row = CallRecordBody(stored: stored.body).row(isForReseller: isForReseller)
            {
                return row
            }
            guard let record = CallRecord(stored), filter.isWanted(record) else { return nil }
            var row = CallRecordRow.of(record, utcOffset: filter.utcOffset)
            if isForReseller { for (name, value) in CallRecordRow.forReseller(record) { row[name] = value } }
            return JSON.object(row).bytes()
        }
        func rows(_ request: RecordRequest, _ limit: Int) throws(APIError) -> (shown: [[UInt8]], next: RecordPosition?)
        {
            try records.page(kind, of: user, request, limit: limit, showing: row)
        }
        if let paginate = call.control("paginate"), paginate != "true" {
            return Reply(
                .stream(
                    RowStream { take in
                        var request = request
                        repeat {
                            let page = try rows(request, Self.batch)
                            try take(page.shown)
                            request.start = page.next
                        } while request.start != nil
                    }
                )
            )
        }
        let page = try rows(request, request.pageSize)
        var reply = Reply(.rows(page.shown))
        reply.paging = Paging(
            count: page.shown.count,
            start: request.startKey,
            next: page.next.map(RecordRequest.cursor)
        )
        return reply
    }

    private func add(_ call: Call) throws(APIError) -> Reply {
        guard let schema = kit.schemas[CDRsPlugin.name] else { throw .internalFault("no schema cdrs") }
        let many = call.envelope.data.array
        guard (many?.count ?? 1) <= Self.limit else {
            throw .invalid("data", rule: "maxItems", "At most \(Self.limit) records can be sent at once")
        }
        var violations = Violations()
        var added: [CallRecord] = []
        let sent: [JSON] = if let many { many } else { [.object(try call.fields())] }
        for (index, data) in sent.enumerated() {
            let result = schema.validate(data.object.map { .object(Self.publicFields($0)) } ?? data)
            let place = many == nil ? JSONPath() : JSONPath().appending(index)
            violations.merge(result.violations, at: place)
            guard result.violations.isEmpty, let fields = result.value.object else { continue }
            let record = CallRecord(fields, now: call.time)
            violations.merge(record.violations(now: call.time), at: place)
            added.append(record)
        }
        guard violations.isEmpty else { throw .validation(violations.json) }
        try records(call).append(added)
        var reply =
            many == nil
            ? Reply(.object(added.first?.document ?? [:]))
            : Reply(["succeeded": .array(added.map { .string($0.id.text) }), "failed": []])
        reply.isCreated = true
        if many == nil { reply.location = added.first.map { "\(call.path)/\($0.id)" } }
        return reply
    }

    /// Whether the caller's account sells to others.
    private func isReseller(_ call: Call) throws(APIError) -> Bool {
        guard let caller = call.caller?.account.id else { return false }
        return try kit.directory.document(caller, account: caller).map(AccountsPlugin.isReseller) ?? false
    }

    private func records(_ call: Call) throws(APIError) -> CallRecords {
        guard let account = call.account?.id else { throw .notFound }
        return CallRecords(kit.records(of: account))
    }

    private func user(_ call: Call) -> String? {
        call.nouns.first { $0.module == "users" }?.arguments.first
    }

    private static func publicFields(_ fields: JSONObject) -> JSONObject {
        JSONObject(
            fields.filter { $0.key != "id" && !$0.key.hasPrefix("_") && !$0.key.hasPrefix("pvt_") }
                .map { ($0.key, $0.value) }
        )
    }
}

/// Which records a list wants, and for which clock.
struct CallRecordFilter: Sendable {
    private let filter: Filter
    let utcOffset: Int64

    /// - Throws: `.faultyRequest` for an offset that is no number.
    init(_ call: Call) throws(APIError) {
        filter = Filter(call.query.mapped(Self.withoutMonth), besides: ["created_from", "created_to"])
        guard let text = call.query["utc_offset"] else {
            utcOffset = 0
            return
        }
        // No place on earth is more than a day ahead.
        guard let offset = Int64(text), (-86_400...86_400).contains(offset) else {
            throw .faultyRequest("utc_offset must be a number")
        }
        utcOffset = offset
    }

    /// Whether every record is shown, as it is stored.
    var wantsAllAsTheyAre: Bool { filter.isEmpty && utcOffset == 0 }

    /// A client may have a call's id from that of its record, with the month in front.
    private static func withoutMonth(_ name: String, _ value: String?) -> String? {
        guard name.hasPrefix("filter_") && name.hasSuffix("call_id"), let value,
            let prefix = value.firstRange(of: /^[0-9]{6}-/)
        else { return value }
        return String(value[prefix.upperBound...])
    }

    func isWanted(_ record: CallRecord) -> Bool {
        filter.isEmpty || filter.matches(.object(record.document), created: record.time, modified: record.time)
    }
}

/// Sums over call detail records.
private struct CallSummary {
    private var legs = 0
    private var inbound = 0
    private var outbound = 0
    private var answered = 0
    private var duration = 0
    private var billing = 0

    mutating func add(_ record: CallRecord) {
        legs += 1
        switch record.fields["call_direction"]?.string {
        case "inbound"?: inbound += 1
        case "outbound"?: outbound += 1
        default: break
        }
        let talk = record.fields["billing_seconds"]?.int ?? 0
        if talk > 0 { answered += 1 }
        duration = duration.addingReportingOverflow(record.fields["duration_seconds"]?.int ?? 0).partialValue
        billing = billing.addingReportingOverflow(talk).partialValue
    }

    var json: JSONObject {
        func number(_ value: Int) -> JSON { .number(JSONNumber(value)) }
        return [
            "legs": number(legs), "inbound": number(inbound), "outbound": number(outbound),
            "answered": number(answered), "duration_seconds": number(duration), "billing_seconds": number(billing),
        ]
    }
}
