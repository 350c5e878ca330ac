//  Attachments: named by their bytes, shared, there before the document, collected after it.

import DocumentStore
import Foundation
import Glibc
import Testing

@testable import SQLiteStore

@Suite struct AttachmentTests {
    private func write(
        _ id: DocumentID,
        naming digests: [AttachmentDigest],
        replacing: Revision? = nil
    ) -> DocumentWrite {
        var write = DocumentWrite.named("n", id, replacing: replacing)
        write.projection.attachments = digests
        return write
    }

    @Test func bytesAreNamedByTheirDigest() throws {
        let store = try StoreFixture().store
        let digest = try store.storeAttachment(Array("abc".utf8))
        // Source: FIPS 180-2, appendix B.1.
        #expect(digest.text == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try store.attachment(digest) == Array("abc".utf8))
        let path = store.attachments.path(of: digest)
        #expect(path.hasSuffix("attachments/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
    }

    @Test func piecesAndTheWholeAreOneAttachment() throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        var rest = bytes[...]
        let digest = try store.storeAttachment { () throws(StoreError) in
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(1_000) }
            return Array(rest.prefix(1_000))
        }
        #expect(try store.storeAttachment(bytes) == digest)
        #expect(try store.attachment(digest) == bytes)
        #expect(try names(in: fixture.directory.path + "/attachments/new").isEmpty)
    }

    @Test func anUploadThatFailsLeavesNothing() throws {
        let fixture = try StoreFixture()
        var pieces = 0
        let error = storeError { () throws(StoreError) in
            _ = try fixture.store.storeAttachment { () throws(StoreError) in
                pieces += 1
                if pieces == 3 { throw .io(operation: "read the request", reason: "gone") }
                return [1, 2, 3]
            }
        }
        #expect(error == .io(operation: "read the request", reason: "gone"))
        #expect(try fixture.store.attachments.all().isEmpty)
        #expect(try names(in: fixture.directory.path + "/attachments/new").isEmpty)
    }

    @Test func aDocumentCannotNameWhatIsNotThere() throws {
        let store = try StoreFixture().store
        let digest = try #require(AttachmentDigest(String(repeating: "a", count: 64)))
        let error = storeError { () throws(StoreError) in try store.create(write("u1", naming: [digest])) }
        #expect(error == .missing(DocumentAddress(DocumentID(digest.text), in: account)))
        #expect(try store.attachment(digest) == nil)
    }

    @Test func whatNothingNamesIsCollectedAfterItsGrace() throws {
        let store = try StoreFixture().store
        let named = try store.storeAttachment([1])
        let unnamed = try store.storeAttachment([2])
        let one = try store.create(write("u1", naming: [named, named]))
        let two = try store.create(write("u2", naming: [named]))
        #expect(try store.collectAttachments(grace: 3_600) == 0)
        #expect(try store.collectAttachments(grace: -10) == 1)
        #expect(try store.attachment(unnamed) == nil)

        // Shared: it goes with the last document that names it.
        try store.create(.tombstone(of: one))
        #expect(try store.collectAttachments(grace: -10) == 0)
        #expect(try store.attachment(named) == [1])
        try store.create(write("u2", naming: [], replacing: two.revision))
        #expect(try store.collectAttachments(grace: -10) == 1)
        #expect(try store.attachment(named) == nil)
    }

    /// keeps an account from filling the disk by replacing, deleting, or sending what is refused, again and again.
    @Test func whatIsOnDiskForAScopeCountsUntilItIsCollected() throws {
        let store = try StoreFixture().store
        func expectBytes(_ count: Int, _ line: SourceLocation = #_sourceLocation) throws {
            #expect(try store.attachmentBytes(of: account) == count, sourceLocation: line)
        }
        let refused = try store.storeAttachment([1])
        try store.holdAttachment(refused, for: account)
        let named = try store.storeAttachment([2, 2])
        try store.holdAttachment(named, for: account)
        let first = try store.create(write("u1", naming: [named]))
        let twice = try store.create(write("u2", naming: [named]))
        try expectBytes(3)
        #expect(try store.collectAttachments(grace: 3_600) == 0)
        try expectBytes(3)
        #expect(try store.collectAttachments(grace: -10) == 1)
        try expectBytes(2)

        let other = try store.storeAttachment([3, 3, 3])
        try store.create(write("u1", naming: [other], replacing: first.revision))
        var tombstone = DocumentWrite.tombstone(of: twice)
        tombstone.projection.attachments = [named]
        try store.create(tombstone)
        try expectBytes(5)
        #expect(try store.attachmentBytes(of: otherAccount) == 0)
        #expect(try store.purgeTombstones(before: .max, limit: 9) == 1)
        try expectBytes(5)
        #expect(try store.collectAttachments(grace: 3_600) == 0)
        try expectBytes(5)
        #expect(try store.collectAttachments(grace: -10) == 1)
        try expectBytes(3)
        #expect(try store.reader.check() == [])
    }

    @Test func whatIsNotThereIsNotHeld() throws {
        let store = try StoreFixture().store
        let digest = try #require(AttachmentDigest(String(repeating: "a", count: 64)))
        let error = storeError { () throws(StoreError) in try store.holdAttachment(digest, for: account) }
        #expect(error == .missing(DocumentAddress(DocumentID(digest.text), in: account)))
    }

    @Test func whatAnUploadLeftBehindIsCollected() throws {
        let fixture = try StoreFixture()
        let path = fixture.directory.path + "/attachments/new/left"
        _ = try File(creating: path)
        #expect(try fixture.store.collectAttachments(grace: 3_600) == 0)
        #expect(try fixture.store.collectAttachments(grace: -10) == 1)
        #expect(access(path, F_OK) != 0)
    }

    @Test func damagedBytesAreNotServed() throws {
        let store = try StoreFixture().store
        let digest = try store.storeAttachment([1, 2, 3])
        try Data([1, 2, 4]).write(to: URL(fileURLWithPath: store.attachments.path(of: digest)))
        let error = storeError { () throws(StoreError) in _ = try store.attachment(digest) }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains(digest.text))
    }

    /// keeps the promise of the collection: a document never names a file that is gone.
    @Test func uploadsAndTheCollectionRace() throws {
        let store = try StoreFixture().store
        let commits = Counter()
        concurrently(4) { thread in
            for round in 0..<50 {
                if thread == 0 {
                    _ = try? store.collectAttachments(grace: -10)
                    continue
                }
                // Without grace, an upload may go before it has ended.
                guard let digest = try? store.storeAttachment([UInt8(truncatingIfNeeded: round)]) else { continue }
                let id = DocumentID("u-\(thread)-\(round)")
                let error = storeError { () throws(StoreError) in try store.create(write(id, naming: [digest])) }
                if error == nil {
                    commits.add()
                    #expect((try? store.attachment(digest)) == [UInt8(truncatingIfNeeded: round)])
                }
            }
        }
        #expect(commits.value > 0)
        #expect(try store.reader.check() == [])
    }
}
