//  The call detail records of an account: how they are written, so that each way to read them is one range.
//
//  A record is written once under its time, and named by small records of other kinds:
//    cdr                 the record itself
//    cdr/ID              where it lies, by its id
//    cdr_of/USER         the user's own
//    leg/INTERACTION     the legs of one conversation, in the order in which their channels were made
//    interaction         the conversations, by when they began
//    interaction_of/USER those in which the user's telephones took part
//  All of them can be written again with the same effect, so a switch that is not sure can send a record twice.

import PluginKit

package struct CallRecords: Sendable {
    /// Which list is meant.
    enum Kind: Sendable {
        case legs
        case interactions
    }

    /// How many legs one conversation shows at most.
    private static let legLimit = 1_000

    private let log: RecordLog

    package init(_ log: RecordLog) { self.log = log }

    /// Writes records; they are on disk when this returns.
    package func append(_ records: [CallRecord]) throws(APIError) {
        try log.append(records.flatMap(stored))
    }

    /// Whether the account has no records at all.
    var isEmpty: Bool { get throws(APIError) { try log.earliest("cdr").isEmpty } }

    private func stored(_ record: CallRecord) -> [StoredRecord] {
        let place: JSON = ["id": .string(record.id.text), "time": .number(JSONNumber(Int(record.time)))]
        let interaction = DocumentID(record.interaction)
        // As many digits as the largest number has, so that the order of the texts is that of the numbers.
        let order = String(record.channelCreated)
        let leg = String(repeating: "0", count: max(0, 19 - order.utf8.count)) + order
        var all = [
            log.record("cdr", time: record.time, id: record.id, body: CallRecordBody(record).stored),
            log.record("cdr/\(record.id)", time: record.time, id: record.id, [:]),
            log.record(
                "leg/\(interaction)",
                time: record.interactionTime,
                id: DocumentID("\(leg)-\(record.id)"),
                place
            ),
            log.record("interaction", time: record.interactionTime, id: interaction, [:]),
        ]
        if let owner = record.owner {
            all.append(log.record("cdr_of/\(owner)", time: record.time, id: record.id, [:]))
            all.append(log.record("interaction_of/\(owner)", time: record.interactionTime, id: interaction, [:]))
        }
        return all
    }

    /// Returns the record with an id, or nil.
    func find(_ id: String) throws(APIError) -> CallRecord? {
        guard let place = try log.earliest("cdr/\(id)").first else { return nil }
        return try log.record("cdr", at: place.position).flatMap(CallRecord.init)
    }

    /// Returns the legs of a conversation, the first made first.
    func legs(of interaction: String) throws(APIError) -> [CallRecord] {
        var legs: [CallRecord] = []
        for place in try log.earliest("leg/\(interaction)", limit: Self.legLimit) {
            if let leg = try record(at: place).flatMap(CallRecord.init) { legs.append(leg) }
        }
        return legs
    }

    /// Returns what `show` makes of up to `limit` records of a list, and where the next page begins.
    ///
    /// - Parameters:
    ///   - user: only those of a user; nil for the whole account.
    ///   - show: is given a record as it is stored; nil leaves it out.
    func page<Shown>(
        _ kind: Kind,
        of user: String?,
        _ request: RecordRequest,
        limit: Int,
        showing show: (StoredRecord) -> Shown?
    ) throws(APIError) -> (shown: [Shown], next: RecordPosition?) {
        let word = kind == .legs ? "cdr" : "interaction"
        let name = user.map { "\(word)_of/\($0)" } ?? word
        var start = request.start
        var found: [Shown] = []
        repeat {
            let page = try log.page(
                RecordQuery(
                    kind: name,
                    times: request.times,
                    order: request.order,
                    start: start,
                    limit: min(limit - found.count + 1, 500)
                )
            )
            for row in page.records {
                guard let record = try resolved(row, kind, isWhole: user == nil).flatMap(show) else { continue }
                if found.count == limit { return (found, row.position) }
                found.append(record)
            }
            start = page.next
        } while start != nil
        return (found, nil)
    }

    private func resolved(_ row: StoredRecord, _ kind: Kind, isWhole: Bool) throws(APIError) -> StoredRecord? {
        switch kind {
        case .legs where isWhole: return row
        case .legs: return try log.record("cdr", at: row.position)
        case .interactions:
            guard let first = try log.earliest("leg/\(row.id)").first else { return nil }
            return try record(at: first)
        }
    }

    /// The record that a leg of a conversation names.
    private func record(at place: StoredRecord) throws(APIError) -> StoredRecord? {
        guard let leg = try? JSON(parsing: place.body), let id = leg["id"]?.string, let time = leg["time"]?.int else {
            return nil
        }
        return try log.record("cdr", at: RecordPosition(time: Int64(time), id: DocumentID(id)))
    }
}
