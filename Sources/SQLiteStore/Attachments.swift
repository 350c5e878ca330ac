//  Attachments as files: `attachments/ab/cdef…`, written beside, synced, renamed, their folder synced.
//
//  What may be on disk if a call never returns
//    write, fsync of the file  a file in `attachments/new`, which `collectAttachments` removes.
//    rename, fsync of folder   that file or the attachment; no document names it yet.
//    unlink                    the attachment or nothing; no document names it any more.

import Bytes
import Crypto
import DocumentStore
import Foundation
import GRDB
import Glibc
import Synchronization

extension SQLiteStore: AttachmentStore {
    package func storeAttachment(_ bytes: [UInt8]) throws(StoreError) -> AttachmentDigest {
        try storeAttachment { (write) throws(StoreError) in try write(bytes) }
    }

    package func storeAttachment(
        from source: () throws(StoreError) -> [UInt8]?
    ) throws(StoreError) -> AttachmentDigest {
        try storeAttachment { (write) throws(StoreError) in
            while let piece = try source() { try write(piece) }
        }
    }

    private func storeAttachment(_ fill: AttachmentFolder.Filling) throws(StoreError) -> AttachmentDigest {
        guard !writer.isShortOfSpace else { throw .full }
        return try attachments.store(fill) { [writer] error in writer.turnReadOnly(error) }
    }

    package func attachment(_ digest: AttachmentDigest) throws(StoreError) -> [UInt8]? {
        var bytes: [UInt8] = []
        guard try attachments.read(digest, { (piece) throws(StoreError) in bytes += piece }) != nil else { return nil }
        return bytes
    }

    package func readAttachment(
        _ digest: AttachmentDigest,
        _ take: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        guard let file = try attachments.open(digest) else {
            throw StoreError.lost(digest)
        }
        while let piece = try file.nextPiece() { try take(piece[...]) }
    }

    package func holdAttachment(_ digest: AttachmentDigest, for scope: Scope) throws(StoreError) {
        try writer.perform(needsSpace: true) { session throws(StoreError) in
            guard try session.hold(digest, for: scope) else {
                throw .missing(DocumentAddress(DocumentID(digest.text), in: scope))
            }
        }
    }

    package func attachmentBytes(of scope: Scope) throws(StoreError) -> Int {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                """
                SELECT coalesce(sum(bytes), 0) FROM (
                    SELECT max(bytes) AS bytes FROM (
                        SELECT digest, bytes FROM attachment_uses WHERE owner = ?1
                        UNION ALL SELECT digest, bytes FROM held_attachments WHERE owner = ?1
                    ) GROUP BY digest
                )
                """,
                .text(scope.text)
            )
            return try statement.step() ? Int(statement.integer(0)) : 0
        }
    }

    package func collectAttachments(grace: Int64) throws(StoreError) -> Int {
        let limit = Int64(time(nil)) - grace
        var removed = try attachments.removeUnfinished(before: limit)
        let used = try readers.read { database throws(StoreError) in Set(try database.usedAttachments()) }
        for digest in try attachments.stored(before: limit) where !used.contains(digest) {
            // A turn of its own, so that no commit names it between the look and the removal.
            removed += try writer.perform(giving: 0) { [attachments] session throws(StoreError) in
                let statement = try session.database.prepare(
                    "SELECT 1 FROM attachment_uses WHERE digest = ? LIMIT 1",
                    .text(digest.text)
                )
                guard try !statement.step(), try attachments.isStored(digest, before: limit) else { return 0 }
                try attachments.remove(digest)
                return 1
            }
        }
        // What they held is gone now, or a document names it.
        try writer.perform { session throws(StoreError) in
            try session.database.run("DELETE FROM held_attachments WHERE stored < ?", .integer(limit))
        }
        return removed
    }
}

/// The folder of attachments.
final class AttachmentFolder: AttachmentSource {
    private let path: String
    /// Folders whose entries in this one are known to be on disk. Held for the set only, never across I/O.
    private let durableFolders = Mutex<Set<String>>([])
    private var unfinished: String { path + "/new" }

    init(_ path: String) throws(StoreError) {
        self.path = path
        // nginx reads attachments as a member of the group.
        try makeDirectory(path, mode: 0o750)
        try makeDirectory(path + "/new")
    }

    /// One that is only read; it need not be there.
    init(existing path: String) { self.path = path }

    func path(of digest: AttachmentDigest) -> String { "\(path)/\(digest.path)" }

    /// How many bytes an attachment has, and when it was stored last, in Unix seconds; nil if it is not there.
    func status(of digest: AttachmentDigest) throws(StoreError) -> (bytes: Int64, stored: Int64)? {
        var status = stat()
        guard stat(path(of: digest), &status) == 0 else {
            if errno == ENOENT { return nil }
            throw fileError(errno, "look at \(path(of: digest))")
        }
        return (Int64(status.st_size), Int64(status.st_mtim.tv_sec))
    }

    /// The file of an attachment; nil if there is none.
    func open(_ digest: AttachmentDigest) throws(StoreError) -> File? { try File(reading: path(of: digest)) }

    func read(
        _ digest: AttachmentDigest,
        _ take: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) -> Int? {
        guard let file = try open(digest) else { return nil }
        return try digest.verifying(file.nextPiece, take)
    }

    /// Writes the bytes of an attachment, piece by piece, with the function that it is given.
    typealias Filling = (_ write: ([UInt8]) throws(StoreError) -> Void) throws(StoreError) -> Void

    /// Stores what `fill` writes.
    ///
    /// - Parameter onSyncFailure: told when the folder could not be synced, so that what is in it is unknown. A file
    ///   that could not be synced is of no consequence: it goes before it has a name.
    func store(
        _ fill: Filling,
        onSyncFailure: (StoreError) -> Void = { _ in }
    ) throws(StoreError) -> AttachmentDigest {
        let temporary = "\(unfinished)/\(UUID().uuidString)"
        let file = try File(creating: temporary, mode: 0o640)
        var isInPlace = false
        defer { if !isInPlace { unlink(temporary) } }
        var hash = SHA256()
        try fill { (bytes) throws(StoreError) in
            hash.update(data: bytes)
            try file.write(bytes)
        }
        guard let digest = AttachmentDigest(hexadecimal(hash.finalize())) else {
            throw .io(operation: "name an attachment", reason: "The digest is none.")
        }
        let final = path(of: digest)
        let folder = "\(path)/\(digest.text.prefix(2))"
        // Its grace begins anew. Who stored it first may not have synced the folder yet.
        if utimes(final, nil) == 0 {
            try syncDirectory(folder, onFailure: onSyncFailure)
            return digest
        }
        try file.sync()
        try makeDurable(folder, onSyncFailure)
        guard rename(temporary, final) == 0 else {
            throw .io(operation: "rename to \(final)", reason: reason(errno))
        }
        isInPlace = true
        try syncDirectory(folder, onFailure: onSyncFailure)
        return digest
    }

    /// Makes a folder, unless this process knows it. That it exists does not say that it is on disk.
    private func makeDurable(_ folder: String, _ onSyncFailure: (StoreError) -> Void) throws(StoreError) {
        guard !durableFolders.withLock({ $0.contains(folder) }) else { return }
        guard mkdir(folder, 0o750) == 0 || errno == EEXIST else { throw fileError(errno, "make directory \(folder)") }
        guard chmod(folder, 0o750) == 0 else { throw fileError(errno, "set the mode of \(folder)") }
        try syncDirectory(path, onFailure: onSyncFailure)
        durableFolders.withLock { _ = $0.insert(folder) }
    }

    /// All attachments whose files are older than `time`.
    func stored(before time: Int64) throws(StoreError) -> [AttachmentDigest] {
        var digests: [AttachmentDigest] = []
        for digest in try all() where try isStored(digest, before: time) { digests.append(digest) }
        return digests
    }

    /// All attachments.
    func all() throws(StoreError) -> [AttachmentDigest] {
        var digests: [AttachmentDigest] = []
        for folder in try names(in: path) where folder.utf8.count == 2 {
            digests += try names(in: "\(path)/\(folder)").compactMap { AttachmentDigest(folder + $0) }
        }
        return digests
    }

    func isStored(_ digest: AttachmentDigest, before time: Int64) throws(StoreError) -> Bool {
        try modified(path(of: digest)).map { $0 < time } ?? false
    }

    func remove(_ digest: AttachmentDigest) throws(StoreError) {
        guard unlink(path(of: digest)) == 0 || errno == ENOENT else {
            throw .io(operation: "remove \(path(of: digest))", reason: reason(errno))
        }
    }

    /// Removes what uploads left that never ended.
    func removeUnfinished(before time: Int64) throws(StoreError) -> Int {
        var removed = 0
        for name in try names(in: unfinished) {
            let path = "\(unfinished)/\(name)"
            guard let modified = try modified(path), modified < time, unlink(path) == 0 else { continue }
            removed += 1
        }
        return removed
    }
}
