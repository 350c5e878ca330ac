//  The records of one account, as plugins see them: what happened and is never changed, read by time.

import DocumentStore
import Gateway
import JSON

/// Writes and reads records of one account.
package struct RecordLog: Sendable {
    private let store: any RecordStore
    private let scope: Scope

    fileprivate init(_ store: any RecordStore, account: DocumentID) {
        self.store = store
        scope = .account(account)
    }

    /// A record of this account, not written yet.
    ///
    /// - Parameter time: Unix seconds.
    package func record(_ kind: String, time: Int64, id: DocumentID, _ body: JSON) -> StoredRecord {
        record(kind, time: time, id: id, body: body.bytes())
    }

    /// - Parameter body: one compact JSON object in UTF-8.
    package func record(_ kind: String, time: Int64, id: DocumentID, body: [UInt8]) -> StoredRecord {
        StoredRecord(scope: scope, kind: kind, time: time, id: id, body: body)
    }

    /// Adds records; they are on disk when this returns. One with the kind, time and id of another replaces it.
    package func append(_ records: [StoredRecord]) throws(APIError) {
        do {
            try store.append(records)
        } catch {
            throw APIError(error)
        }
    }

    package func page(_ query: RecordQuery) throws(APIError) -> RecordPage {
        do {
            return try store.records(query, in: scope)
        } catch {
            throw APIError(error)
        }
    }

    /// Returns a record of which kind, time and id are known, or nil.
    package func record(_ kind: String, at position: RecordPosition) throws(APIError) -> StoredRecord? {
        let times = position.time..<position.time + 1
        let query = RecordQuery(kind: kind, times: times, order: .ascending, start: position, limit: 1)
        return try page(query).records.first.flatMap { $0.id == position.id ? $0 : nil }
    }

    /// Returns the earliest records of a kind, at most `limit`.
    package func earliest(_ kind: String, limit: Int = 1) throws(APIError) -> [StoredRecord] {
        // To the end of the year 9999.
        try page(RecordQuery(kind: kind, times: 0..<253_402_300_799, order: .ascending, limit: limit)).records
    }
}

extension Kit {
    /// The records of an account.
    package func records(of account: String) -> RecordLog { RecordLog(store, account: DocumentID(account)) }
}
