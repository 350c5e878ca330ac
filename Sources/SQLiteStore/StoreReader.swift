//  What is stored in a directory or a backup, for who only looks at it, whoever writes to it meanwhile.

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
    /// Returns the bytes of an attachment, or nil if there is none.
    ///
    /// - Throws: `.corrupt` if they are not those that were stored.
    func bytes(of digest: AttachmentDigest) throws(StoreError) -> [UInt8]?
}
