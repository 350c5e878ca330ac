//  A copy of the whole store as of one commit, made while it is used, and the way back.

import DocumentStore
import GRDB
import Glibc

extension SQLiteStore {
    /// Copies the store as of one commit into a new directory, which is then a data directory itself.
    ///
    /// Writers go on meanwhile. Attachments are copied before the database and again after it, so that neither one
    /// collected nor one stored in between is missing.
    ///
    /// - Parameters:
    ///   - directory: made; it must not hold a database. Its parent must exist.
    ///   - progress: told how many pages of how many are copied.
    package func backup(
        to directory: String,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) {
        try makeDirectory(directory)
        let path = directory + "/documents.sqlite"
        guard access(path, F_OK) != 0 else { throw .io(operation: "back up to \(directory)", reason: "It is in use.") }
        let copy = try AttachmentFolder(directory + "/attachments")
        try copy.add(try attachments.all(), from: attachments)
        let used = try readers.snapshot { database throws(StoreError) in
            // The first look fixes the commit that the snapshot is of.
            let used = try database.usedAttachments()
            try database.copy(to: path, progress)
            return used
        }
        try copy.add(used, from: attachments)
        try syncDirectory(directory)
    }

    /// Makes a data directory of a backup, after looking at everything in it.
    ///
    /// - Parameters:
    ///   - backup: a directory that `backup` made, or the data directory of a store that is not open.
    ///   - directory: made if it is not there; it must not hold a database.
    /// - Throws: `.corrupt` with the first finding if the backup is damaged; nothing is restored then.
    package static func restore(
        from backup: String,
        to directory: String,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) {
        let lock = try DirectoryLock(directory: directory)
        defer { lock.release() }
        let path = directory + "/documents.sqlite"
        guard access(path, F_OK) != 0 else { throw .io(operation: "restore to \(directory)", reason: "It is in use.") }
        guard access(backup + "/documents.sqlite", R_OK) == 0 else {
            throw .io(operation: "restore from \(backup)", reason: reason(errno))
        }
        // Until the last step, the database has a name under which nothing opens it.
        let temporary = path + ".restored"
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(temporary + suffix) }
        let source = try openReader(path: backup + "/documents.sqlite")
        let attachments = try AttachmentFolder(directory + "/attachments")
        let original = try AttachmentFolder(backup + "/attachments")
        try source.access { database throws(StoreError) in
            var check = StoreCheck(database: database, attachments: original)
            if let finding = try check.findings().first { throw .corrupt(finding) }
            try attachments.add(try database.usedAttachments(), from: original)
            try database.copy(to: temporary, progress)
        }
        guard rename(temporary, path) == 0 else {
            throw .io(operation: "rename to \(path)", reason: reason(errno))
        }
        try syncDirectory(directory)
    }
}

extension Database {
    /// Copies every page into a new file and syncs it.
    fileprivate func copy(to path: String, _ progress: @escaping (Int, Int) -> Void) throws(StoreError) {
        try makeFile(path)
        let copy = try openCopy(path: path)
        do {
            try copy.inDatabase { destination in
                try backup(to: destination, pagesPerStep: 1_000) { state in
                    progress(state.completedPageCount, state.totalPageCount)
                }
            }
            try copy.close()
        } catch {
            throw storeError(error, doing: "copy to \(path)")
        }
    }
}

extension AttachmentFolder {
    /// Copies those of another folder that are not here and still there.
    fileprivate func add(_ digests: [AttachmentDigest], from other: AttachmentFolder) throws(StoreError) {
        for digest in digests where !contains(digest) {
            guard let bytes = try other.bytes(of: digest) else { continue }
            var rest: [UInt8]? = bytes
            let source = { () throws(StoreError) -> [UInt8]? in
                defer { rest = nil }
                return rest
            }
            // What fails here fails the copy, not the store.
            _ = try store(from: source, onSyncFailure: { _ in })
        }
    }
}
