//  A store that fails when a test wants it to.

import DocumentStore
import SQLiteStore
import Synchronization

/// When the next failure comes.
package final class Faults: Sendable {
    /// How many calls succeed yet; nil if all do.
    private let left = Mutex<Int?>(nil)

    package init() {}

    /// Lets this many calls succeed, and all after them fail; nil lets all succeed.
    package func failAfter(_ count: Int?) { left.withLock { $0 = count } }

    fileprivate func check() throws(StoreError) {
        let fails = left.withLock { left in
            guard let count = left else { return false }
            left = max(0, count - 1)
            return count == 0
        }
        if fails { throw .io(operation: "test", reason: "a fault that the test wants") }
    }
}

/// Hands everything on to a store, as long as the faults let it.
package struct FaultyStore: DocumentStore, RecordStore {
    private let store: SQLiteStore
    private let faults: Faults

    package init(_ store: SQLiteStore, _ faults: Faults) {
        self.store = store
        self.faults = faults
    }

    /// Nil, so that nothing is remembered and every question reaches the store.
    package var version: Int? { nil }

    package func document(_ id: DocumentID, in scope: Scope) throws(StoreError) -> StoredDocument? {
        try faults.check()
        return try store.document(id, in: scope)
    }

    package func page(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListPage {
        try faults.check()
        return try store.page(query, in: scope)
    }

    package func summaries(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListSummaries {
        try faults.check()
        return try store.summaries(query, in: scope)
    }

    package func count(of view: String, in scope: Scope) throws(StoreError) -> Int {
        try faults.check()
        return try store.count(of: view, in: scope)
    }

    package func holder(of key: UniqueKey) throws(StoreError) -> DocumentAddress? {
        try faults.check()
        return try store.holder(of: key)
    }

    package func references(
        to target: DocumentID,
        in scope: Scope,
        limit: Int
    ) throws(StoreError) -> [IncomingReference] {
        try faults.check()
        return try store.references(to: target, in: scope, limit: limit)
    }

    package func events(after sequence: Int64, limit: Int) throws(StoreError) -> [RecordedEvent] {
        try faults.check()
        return try store.events(after: sequence, limit: limit)
    }

    package func commit(_ changes: ChangeSet) throws(StoreError) {
        try faults.check()
        try store.commit(changes)
    }

    package func append(_ records: [StoredRecord]) throws(StoreError) {
        try faults.check()
        try store.append(records)
    }

    package func records(_ query: RecordQuery, in scope: Scope) throws(StoreError) -> RecordPage {
        try faults.check()
        return try store.records(query, in: scope)
    }

    package func recordMonths() throws(StoreError) -> [CalendarMonth] {
        try faults.check()
        return try store.recordMonths()
    }

    package func dropRecords(before month: CalendarMonth) throws(StoreError) -> Int {
        try faults.check()
        return try store.dropRecords(before: month)
    }
}

// No test of faults reaches these.

extension FaultyStore: AttachmentStore {
    package func storeAttachment(_ bytes: [UInt8]) throws(StoreError) -> AttachmentDigest {
        try store.storeAttachment(bytes)
    }

    package func readAttachment(
        _ digest: AttachmentDigest,
        _ take: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        try store.readAttachment(digest, take)
    }

    package func holdAttachment(_ digest: AttachmentDigest, for scope: Scope) throws(StoreError) {
        try store.holdAttachment(digest, for: scope)
    }

    package func attachmentBytes(of scope: Scope) throws(StoreError) -> Int {
        try store.attachmentBytes(of: scope)
    }

    package func storeAttachment(
        from source: () throws(StoreError) -> [UInt8]?
    ) throws(StoreError) -> AttachmentDigest {
        try store.storeAttachment(from: source)
    }

    package func attachment(_ digest: AttachmentDigest) throws(StoreError) -> [UInt8]? { try store.attachment(digest) }

    package func collectAttachments(grace: Int64) throws(StoreError) -> Int {
        try store.collectAttachments(grace: grace)
    }
}

extension FaultyStore: Outbox {
    package func lastSequence() throws(StoreError) -> Int64 { try store.lastSequence() }

    package func events(after sequence: Int64, limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent] {
        try store.events(after: sequence, limit: limit, in: scope)
    }

    package func latestEvents(limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent] {
        try store.latestEvents(limit: limit, in: scope)
    }

    package func whenEventsCome(_ body: @escaping @Sendable () -> Void) { store.whenEventsCome(body) }

    package func claimEvents(
        for consumer: String,
        by holder: String,
        now: Int64,
        lease: Int64,
        limit: Int
    ) throws(StoreError) -> [RecordedEvent]? {
        try store.claimEvents(for: consumer, by: holder, now: now, lease: lease, limit: limit)
    }

    package func acknowledgeEvents(
        through sequence: Int64,
        for consumer: String,
        by holder: String
    ) throws(StoreError) -> Bool {
        try store.acknowledgeEvents(through: sequence, for: consumer, by: holder)
    }

    package func releaseConsumer(_ consumer: String, by holder: String) throws(StoreError) {
        try store.releaseConsumer(consumer, by: holder)
    }

    package func moveConsumer(_ consumer: String, after sequence: Int64) throws(StoreError) {
        try store.moveConsumer(consumer, after: sequence)
    }

    package func removeConsumer(_ consumer: String) throws(StoreError) { try store.removeConsumer(consumer) }

    package func consumers() throws(StoreError) -> [String: Int64] { try store.consumers() }

    package func purgeEvents(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try store.purgeEvents(before: time, limit: limit)
    }
}

extension FaultyStore: DocumentHistory {
    package func tombstones(
        of type: String,
        in scope: Scope,
        from start: TombstonePosition?,
        limit: Int
    ) throws(StoreError) -> [StoredDocument] {
        try store.tombstones(of: type, in: scope, from: start, limit: limit)
    }

    package func pastRevisions(of id: DocumentID, in scope: Scope) throws(StoreError) -> [PastRevision] {
        try store.pastRevisions(of: id, in: scope)
    }

    package func pastRevision(
        _ revision: Revision,
        of id: DocumentID,
        in scope: Scope
    ) throws(StoreError) -> PastRevision? {
        try store.pastRevision(revision, of: id, in: scope)
    }

    package func purgeTombstones(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try store.purgeTombstones(before: time, limit: limit)
    }

    package func purge(_ documents: [StoredDocument]) throws(StoreError) -> Int { try store.purge(documents) }

    package func purgePastRevisions(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try store.purgePastRevisions(before: time, limit: limit)
    }
}
