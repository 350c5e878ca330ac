//  I11: a full disk is `.full`, a failed write makes the store read-only.

import DocumentStore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct DiskFailureTests {
    /// A file system of a few megabytes.
    private func withSmallDisk(_ body: (_ directory: String) throws -> Void) throws {
        let directory = TemporaryDirectory()
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, "size=4m") == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        try body(directory.path)
    }

    /// Writes until there is no room; returns what was written.
    private func fill(_ store: SQLiteStore) throws -> [StoredDocument] {
        var written: [StoredDocument] = []
        while true {
            var write = DocumentWrite.named(
                "n\(written.count)",
                DocumentID("u\(written.count)"),
                keys: ["k\(written.count)"]
            )
            write.document.body = Array(#"{"text":"\#(String(repeating: "x", count: 4_000))"}"#.utf8)
            if let error = storeError({ () throws(StoreError) in try store.create(write) }) {
                #expect(error == .full)
                return written
            }
            written.append(write.document)
            try #require(written.count < 10_000)
        }
    }

    private static let canMount = Comment("A small file system can be mounted by root only.")

    /// With a reserve and without one.
    @Test(.enabled(if: getuid() == 0, canMount), arguments: [0, 512 << 10])
    func aFullDiskRefusesAndRecovers(reserve: Int) throws {
        try withSmallDisk { directory in
            let failures = Counter()
            let options = SQLiteStore.Options(reserveBytes: reserve)
            let store = try SQLiteStore(directory: directory, options: options) { _ in failures.add() }
            let written = try fill(store)
            #expect(written.count > 20)
            #expect(store.statistics.isShortOfSpace == (reserve > 0))
            // Readers go on, and so do writers as soon as there is room.
            for document in written { #expect(try store.document(document.id, in: account) == document) }
            try #require(mount("tmpfs", directory, "tmpfs", UInt(MS_REMOUNT), "size=16m") == 0)
            try store.create(.named("more", "more"))
            #expect(failures.value == 0)
            #expect(!store.statistics.isReadOnly && !store.statistics.isShortOfSpace)
            store.close()
            let again = try SQLiteStore(directory: directory, options: options) { _ in }
            for document in written { #expect(try again.document(document.id, in: account) == document) }
            #expect(try again.names().count == written.count + 1)
            again.close()
        }
    }

    /// The reserve is for what needs no space in the end, also after a start on a full disk.
    @Test(.enabled(if: getuid() == 0, canMount))
    func aFullDiskDeletesAndDelivers() throws {
        try withSmallDisk { directory in
            let options = SQLiteStore.Options(checkpointPages: 50, reserveBytes: 1 << 20)
            var store = try SQLiteStore(directory: directory, options: options) { _ in }
            try store.moveConsumer("relay", after: 0)
            var written = try fill(store)
            for round in 0..<2 {
                for _ in 0..<10 { try store.create(.tombstone(of: written.removeLast())) }
                #expect(
                    try store.claimEvents(
                        for: "relay",
                        by: "\(round)",
                        now: Int64(100 * (round + 1)),
                        lease: 9,
                        limit: 9
                    ) == []
                )
                #expect(try store.purgeTombstones(before: .max, limit: 5) == 5)
                #expect(storeError { () throws(StoreError) in _ = try store.storeAttachment([1]) } == .full)
                #expect(storeError { () throws(StoreError) in try store.create(.named("no", "no")) } == .full)
                store.close()
                store = try SQLiteStore(directory: directory, options: options) { _ in }
            }
            #expect(try store.reader.check() == [])
            store.close()
        }
    }

    /// In a process of its own, because the limit of the size of files holds for the whole process.
    @Test func aFailedWriteMakesTheStoreReadOnly() async throws {
        let directory = TemporaryDirectory()
        await #expect(processExitsWith: .success) { [directory = directory.path as String] in
            let failures = Counter()
            let store = try SQLiteStore(directory: directory) { _ in failures.add() }
            let ann = try store.create(.named("Ann", "u1"))
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 400_000, rlim_max: 400_000)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            var errors: [StoreError] = []
            for index in 0..<200 {
                var write = DocumentWrite.named("n\(index)", DocumentID("n\(index)"))
                write.document.body = [UInt8](repeating: UInt8(ascii: "x"), count: 8_000)
                if let error = storeError({ () throws(StoreError) in try store.create(write) }) { errors.append(error) }
            }
            guard case .io = errors.first, errors.count > 1 else { exit(3) }
            guard errors.dropFirst().allSatisfy({ $0 == .readOnly }), failures.value == 1 else { exit(4) }
            guard store.statistics.isReadOnly, try store.document("u1", in: account) == ann else { exit(5) }
            exit(EXIT_SUCCESS)
        }
        let store = try SQLiteStore(directory: directory.path) { _ in }
        #expect(try store.document("u1", in: account) != nil)
        #expect(try store.count(of: "listing", in: account) == store.names().count)
        try store.create(.named("Bea", "u2"))
        store.close()
    }
}
