//  Whether the server can do its work, and why not.

import DocumentStore
import SQLiteStore

struct HealthLimits: Equatable {
    /// Bytes of disk space below which the server is not ready.
    var freeBytes = 64 << 20
    /// Seconds after which an event should have been delivered.
    var eventAge: Int64 = 3_600
}

/// What is asked, and what is wrong with it; nil if nothing is.
struct Health {
    private(set) var checks: [(name: String, problem: String?)] = []

    var isReady: Bool { checks.allSatisfy { $0.problem == nil } }

    /// - Parameter now: Unix seconds.
    ///
    /// Cost: a turn of the writer, three reads.
    init(of store: SQLiteStore, limits: HealthLimits, now: Int64) {
        checks = [
            ("store", Self.checkStore(store)), ("disk", Self.checkDisk(store, limits)),
            ("outbox", Self.checkOutbox(store, limits, now)), ("clock", Self.checkClock(store, now)),
        ]
    }

    private static func checkStore(_ store: SQLiteStore) -> String? {
        if store.statistics.isReadOnly {
            return "a sync failed; nothing more is stored until the server is started again"
        }
        do {
            try store.takeTurn()
            return nil
        } catch {
            return "the store does not answer: \(error)"
        }
    }

    private static func checkDisk(_ store: SQLiteStore, _ limits: HealthLimits) -> String? {
        if store.statistics.isShortOfSpace { return "the disk is full; only deletes are stored" }
        let free = store.reader.sizes.free
        return free < limits.freeBytes ? "\(free >> 20) MB are free, less than \(limits.freeBytes >> 20) MB" : nil
    }

    private static func checkOutbox(_ store: SQLiteStore, _ limits: HealthLimits, _ now: Int64) -> String? {
        do {
            guard let backlog = try store.reader.backlog(), now - backlog.since > limits.eventAge else { return nil }
            return "\(backlog.events) events wait, the first for \((now - backlog.since) / 60) minutes"
        } catch {
            return "the outbox cannot be read: \(error)"
        }
    }

    /// The last event cannot be of a time to come.
    private static func checkClock(_ store: SQLiteStore, _ now: Int64) -> String? {
        guard let last = try? store.reader.lastEventTime(), last > now + 60 else { return nil }
        return "the clock is \(last - now) seconds behind the last event"
    }
}
