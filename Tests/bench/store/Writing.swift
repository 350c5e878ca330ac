//  Durable writes: one writer, many writers, and a plain SQLite program that writes the same rows.

import DocumentStore
import Foundation
import GRDBSQLite
import SQLiteStore
import Synchronization

private let rounds = 5
private let roundSeconds = 2.0

/// Measures in turns, so that a busy machine troubles all alike, and prints medians.
func measureWriting(_ directory: String) {
    // As large as the plain program's: what many writers write is in a store of their own.
    let single = openStore(directory + "/single")
    let shared = openStore(directory + "/shared")
    let plain = PlainProgram(directory: directory + "/plain")
    var rates: [String: [Double]] = [:]
    var perSync: [Double] = []
    var next = 0
    for _ in 0..<rounds {
        rates["plain SQLite program, one writer", default: []].append(
            Double(writes { count in try plain.write(count + next) }) / roundSeconds
        )
        next += 1_000_000
        for threads in [1, 8, 64] {
            let store = threads == 1 ? single : shared
            let before = store.statistics
            let base = next
            rates["store, \(threads) writer\(threads == 1 ? "" : "s")", default: []].append(
                writesPerSecond(threads: threads) { thread, count in
                    let write = sampleWrite(base + thread * 100_000 + count, in: accountScope(thread))
                    try store.commit(ChangeSet(writes: [write], events: [sampleEvent(write.document)]))
                }
            )
            next += 10_000_000
            let after = store.statistics
            if threads == 64 {
                perSync.append(Double(after.commits - before.commits) / Double(after.syncs - before.syncs))
            }
        }
    }
    let medians = rates.mapValues { $0.sorted()[$0.count / 2] }
    for (name, rate) in medians.sorted(by: { $0.value < $1.value }) { report(name, rate, "commits/s") }
    report("commits a sync with 64 writers", perSync.sorted()[perSync.count / 2], "")
    if let one = medians["store, 1 writer"], let many = medians["store, 64 writers"],
        let plain = medians["plain SQLite program, one writer"]
    {
        report("64 writers to one", many / one, "x")
        report("one writer to the plain program", one / plain, "x")
    }
    for store in [single, shared] { store.close() }
}

/// Runs `body` on threads, with the number of the thread and of its write, until the time is over.
private func writesPerSecond(threads: Int, _ body: @escaping @Sendable (Int, Int) throws -> Void) -> Double {
    let total = Mutex(0)
    let duration = seconds {
        concurrently(threads) { thread in
            let count = writes { count in try body(thread, count) }
            total.withLock { $0 += count }
        }
    }
    return Double(total.withLock { $0 }) / duration
}

/// How many times `body` runs until the time is over.
private func writes(_ body: (Int) throws -> Void) -> Int {
    let end = ContinuousClock.now + .seconds(roundSeconds)
    var count = 0
    while ContinuousClock.now < end {
        do { try body(count) } catch { fail("\(error)") }
        count += 1
    }
    return count
}

/// What a C programmer would write: prepared statements, one transaction a document, in the tables of the store.
private struct PlainProgram {
    private var connection: OpaquePointer?
    private var statements: [OpaquePointer] = []

    /// - Parameter directory: gets the tables of a store.
    init(directory: String) {
        openStore(directory).close()
        let path = directory + "/documents.sqlite"
        guard sqlite3_open(path, &connection) == SQLITE_OK,
            sqlite3_exec(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", nil, nil, nil) == SQLITE_OK
        else { fail("cannot open \(path)") }
        for sql in [
            "BEGIN IMMEDIATE",
            "SELECT number, revision FROM documents WHERE scope = ?1 AND id = ?2",
            """
            INSERT INTO documents (scope, id, type, revision, created, modified, deleted, body, private, checksum)
            VALUES (?1, ?2, 'user', ?3, 1, 1, 0, ?4, ?5, 1)
            """,
            "INSERT INTO list_rows VALUES (?1, 'users', ?6, ?2, ?1, ?7, 1)",
            "INSERT INTO document_references VALUES (?1, ?9, 'presence_id', ?2, 'user')",
            "SELECT owner, id FROM unique_keys WHERE scope = ?1 AND name = 'users.email' AND value = ?8",
            "INSERT INTO unique_keys VALUES (?1, 'users.email', ?8, ?1, ?2)",
            """
            INSERT INTO list_counts VALUES (?1, 'users', 1) ON CONFLICT (scope, view) DO UPDATE SET count = count + 1
            """,
            """
            INSERT INTO events (name, scope, document, type, revision, changed, related, actor, request, time, reloads, id)
            VALUES ('user_edited', ?1, ?2, 'user', ?3, '["name","note"]', '[]', 'system', '0123456789abcdef', 1, '[]', ?2)
            """,
            "COMMIT",
        ] {
            var statement: OpaquePointer?
            guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
                fail(String(cString: sqlite3_errmsg(connection)))
            }
            statements.append(statement)
        }
    }

    func write(_ index: Int) throws {
        let write = sampleWrite(index, in: accountScope(0))
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let texts: [Int32: String] = [
            1: write.document.scope.text, 2: write.document.id.text, 3: write.document.revision.description,
            8: write.projection.uniqueKeys[0].value, 9: write.projection.references[0].target.text,
        ]
        let blobs: [Int32: [UInt8]] = [
            4: write.document.body, 5: write.document.privateBody, 6: write.projection.rows[0].key.bytes,
            7: write.projection.rows[0].summary,
        ]
        for statement in statements {
            let last = sqlite3_bind_parameter_count(statement)
            for (place, text) in texts where place <= last {
                sqlite3_bind_text(statement, place, text, Int32(text.utf8.count), transient)
            }
            for (place, blob) in blobs where place <= last {
                sqlite3_bind_blob(statement, place, blob, Int32(blob.count), transient)
            }
            let code = sqlite3_step(statement)
            guard code == SQLITE_DONE || code == SQLITE_ROW else { fail(String(cString: sqlite3_errmsg(connection))) }
            sqlite3_reset(statement)
        }
    }
}
