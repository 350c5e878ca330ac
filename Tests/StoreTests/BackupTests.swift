//  A backup is the store as of one commit; a restored one is that store.

import DocumentStore
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct BackupTests {
    @Test func aBackupWhileWritersWriteIsOneCommit() throws {
        let fixture = try StoreFixture()
        let target = TemporaryDirectory()
        let done = Counter()
        concurrently(3) { thread in
            if thread == 0 {
                for index in 0..<5 { try? fixture.store.reader.backup(to: target.path + "/\(index)") }
                done.add()
                return
            }
            var index = 0
            while done.value == 0 {
                // Two documents a commit, never one without the other.
                let pair = ["x", "y"].map { DocumentWrite.named("n", DocumentID("\($0)-\(thread)-\(index)")) }
                _ = storeError { () throws(StoreError) in try fixture.store.commit(ChangeSet(writes: pair)) }
                index += 1
            }
        }
        for index in 0..<5 {
            let directory = "\(target.path)/restored-\(index)"
            try SQLiteStore.restore(from: target.path + "/\(index)", to: directory)
            let restored = try SQLiteStore(directory: directory) { _ in }
            #expect(try restored.reader.check() == [])
            let ids = try restored.names()
            #expect(ids.count.isMultiple(of: 2))
            let partners = Set(ids.map { ($0.hasPrefix("x") ? "y" : "x") + $0.dropFirst() })
            #expect(partners == Set(ids))
            restored.close()
        }
    }

    @Test func aRestoredStoreIsWhatWasBackedUp() throws {
        let fixture = try StoreFixture()
        // As many pieces as no, one and several.
        let files: [[UInt8]] = [[], [1, 2, 3], (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }]
        let digests = try files.map { try fixture.store.storeAttachment($0) }
        var write = DocumentWrite.named("Ann", "u1", keys: ["a"])
        write.projection.attachments = digests
        try fixture.store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        let target = TemporaryDirectory()
        var reports: [Int] = []
        try fixture.store.reader.backup(to: target.path + "/backup") { done, total in reports.append(total - done) }
        #expect(reports.last == 0)
        try SQLiteStore.restore(from: target.path + "/backup", to: target.path + "/restored")
        let store = try SQLiteStore(directory: target.path + "/restored") { _ in }
        #expect(try store.document("u1", in: account) == write.document)
        #expect(try digests.map { try store.attachment($0) } == files)
        #expect(try store.events(after: 0, limit: 9).count == 1)
        #expect(try store.reader.check() == [])
        store.close()
    }

    /// It has each attachment in one row.
    @Test func aBackupOfAnOlderReleaseIsRestored() throws {
        let fixture = try StoreFixture()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let digest = try fixture.store.storeAttachment(bytes)
        var write = DocumentWrite.named("Ann", "u1")
        write.projection.attachments = [digest]
        try fixture.store.create(write)
        let target = TemporaryDirectory()
        try fixture.store.reader.backup(to: target.path + "/backup")
        try openCopy(path: target.path + "/backup").access { database throws(StoreError) in
            try database.run("DROP TABLE backup_attachments")
            try database.run("CREATE TABLE backup_attachments (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
            try database.run("INSERT INTO backup_attachments VALUES (?, ?)", .text(digest.text), .blob(bytes))
        }
        #expect(try StoreReader(backup: target.path + "/backup").check() == [])
        try SQLiteStore.restore(from: target.path + "/backup", to: target.path + "/restored")
        let store = try SQLiteStore(directory: target.path + "/restored") { _ in }
        #expect(try store.attachment(digest) == bytes)
        store.close()
    }

    @Test func neitherBackupNorRestoreOverwritesAStore() throws {
        let fixture = try StoreFixture()
        let target = TemporaryDirectory()
        try fixture.store.reader.backup(to: target.path + "/backup")
        try SQLiteStore.restore(from: target.path + "/backup", to: target.path + "/full")
        for error in [
            storeError { () throws(StoreError) in try fixture.store.reader.backup(to: target.path + "/backup") },
            storeError { () throws(StoreError) in
                try SQLiteStore.restore(from: target.path + "/backup", to: target.path + "/full")
            },
        ] {
            guard case .io(_, let reason) = error, ["The file exists.", "It is in use."].contains(reason) else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(
            storeError { () throws(StoreError) in
                try SQLiteStore.restore(from: target.path + "/backup", to: fixture.directory.path)
            } == .locked(by: getpid())
        )
    }

    @Test func aDamagedBackupIsNotRestored() throws {
        let fixture = try StoreFixture()
        for index in 0..<50 { try fixture.store.create(.named("n\(index)", DocumentID("u\(index)"))) }
        let target = TemporaryDirectory()
        try fixture.store.reader.backup(to: target.path + "/backup")
        let file = URL(fileURLWithPath: target.path + "/backup")
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.range(of: Data(#"{"secret":"n7"}"#.utf8))).lowerBound
        bytes[place + 3] ^= 1
        try bytes.write(to: file)
        let error = storeError { () throws(StoreError) in
            try SQLiteStore.restore(from: target.path + "/backup", to: target.path + "/restored")
        }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains("u7"))
        #expect(!FileManager.default.fileExists(atPath: target.path + "/restored/documents.sqlite"))
    }
}
