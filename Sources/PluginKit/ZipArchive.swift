//  Several files as one that is made while it is sent. Source: PKWARE, "APPNOTE.TXT" 6.3.

import DocumentStore
import Gateway
import JSON

/// A file among others in an archive.
package struct ArchiveEntry: Sendable {
    package let name: String
    package let file: Attachment
    /// Unix seconds.
    package let modified: Int64

    package init(name: String, file: Attachment, modified: Int64) {
        self.name = name
        self.file = file
        self.modified = modified
    }
}

/// Files in the format ZIP, as they are: sounds and pictures are compressed already. Each is read twice, for its checksum
/// and for itself, so that the length of the whole is known before the first byte and a piece is all that is in memory.
struct ZipArchive: Sendable {
    /// The largest archive, in bytes: each is made anew, and holds a worker as long as it is made.
    static let longest = 100_000_000
    /// How many files an archive has at the most.
    static let mostEntries = Int(UInt16.max)

    /// What is said of a file before it and again at the end.
    private struct Record {
        let name: [UInt8]
        let checksum: UInt32
        let length: UInt32
        let modified: (date: UInt16, time: UInt16)
        let offset: UInt32

        /// The fields that both have.
        var fields: [UInt8] {
            // Version 2.0; the name is UTF-8; not compressed.
            bytes(UInt16(20)) + bytes(UInt16(0x0800)) + bytes(UInt16(0)) + bytes(modified.time) + bytes(modified.date)
                + bytes(checksum) + bytes(length) + bytes(length) + bytes(UInt16(name.count)) + bytes(UInt16(0))
        }

        var local: [UInt8] { bytes(UInt32(0x0403_4B50)) + fields + name }

        var central: [UInt8] {
            bytes(UInt32(0x0201_4B50)) + bytes(UInt16(20)) + fields + bytes(UInt16(0)) + bytes(UInt16(0))
                + bytes(UInt16(0)) + bytes(UInt32(0)) + bytes(offset) + name
        }
    }

    private let entries: [ArchiveEntry]
    /// In bytes.
    let length: Int

    /// Nil for more than an archive can hold.
    init?(_ entries: [ArchiveEntry]) {
        guard entries.count <= Self.mostEntries else { return nil }
        var length = 22
        for entry in entries {
            guard entry.name.utf8.count <= 1_024, entry.file.length <= Self.longest else { return nil }
            length += 30 + 46 + 2 * entry.name.utf8.count + entry.file.length
            guard length <= Self.longest else { return nil }
        }
        self.entries = entries
        self.length = length
    }

    /// Hands on the archive, piece by piece.
    ///
    /// - Throws: what `take` throws; `StoreError` if a file cannot be read.
    func write(from store: any AttachmentStore, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        var offset = 0
        var directory: [UInt8] = []
        for entry in entries {
            var checksum = Checksum()
            try store.readAttachment(entry.file.digest) { checksum.add($0) }
            let record = Record(
                name: Array(entry.name.utf8),
                checksum: checksum.value,
                length: UInt32(entry.file.length),
                modified: Self.date(entry.modified),
                offset: UInt32(offset)
            )
            try take(record.local[...])
            try store.readAttachment(entry.file.digest, take)
            offset += record.local.count + entry.file.length
            directory += record.central
        }
        try take(directory[...])
        let count = bytes(UInt16(entries.count))
        let numbers = bytes(UInt16(0)) + bytes(UInt16(0)) + count + count
        let end = bytes(UInt32(0x0605_4B50)) + numbers + bytes(UInt32(directory.count)) + bytes(UInt32(offset))
        try take((end + bytes(UInt16(0)))[...])
    }

    /// A time in two halves, in UTC, to two seconds; the format begins in 1980 and ends in 2107.
    private static func date(_ seconds: Int64) -> (date: UInt16, time: UInt16) {
        let parts = timestamp(seconds).utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            .compactMap { UInt16(String(decoding: Array($0), as: UTF8.self)) }
        guard parts.count == 6, (1980...2107).contains(parts[0]) else { return (0x21, 0) }
        return ((parts[0] - 1980) << 9 | parts[1] << 5 | parts[2], parts[3] << 11 | parts[4] << 5 | parts[5] / 2)
    }
}

/// The cyclic redundancy check that ZIP, gzip and PNG have. Source: ISO 3309; RFC 1952 §8.
private struct Checksum {
    private var state: UInt32 = .max
    var value: UInt32 { ~state }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) {
        state = Self.table.withUnsafeBufferPointer { table in
            bytes.reduce(state) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
        }
    }
}

private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

extension BoundService {
    /// Returns a document and the file that a plugin keeps on it; nil if it has none.
    ///
    /// - Throws: `.badIdentifier` if there is no such document.
    package func file<Plugin: AttachmentPlugin>(
        _ plugin: Plugin.Type,
        of id: DocumentID
    ) throws(APIError) -> (document: Document, file: Attachment)? {
        let document = try find(id)
        return document.attachment(plugin.word).map { (document, $0) }
    }

    /// Answers with several files as one. Of two entries with one name the second gets a number.
    ///
    /// - Throws: `.validation` at `file` if they are too much for one.
    package func archive(_ entries: [ArchiveEntry], named name: String) throws(APIError) -> Reply {
        var counts: [String: Int] = [:]
        let named = entries.map { entry in
            let count = counts[entry.name, default: 0] + 1
            counts[entry.name] = count
            guard count > 1 else { return entry }
            let end = entry.name.lastIndex(of: ".") ?? entry.name.endIndex
            let numbered = "\(entry.name[..<end])-\(count)\(entry.name[end...])"
            return ArchiveEntry(name: numbered, file: entry.file, modified: entry.modified)
        }
        guard let archive = ZipArchive(named) else {
            let most: JSON = .number(JSONNumber(ZipArchive.longest))
            throw .invalid("file", rule: "maxSize", "The files are too large for one archive", ["target": most])
        }
        let store = kit.store
        return Reply(
            .made(
                MadeFile(mediaType: "application/zip", name: name, length: archive.length) { write in
                    try archive.write(from: store, write)
                }
            )
        )
    }
}
