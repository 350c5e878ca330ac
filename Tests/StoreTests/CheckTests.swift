//  The check finds what is not as it should be, and says what.

import DocumentStore
import Foundation
import Glibc
import Testing

@testable import SQLiteStore

@Suite struct CheckTests {
    /// A store with two users, one of them deleted, an event and an attachment.
    private func filledStore() throws -> StoreFixture {
        let fixture = try StoreFixture()
        let store = fixture.store
        let digest = try store.storeAttachment([1, 2, 3])
        var ann = DocumentWrite.named("Ann", "u1", keys: ["a"], references: ["d1"])
        ann.projection.attachments = [digest]
        try store.commit(ChangeSet(writes: [ann], events: [.created(ann.document)]))
        try store.append([StoredRecord(scope: account, kind: "cdr", time: 0, id: "c1", body: Array("{}".utf8))])
        try store.moveConsumer("relay", after: 1)
        let bea = try store.create(.named("Bea", "u2"))
        try store.create(.tombstone(of: bea))
        return fixture
    }

    @Test func aStoreInOrderHasNoFindings() throws {
        #expect(try filledStore().store.reader.check() == [])
    }

    /// What is done to the tables, and words of the finding.
    static let damages: [(String, String)] = [
        ("UPDATE documents SET body = '{}' WHERE id = 'u1'", "checksum of document u1 of account"),
        ("UPDATE documents SET revision = 'x' WHERE id = 'u1'", "revision of document u1"),
        ("UPDATE list_rows SET summary = '{}' WHERE id = 'u1'", "checksum of a row of document u1"),
        ("UPDATE list_counts SET count = 7", "1 rows, its counter says 7"),
        ("DELETE FROM list_counts", "1 rows, its counter says 0"),
        ("UPDATE unique_keys SET id = 'u9'", "unique key belongs to document u9"),
        ("UPDATE document_references SET source = 'u9'", "reference belongs to document u9"),
        ("UPDATE attachment_uses SET id = 'u9'", "attachment belongs to document u9"),
        ("UPDATE list_rows SET view = 'x' WHERE id = 'u1'", "Of the list rows of document u1"),
        ("UPDATE list_rows SET view = 'x' WHERE id = 'u1'", "row belongs to document u1 of account"),
        ("UPDATE list_rows SET key = X'00' WHERE id = 'u1'", "which did not write it"),
        ("UPDATE unique_keys SET value = 'x'", "Of the unique keys of document u1"),
        ("UPDATE unique_keys SET value = 'x'", "unique key belongs to document u1"),
        ("UPDATE unique_keys SET id = 'u2'", "unique key belongs to document u2"),
        ("UPDATE document_references SET field = 'x'", "Of the references of document u1"),
        ("UPDATE document_references SET target = 'x'", "reference belongs to document u1"),
        ("UPDATE documents SET trace = '{' WHERE id = 'u1'", "What document u1 of account"),
        ("UPDATE documents SET trace = '{\"rows\":[[1]]}' WHERE id = 'u1'", "into the indexes cannot be read"),
        ("UPDATE past_revisions SET number = 99", "belongs to no document"),
        ("UPDATE past_revisions SET revision = 'x'", "A past revision of document u2"),
        ("UPDATE past_revisions SET body = '{}'", "checksum of the past revision 1-"),
        ("UPDATE past_revisions SET body = X'7B', checksum = NULL", "is no JSON object"),
        ("UPDATE events SET changed = '['", "Event 1 cannot be read"),
        ("UPDATE events SET actor = 'somebody'", "checksum of event 1"),
        ("UPDATE consumers SET acknowledged = 7", "relay has had event 7"),
        ("UPDATE records_197001 SET body = X'7B7C'", "checksum of the cdr record c1"),
        ("UPDATE records_197001 SET kind = 'x'", "checksum of the x record c1"),
        ("UPDATE attachment_uses SET digest = replace(digest, '0', '1')", "is named but not there"),
    ]

    @Test(arguments: damages)
    func damageIsFoundAndNamed(sql: String, words: String) throws {
        let store = try filledStore().store
        try store.writer.perform { session throws(StoreError) in
            try session.database.run(sql.replacingOccurrences(of: "'{}'", with: "CAST('{}' AS BLOB)"))
        }
        let findings = try store.reader.check()
        #expect(findings.contains { $0.contains(words) }, "\(findings)")
    }

    /// What indexes say is compared with what the documents say, even where both are in order.
    @Test(arguments: [
        ("UPDATE unique_keys SET value = 'b'", "The unique keys of document u1"),
        ("DELETE FROM document_references", "The references of document u1"),
        ("DELETE FROM attachment_uses", "The attachments of document u1"),
        ("UPDATE list_rows SET view = 'other'", "The list rows of document u1"),
    ])
    func anIndexThatSaysSomethingElseIsFound(sql: String, words: String) throws {
        let store = try filledStore().store
        let digest = try store.storeAttachment([1, 2, 3])
        func project(_ document: StoredDocument) -> Projection {
            if document.isDeleted { return Projection() }
            var projection = DocumentWrite.named("Ann", document.id, keys: ["a"], references: ["d1"]).projection
            projection.attachments = [digest]
            return projection
        }
        #expect(try store.reader.check(project: project) == [])
        try store.writer.perform { session throws(StoreError) in try session.database.run(sql) }
        let findings = try store.reader.check(project: project)
        #expect(findings.contains { $0.contains(words) }, "\(findings)")
    }

    @Test(arguments: [[1, 2, 2], [1, 2], [], [1, 2, 3, 0]] as [[UInt8]])
    func aDamagedAttachmentIsFound(bytes: [UInt8]) throws {
        let fixture = try filledStore()
        let digest = try fixture.store.storeAttachment([1, 2, 3])
        try Data(bytes).write(to: URL(fileURLWithPath: fixture.store.attachments.path(of: digest)))
        let findings = try fixture.store.reader.check()
        #expect(findings == ["The \(bytes.count) bytes of attachment \(digest) are not those that were stored."])
    }

    @Test func aFileThatIsCutOffIsFound() throws {
        let fixture = try filledStore()
        for index in 0..<100 { try fixture.store.create(.named("n\(index)", DocumentID("n\(index)"))) }
        let copy = fixture.directory.path + "/copy"
        try fixture.store.reader.backup(to: copy)
        #expect(try StoreReader(backup: copy).check() == [])
        let size = try #require(try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int)
        for length in [size - 4_096, size / 2 / 4_096 * 4_096, size - 100] {
            #expect(truncate(copy, length) == 0)
            let findings = (try? StoreReader(backup: copy).check()) ?? ["cannot be opened"]
            #expect(!findings.isEmpty, "\(length) of \(size)")
        }
    }
}
