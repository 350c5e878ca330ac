//  Attachments as files: `attachments/ab/cdef…`, written beside, synced, renamed, their folder synced.
//
//  What may be on disk if a call never returns
//    write, fsync of the file  a file in `attachments/new`, which `collectAttachments` removes.
//    rename, fsync of folder   that file or the attachment; no document names it yet.
//    unlink                    the attachment or nothing; no document names it any more.

import Crypto
import DocumentStore
import Foundation
import GRDB
import Glibc
import Synchronization

extension SQLiteStore: AttachmentStore {
    package func storeAttachment(_ bytes: [UInt8]) throws(StoreError) -> AttachmentDigest {
        var rest: [UInt8]? = bytes
        return try storeAttachment { () throws(StoreError) in
            defer { rest = nil }
            return rest
        }
    }

    package func storeAttachment(
        from source: () throws(StoreError) -> [UInt8]?
    ) throws(StoreError) -> AttachmentDigest {
        guard !writer.isShortOfSpace else { throw .full }
        return try attachments.store(from: source) { [writer] error in writer.turnReadOnly(error) }
    }

    package func attachment(_ digest: AttachmentDigest) throws(StoreError) -> [UInt8]? {
        try attachments.bytes(of: digest)
    }

    package func readAttachment(
        _ digest: AttachmentDigest,
        _ take: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        try attachments.read(digest, take)
    }

    package func attachmentBytes(of scope: Scope) throws(StoreError) -> Int {
        try readers.read { database throws(StoreError) in
            let statement = try database.prepare(
                """
                SELECT coalesce(sum(bytes), 0)
                FROM (SELECT max(bytes) AS bytes FROM attachment_uses WHERE owner = ? GROUP BY digest)
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

    /// In bytes; nil if there is no such attachment.
    func size(of digest: AttachmentDigest) throws(StoreError) -> Int64? {
        var status = stat()
        guard stat(path(of: digest), &status) == 0 else {
            if errno == ENOENT { return nil }
            throw fileError(errno, "look at \(path(of: digest))")
        }
        return Int64(status.st_size)
    }

    func read(_ digest: AttachmentDigest, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        guard let file = try File(reading: path(of: digest)) else {
            throw StoreError.corrupt("Attachment \(digest) is named but not there.")
        }
        while case let piece = try file.read(upTo: 1 << 16), !piece.isEmpty { try take(piece[...]) }
    }

    /// Stores bytes whose failing to be stored is the caller's failure, not the store's.
    func store(_ bytes: [UInt8]) throws(StoreError) {
        var rest: [UInt8]? = bytes
        let source = { () throws(StoreError) -> [UInt8]? in
            defer { rest = nil }
            return rest
        }
        _ = try store(from: source, onSyncFailure: { _ in })
    }

    /// Stores what `source` gives.
    ///
    /// - Parameter onSyncFailure: told when the folder could not be synced, so that what is in it is unknown. A file
    ///   that could not be synced is of no consequence: it goes before it has a name.
    func store(
        from source: () throws(StoreError) -> [UInt8]?,
        onSyncFailure: (StoreError) -> Void
    ) throws(StoreError) -> AttachmentDigest {
        let temporary = "\(unfinished)/\(UUID().uuidString)"
        let file = try File(creating: temporary, mode: 0o640)
        var isInPlace = false
        defer { if !isInPlace { unlink(temporary) } }
        var hash = SHA256()
        while let bytes = try source() {
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

    func bytes(of digest: AttachmentDigest) throws(StoreError) -> [UInt8]? {
        guard let file = try File(reading: path(of: digest)) else { return nil }
        return try digest.verified(try file.readAll())
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

extension AttachmentDigest {
    /// - Throws: `.corrupt` unless the bytes are those of this digest.
    func verified(_ bytes: [UInt8]) throws(StoreError) -> [UInt8] {
        guard hexadecimal(SHA256.hash(data: bytes)) == text else {
            throw .corrupt("The \(bytes.count) bytes of attachment \(self) are not those that were stored.")
        }
        return bytes
    }
}
