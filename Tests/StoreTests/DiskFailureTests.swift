//  I11: a full disk is `.full`, a failed write makes the store read-only.

import DocumentStore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct DiskFailureTests {
    @Test(.enabled(if: getuid() == 0, "A small file system can be mounted by root only."))
    func aFullDiskRefusesAndRecovers() throws {
        let directory = TemporaryDirectory()
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, "size=2m") == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let failures = Counter()
        let store = try SQLiteStore(directory: directory.path) { _ in failures.add() }
        var written: [StoredDocument] = []
        var refusal: StoreError?
        for index in 0..<10_000 where refusal == nil {
            var write = DocumentWrite.named("n\(index)", DocumentID("u\(index)"), keys: ["k\(index)"])
            write.document.body = [UInt8](repeating: UInt8(ascii: "x"), count: 4_000)
            refusal = storeError { () throws(StoreError) in try store.create(write) }
            if refusal == nil { written.append(write.document) }
        }
        #expect(refusal == .full)
        #expect(written.count > 20)
        // Readers go on, and so do writers as soon as there is room.
        for document in written { #expect(try store.document(document.id, in: account) == document) }
        try #require(mount("tmpfs", directory.path, "tmpfs", UInt(MS_REMOUNT), "size=16m") == 0)
        try store.create(.named("more", "more"))
        #expect(failures.value == 0)
        #expect(!store.statistics.isReadOnly)
        store.close()
        let again = try SQLiteStore(directory: directory.path) { _ in }
        for document in written { #expect(try again.document(document.id, in: account) == document) }
        #expect(try again.names().count == written.count + 1)
        again.close()
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
