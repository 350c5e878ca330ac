//  What is stored in a directory or a backup, for who only looks at it, whoever writes to it meanwhile.

import Bytes
import Crypto
import DocumentStore
import Glibc

/// Connections that only read, and the attachments beside the database. It needs no lock: in write-ahead mode a reader
/// sees one commit and waits for nobody.
package struct StoreReader: Sendable {
    let readers: ReaderPool
    let attachments: any AttachmentSource
    /// Stays open for as long as there is a reader of it.
    private let store: SQLiteStore?

    init(readers: ReaderPool, attachments: any AttachmentSource, of store: SQLiteStore? = nil) {
        self.readers = readers
        self.attachments = attachments
        self.store = store
    }

    /// Opens a data directory, whether or not a server runs on it.
    ///
    /// - Throws: `.io` if there is no database in it.
    package init(directory: String) throws(StoreError) {
        let path = directory + "/documents.sqlite"
        try requireFile(path)
        self.init(
            readers: ReaderPool(path: path, keeping: 1),
            attachments: AttachmentFolder(existing: directory + "/attachments")
        )
    }

    /// Opens a backup.
    ///
    /// - Throws: `.io` if there is no such file.
    package init(backup path: String) throws(StoreError) {
        try requireFile(path)
        let readers = ReaderPool(path: path, keeping: 1)
        self.init(readers: readers, attachments: AttachmentTable(readers: readers))
    }
}

private func requireFile(_ path: String) throws(StoreError) {
    guard access(path, R_OK) == 0 else { throw .io(operation: "open \(path)", reason: reason(errno)) }
}

/// Where the bytes of attachments are found.
protocol AttachmentSource: Sendable {
    /// Hands on the bytes of an attachment, piece by piece, so that memory does not grow with it.
    ///
    /// - Returns: how many bytes it has; nil if there is none.
    /// - Throws: `.corrupt` after the last piece if they are not those that were stored; what `take` throws.
    func read(
        _ digest: AttachmentDigest,
        _ take: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) -> Int?
}

extension StoreError {
    /// A document names an attachment that is not there.
    static func lost(_ digest: AttachmentDigest) -> StoreError { .corrupt(digest.loss) }
}

extension AttachmentDigest {
    /// That a document names it and it is not there, as a sentence.
    var loss: String { "Attachment \(self) is named but not there." }

    /// Hands on what `next` gives until it gives nil, and returns how many bytes that was.
    ///
    /// - Throws: `.corrupt` after the last piece unless the bytes are those of this digest.
    func verifying(
        _ next: () throws(StoreError) -> [UInt8]?,
        _ take: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) -> Int {
        var hash = SHA256()
        var count = 0
        while let piece = try next() {
            hash.update(data: piece)
            count += piece.count
            try take(piece)
        }
        guard hexadecimal(hash.finalize()) == text else {
            throw .corrupt("The \(count) bytes of attachment \(self) are not those that were stored.")
        }
        return count
    }
}
