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
