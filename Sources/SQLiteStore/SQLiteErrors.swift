//  From SQLite's result codes to the errors of a store.

import DocumentStore
import GRDB
import GRDBSQLite
import Glibc

/// The error that a result code means to a caller.
///
/// - Parameter connection: where it occurred; its message and its system error are those of the last call.
func storeError(_ code: Int32, in connection: OpaquePointer?, doing operation: String) -> StoreError {
    let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    switch code & 0xFF {
    case SQLITE_FULL: return .full
    // The statements are fixed: one that makes no sense met tables that are damaged.
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR: return .corrupt(message)
    case SQLITE_IOERR:
        let system = connection.map { sqlite3_system_errno($0) } ?? 0
        // A write that finds no space keeps its promise: nothing of it counts. A sync that fails does not.
        let isSync = code == fileSyncFailed || code == directorySyncFailed
        if !isSync, system == ENOSPC || system == EDQUOT { return .full }
        return .io(operation: operation, reason: system == 0 ? message : "\(message): \(reason(system))")
    default: return .io(operation: operation, reason: message)
    }
}

/// The error that an error of GRDB means to a caller.
func storeError(_ error: any Error, doing operation: String) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as DatabaseError:
        switch error.resultCode {
        case .SQLITE_FULL: .full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR: .corrupt(error.message ?? "\(error.extendedResultCode)")
        default: .io(operation: operation, reason: error.message ?? "\(error.extendedResultCode)")
        }
    default: .io(operation: operation, reason: "\(error)")
    }
}

/// SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC; macros that compute do not reach Swift.
private let fileSyncFailed = SQLITE_IOERR | (4 << 8)
private let directorySyncFailed = SQLITE_IOERR | (5 << 8)
