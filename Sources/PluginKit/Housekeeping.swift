//  What the store lets go of after a time, so that it grows with what there is and not with what there was.

import DocumentStore
import JSON

/// How long the past is kept.
package struct Retention: Equatable, Sendable {
    /// Seconds in which a deleted document can be restored.
    package var tombstones: Int64 = 30 * day
    /// Seconds in which a past revision can be read; the store's options say how many there are at the most.
    package var pastRevisions: Int64 = 90 * day
    /// Seconds in which an event that every consumer has had can be looked up.
    package var events: Int64 = 7 * day
    /// Whole months of records, the present one not counted.
    package var recordMonths = 13
    /// Seconds in which an attachment may wait for a document that names it.
    package var attachments: Int64 = day

    package init() {}

    private static let day: Int64 = 86_400
}

/// Removes what is too old, in small batches, so that no writer waits long for its turn.
package struct Housekeeping: Sendable {
    package typealias Store = AttachmentStore & DocumentHistory & DocumentStore & Outbox & ProjectionRebuild
        & RecordStore

    /// How many of each went, by name.
    package typealias Report = [(name: String, count: Int)]

    private let store: any Store
    private let revocations: Revocations
    private let retention: Retention
    private let batch: Int
    /// Seconds by which clocks may be apart, and more.
    private static let clockMargin: Int64 = 3_600

    /// - Parameter batch: how many go at once.
    package init(store: any Store, revocations: Revocations, retention: Retention, batch: Int = 100) {
        precondition(batch > 0, "a batch has at least one")
        self.store = store
        self.revocations = revocations
        self.retention = retention
        self.batch = batch
    }

    /// Removes everything that is too old.
    ///
    /// - Parameters:
    ///   - now: Unix seconds.
    ///   - pause: called after each batch; false ends the work, and the next run goes on.
    /// - Returns: what went, without what none went of.
    package func run(now: Int64, pause: () -> Bool = { true }) throws(StoreError) -> Report {
        var report: Report = []
        var isEnded = false
        func inBatches(_ name: String, _ purge: (Int) throws(StoreError) -> Int) throws(StoreError) {
            var count = 0
            while !isEnded {
                let gone = try purge(batch)
                count += gone
                if gone > 0, !pause() { isEnded = true }
                if gone < batch { break }
            }
            if count > 0 { report.append((name, count)) }
        }
        try inBatches("tombstones") { limit throws(StoreError) in
            try store.purgeTombstones(before: now - retention.tombstones, limit: limit)
        }
        try inBatches("past_revisions") { limit throws(StoreError) in
            try store.purgePastRevisions(before: now - retention.pastRevisions, limit: limit)
        }
        try inBatches("events") { limit throws(StoreError) in
            try store.purgeEvents(before: now - retention.events, limit: limit)
        }
        for (name, type) in [("replies", StoredReplies.type), ("revoked_tokens", Revocations.type)] where !isEnded {
            let count = try purge(type, now: now) {
                isEnded = isEnded || !pause()
                return !isEnded
            }
            if count > 0 { report.append((name, count)) }
        }
        guard !isEnded else { return report }
        let months = try store.dropRecords(before: CalendarMonth(containing: now).earlier(by: retention.recordMonths))
        if months > 0 { report.append(("record_months", months)) }
        let attachments = try store.collectAttachments(grace: retention.attachments)
        if attachments > 0 { report.append(("attachments", attachments)) }
        return report
    }

    /// Removes the documents of a kind that nobody needs any more.
    private func purge(_ type: String, now: Int64, pause: () -> Bool) throws(StoreError) -> Int {
        var count = 0
        var position: Int64 = 0
        while true {
            let documents = try store.documents(of: type, after: position, limit: batch)
            guard let last = documents.last else { return count }
            position = last.position
            let old = documents.map(\.document).filter { Self.isOver($0, now: now) }
            guard !old.isEmpty else { continue }
            count += try store.purge(old)
            if type == Revocations.type { revocations.forget(old.map(\.id.text)) }
            guard pause() else { return count }
        }
    }

    private static func isOver(_ document: StoredDocument, now: Int64) -> Bool {
        if document.isDeleted { return true }
        switch document.type {
        case StoredReplies.type: return document.created <= now - StoredReplies.lifetime
        case Revocations.type:
            guard let expires = (try? JSON(parsing: document.body))?["expires"]?.int else { return false }
            return Int64(expires) < now - clockMargin
        default: return false
        }
    }
}
