//  A statement of the database with bytes in and bytes out.

import DocumentStore
import GRDB
import GRDBSQLite

/// What a statement is given and gives back.
enum SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(_ value: Int) { self = .integer(Int64(value)) }
}

/// A prepared statement that is being run; letting go of it makes it ready for the next run.
///
/// GRDB compiles, keeps and finalises statements; rows are read here without its values in between, which takes
/// half of the time of a point read.
struct PreparedStatement: ~Copyable {
    /// Keeps what the pointer points to.
    private let statement: Statement
    private let pointer: OpaquePointer

    fileprivate init(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) {
        self.statement = statement
        pointer = statement.sqliteStatement
        for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    }

    deinit {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    private func bind(_ value: SQLValue, at index: Int32) throws(StoreError) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)  // SQLITE_TRANSIENT: copy it
        let utf8Encoding = UInt8(SQLITE_UTF8)
        let code =
            switch value {
            case .null: sqlite3_bind_null(pointer, index)
            case .integer(let number): sqlite3_bind_int64(pointer, index, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        let count = UInt64(characters.count)
                        // A text without an address would be null.
                        return characters.baseAddress.map {
                            sqlite3_bind_text64(pointer, index, $0, count, transient, utf8Encoding)
                        } ?? sqlite3_bind_text64(pointer, index, "", 0, transient, utf8Encoding)
                    }
                }
            // A blob without an address would be null.
            case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(pointer, index, 0)
            case .blob(let bytes): sqlite3_bind_blob64(pointer, index, bytes, UInt64(bytes.count), transient)
            }
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Goes to the next row; false after the last.
    func step() throws(StoreError) -> Bool {
        let code = sqlite3_step(pointer)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(code)
        }
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func text(_ column: Int32) -> String {
        guard let characters = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(pointer, column))
        guard count > 0, let blob = sqlite3_column_blob(pointer, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: blob, count: count))
    }

    /// Adds the bytes of a column to a checksum where they are, without a copy.
    func add(_ column: Int32, to sum: inout Checksum) {
        let blob = sqlite3_column_blob(pointer, column)
        sum.add(
            UnsafeRawBufferPointer(start: blob, count: blob == nil ? 0 : Int(sqlite3_column_bytes(pointer, column)))
        )
    }

    var columnCount: Int32 { sqlite3_column_count(pointer) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    private func failure(_ code: Int32) -> StoreError {
        storeError(code, in: sqlite3_db_handle(pointer), doing: String(cString: sqlite3_sql(pointer)))
    }
}

extension Database {
    /// Prepares a statement, or takes the one that an earlier call prepared, and gives it its values.
    func prepare(_ sql: String, _ values: SQLValue...) throws(StoreError) -> PreparedStatement {
        try prepare(sql, values)
    }

    func prepare(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> PreparedStatement {
        let statement: Statement
        do {
            statement = try cachedStatement(sql: sql)
        } catch {
            throw storeError(error, doing: sql)
        }
        return try PreparedStatement(statement, values)
    }

    /// Runs a statement to its end.
    func run(_ sql: String, _ values: SQLValue...) throws(StoreError) {
        let statement = try prepare(sql, values)
        while try statement.step() {}
    }

    /// Writes the log back into the database, as far as `mode` and the readers let it.
    func checkpoint(_ mode: Int32) throws(StoreError) {
        let code = sqlite3_wal_checkpoint_v2(sqliteConnection, nil, mode, nil, nil)
        guard code == SQLITE_OK else { throw storeError(code, in: sqliteConnection, doing: "checkpoint") }
    }

    /// Whether a transaction is open.
    var hasTransaction: Bool { sqlite3_get_autocommit(sqliteConnection) == 0 }
}

extension DatabaseQueue {
    /// Runs `body` on this connection, which nothing else uses meanwhile.
    func access<Value>(_ body: (Database) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let result = unsafeRead { database in
            Result { () throws(StoreError) in try body(database) }
        }
        return try result.get()
    }
}
