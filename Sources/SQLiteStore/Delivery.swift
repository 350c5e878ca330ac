//  The outbox: a row a consumer says how far it has come and who holds it.

import DocumentStore
import GRDB

extension SQLiteStore: Outbox {
    package func lastSequence() throws(StoreError) -> Int64 {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
            return try statement.step() ? statement.integer(0) : 0
        }
    }

    package func events(after sequence: Int64, limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent] {
        try readers.read { database throws(StoreError) in
            try database.events(after: sequence, limit: limit, in: scope)
        }
    }

    package func latestEvents(limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent] {
        try readers.read { database throws(StoreError) in try database.latestEvents(limit: limit, in: scope) }
    }

    package func whenEventsCome(_ body: @escaping @Sendable () -> Void) { writer.whenEventsCome(body) }

    package func claimEvents(
        for consumer: String,
        by holder: String,
        now: Int64,
        lease: Int64,
        limit: Int
    ) throws(StoreError) -> [RecordedEvent]? {
        try writer.perform(giving: nil) { session throws(StoreError) in
            try session.claimEvents(for: consumer, by: holder, now: now, lease: lease, limit: limit)
        }
    }

    package func acknowledgeEvents(
        through sequence: Int64,
        for consumer: String,
        by holder: String
    ) throws(StoreError) -> Bool {
        try writer.perform(giving: false) { session throws(StoreError) in
            try session.database.run(
                "UPDATE consumers SET acknowledged = max(acknowledged, ?) WHERE name = ? AND holder = ?",
                .integer(sequence),
                .text(consumer),
                .text(holder)
            )
            return session.database.changesCount > 0
        }
    }

    package func releaseConsumer(_ consumer: String, by holder: String) throws(StoreError) {
        try writer.perform { session throws(StoreError) in
            try session.database.run(
                "UPDATE consumers SET holder = '', leased_until = 0 WHERE name = ? AND holder = ?",
                .text(consumer),
                .text(holder)
            )
        }
    }

    package func moveConsumer(_ consumer: String, after sequence: Int64) throws(StoreError) {
        try writer.perform { session throws(StoreError) in
            try session.database.run(
                "INSERT OR REPLACE INTO consumers VALUES (?, ?, '', 0)",
                .text(consumer),
                .integer(sequence)
            )
        }
    }

    package func removeConsumer(_ consumer: String) throws(StoreError) {
        try writer.perform { session throws(StoreError) in
            try session.database.run("DELETE FROM consumers WHERE name = ?", .text(consumer))
        }
    }

    package func consumers() throws(StoreError) -> [String: Int64] {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare("SELECT name, acknowledged FROM consumers")
            var consumers: [String: Int64] = [:]
            while try statement.step() { consumers[statement.text(0)] = statement.integer(1) }
            return consumers
        }
    }

    package func purgeEvents(before time: Int64, limit: Int) throws(StoreError) -> Int {
        try writer.perform(giving: 0) { session throws(StoreError) in
            try session.database.run(
                """
                DELETE FROM events WHERE sequence IN (
                    SELECT sequence FROM events
                    WHERE sequence <= coalesce((SELECT min(acknowledged) FROM consumers), sequence) AND time < ?
                    ORDER BY sequence LIMIT ?
                )
                """,
                .integer(time),
                SQLValue(max(limit, 0))
            )
            return session.database.changesCount
        }
    }
}

extension WriteSession {
    fileprivate func claimEvents(
        for consumer: String,
        by holder: String,
        now: Int64,
        lease: Int64,
        limit: Int
    ) throws(StoreError) -> [RecordedEvent]? {
        var acknowledged: Int64 = 0
        var isHeldLongEnough = false
        do {
            let statement = try database.prepare(
                "SELECT acknowledged, holder, leased_until FROM consumers WHERE name = ?",
                .text(consumer)
            )
            if try statement.step() {
                guard statement.text(1) == holder || statement.integer(2) <= now else { return nil }
                acknowledged = statement.integer(0)
                isHeldLongEnough = statement.text(1) == holder && statement.integer(2) - now > lease / 2
            }
        }
        // Asking costs a sync only when the lease must be renewed.
        if !isHeldLongEnough {
            try database.run(
                "INSERT OR REPLACE INTO consumers VALUES (?, ?, ?, ?)",
                .text(consumer),
                .integer(acknowledged),
                .text(holder),
                .integer(now + lease)
            )
        }
        return try database.events(after: acknowledged, limit: limit)
    }
}
