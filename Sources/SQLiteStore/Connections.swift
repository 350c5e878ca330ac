//  Connections to the database: one to write, several to read.

import DocumentStore
import GRDB
import Synchronization

/// Opens the connection that writes, in write-ahead mode with a sync for each commit.
func openWriter(path: String) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        // keeps I2: the log is synced before COMMIT returns, and before a reader can see the commit.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        // keeps I11: SQLite would ignore that its own checkpoint failed to sync, and try again.
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try database.execute(sql: "PRAGMA cache_size = -8192")
        // What a savepoint needs to go back is small, and of no use after a crash.
        try database.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return try openConnection(path: path, configuration)
}

/// Opens a connection that only reads.
func openReader(path: String) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in try database.execute(sql: "PRAGMA cache_size = -512") }
    return try openConnection(path: path, configuration)
}

/// Opens the database that a backup is copied into.
func openCopy(path: String) throws(StoreError) -> DatabaseQueue {
    try openConnection(path: path, Configuration())
}

private func openConnection(path: String, _ configuration: Configuration) throws(StoreError) -> DatabaseQueue {
    do {
        return try DatabaseQueue(path: path, configuration: configuration)
    } catch {
        throw storeError(error, doing: "open \(path)")
    }
}

/// Connections that only read; each is used by one thread at a time.
///
/// keeps I4: there is always one to be had, and a reader in write-ahead mode waits for nobody.
final class ReaderPool: Sendable {
    let path: String
    /// How many are kept open while nobody uses them.
    private let limit: Int
    /// Held for the list only, never across I/O.
    private let idle = Mutex<[DatabaseQueue]>([])

    init(path: String, keeping limit: Int) {
        self.path = path
        self.limit = limit
    }

    /// Runs one statement, or several if no two of them must see the same commit.
    func read<Value>(_ body: (Database) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let kept = idle.withLock { $0.popLast() }
        let connection = if let kept { kept } else { try openReader(path: path) }
        defer {
            idle.withLock { idle in
                if idle.count < limit { idle.append(connection) }
            }
        }
        return try connection.access(body)
    }

    /// Runs statements that all see the same commit.
    func snapshot<Value>(_ body: (Database) throws(StoreError) -> Value) throws(StoreError) -> Value {
        try read { database throws(StoreError) in
            try database.run("BEGIN")
            let result = Result { () throws(StoreError) in try body(database) }
            // Ends the snapshot; there is nothing that could be lost.
            try database.run("ROLLBACK")
            return try result.get()
        }
    }

    func close() { idle.withLock { $0.removeAll() } }
}
