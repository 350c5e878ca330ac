//  A copy of the whole store as of one commit in one file, made while it is used, and the way back.
//
//  The file is a database: the tables of the store, page by page, and one table more with the attachments that its
//  documents name, in as many rows as an attachment has pieces. It has its name only when it is whole and on disk.

import DocumentStore
import GRDB
import Glibc

extension StoreReader {
    /// Copies the store as of one commit into a file. Writers go on meanwhile.
    ///
    /// - Parameters:
    ///   - path: the file; it must not exist, its folder must. Only its owner may read it.
    ///   - progress: told how many pages of how many are copied.
    /// - Throws: `.corrupt` if an attachment is damaged or lost; there is no file then.
    package func backup(
        to path: String,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) {
        guard access(path, F_OK) != 0 else { throw .io(operation: "back up to \(path)", reason: "The file exists.") }
        let temporary = path + ".new"
        defer { removeDatabase(temporary) }
        var attempt = 1
        while true {
            removeDatabase(temporary)
            guard let lost = try copy(to: temporary, progress) else { break }
            // One that the store let go of meanwhile has no document in the next commit.
            guard attempt < 3 else { throw .lost(lost) }
            attempt += 1
        }
        guard rename(temporary, path) == 0 else { throw fileError(errno, "rename to \(path)") }
        try syncDirectory(parent(of: path))
    }

    /// Returns an attachment that is not there, or nil if all are copied.
    private func copy(
        to path: String,
        _ progress: @escaping (Int, Int) -> Void
    ) throws(StoreError) -> AttachmentDigest? {
        try readers.snapshot { [attachments] database throws(StoreError) in
            // The first look fixes the commit that the snapshot is of.
            let used = try database.usedAttachments()
            let copy = try database.copy(to: path, progress)
            let lost = try copy.access { copy throws(StoreError) in
                try copy.transaction { () throws(StoreError) in try copy.add(used, from: attachments) }
            }
            try closeConnection(copy)
            return lost
        }
    }
}

extension SQLiteStore {
    /// Makes the database of a data directory out of a backup, after looking at everything in it.
    ///
    /// - Parameters:
    ///   - path: a file that `backup` made.
    ///   - directory: made if it is not there.
    ///   - isReplacing: whether a database that is there may be replaced; it is then kept beside the new one, as
    ///     `documents.sqlite.replaced`.
    /// - Throws: `.locked` if a server runs on the directory; `.corrupt` with the first finding if the backup is
    ///   damaged. Nothing is restored then.
    package static func restore(
        from path: String,
        to directory: String,
        isReplacing: Bool = false,
        progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) {
        let backup = try StoreReader(backup: path)
        let lock = try DirectoryLock(directory: directory)
        defer { lock.release() }
        let database = directory + "/documents.sqlite"
        guard isReplacing || access(database, F_OK) != 0 else {
            throw .io(operation: "restore to \(directory)", reason: "It is in use.")
        }
        if let finding = try backup.check().first { throw .corrupt("\(path): \(finding)") }
        let folder = try AttachmentFolder(directory + "/attachments")
        // Until the last step, the database has a name under which nothing opens it.
        let temporary = database + ".restored"
        removeDatabase(temporary)
        try backup.readers.snapshot { source throws(StoreError) in
            for digest in try source.usedAttachments() {
                _ = try folder.store { (write) throws(StoreError) in
                    guard try backup.attachments.read(digest, write) != nil else { throw .lost(digest) }
                }
            }
            let copy = try source.copy(to: temporary, progress)
            try copy.access { copy throws(StoreError) in
                try copy.run("DROP TABLE backup_attachments")
                // Gives back the pages of the attachments, which are files now.
                try copy.run("VACUUM")
            }
            try closeConnection(copy)
        }
        if access(database, F_OK) == 0 { try setAside(database) }
        guard rename(temporary, database) == 0 else { throw fileError(errno, "rename to \(database)") }
        try syncDirectory(directory)
    }

    /// Renames a database with its log, which must not meet another database.
    private static func setAside(_ path: String) throws(StoreError) {
        removeDatabase(path + ".replaced")
        for suffix in ["", "-wal"] {
            guard rename(path + suffix, "\(path).replaced\(suffix)") == 0 || errno == ENOENT else {
                throw fileError(errno, "rename \(path)\(suffix)")
            }
        }
        unlink(path + "-shm")
        try syncDirectory(parent(of: path))
    }
}

/// The attachments in a backup.
struct AttachmentTable: AttachmentSource {
    let readers: ReaderPool

    func read(
        _ digest: AttachmentDigest,
        _ take: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) -> Int? {
        try readers.read { database throws(StoreError) in
            let first = try database.prepare(
                "SELECT 1 FROM backup_attachments WHERE digest = ? LIMIT 1",
                .text(digest.text)
            )
            guard try first.step() else { return nil }
            // The order in which they were written.
            let pieces = try database.prepare(
                "SELECT bytes FROM backup_attachments WHERE digest = ? ORDER BY rowid",
                .text(digest.text)
            )
            let next = { () throws(StoreError) in try pieces.step() ? pieces.bytes(0) : nil }
            return try digest.verifying(next, take)
        }
    }
}

extension Database {
    /// Copies every page into a new file and syncs it.
    fileprivate func copy(to path: String, _ progress: @escaping (Int, Int) -> Void) throws(StoreError) -> DatabaseQueue
    {
        try makeFile(path)
        let copy = try openCopy(path: path)
        do {
            try copy.inDatabase { destination in
                try backup(to: destination, pagesPerStep: 1_000) { state in
                    progress(state.completedPageCount, state.totalPageCount)
                }
            }
            // A file of its own has no log beside it.
            try copy.inDatabase { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        } catch {
            throw storeError(error, doing: "copy to \(path)")
        }
        return copy
    }

    /// Adds attachments to a copy; returns the first that is not there.
    fileprivate func add(
        _ digests: [AttachmentDigest],
        from source: any AttachmentSource
    ) throws(StoreError) -> AttachmentDigest? {
        try run("CREATE TABLE backup_attachments (digest TEXT NOT NULL, bytes BLOB NOT NULL) STRICT")
        try run("CREATE INDEX backup_attachments_by_digest ON backup_attachments (digest)")
        let insertion = "INSERT INTO backup_attachments VALUES (?, ?)"
        for digest in digests {
            let bytes = try source.read(digest) { (piece) throws(StoreError) in
                try run(insertion, .text(digest.text), .blob(piece))
            }
            guard let bytes else { return digest }
            // A file without bytes has a row, too.
            if bytes == 0 { try run(insertion, .text(digest.text), .blob([])) }
        }
        return nil
    }

    fileprivate func transaction<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try run("BEGIN IMMEDIATE")
        let value = try body()
        try run("COMMIT")
        return value
    }
}

private func closeConnection(_ connection: DatabaseQueue) throws(StoreError) {
    do {
        try connection.close()
    } catch {
        throw storeError(error, doing: "close \(connection.path)")
    }
}

private func removeDatabase(_ path: String) {
    for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
}
