//  The check finds what is not as it should be, and says what.

import DocumentStore
import Foundation
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
        let bea = try store.create(.named("Bea", "u2"))
        try store.create(.tombstone(of: bea))
        return fixture
    }

    @Test func aStoreInOrderHasNoFindings() throws {
        #expect(try filledStore().store.check() == [])
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
        ("UPDATE past_revisions SET number = 99", "belongs to no document"),
        ("UPDATE events SET changed = '['", "Event 1 cannot be read"),
        ("UPDATE attachment_uses SET digest = replace(digest, '0', '1')", "is named but not there"),
    ]

    @Test(arguments: damages)
    func damageIsFoundAndNamed(sql: String, words: String) throws {
        let store = try filledStore().store
        try store.writer.perform { session throws(StoreError) in
            try session.database.run(sql.replacingOccurrences(of: "'{}'", with: "CAST('{}' AS BLOB)"))
        }
        let findings = try store.check()
        #expect(findings.contains { $0.contains(words) }, "\(findings)")
    }

    @Test func aDamagedAttachmentIsFound() throws {
        let fixture = try filledStore()
        let digest = try fixture.store.storeAttachment([1, 2, 3])
        try Data([9]).write(to: URL(fileURLWithPath: fixture.store.attachments.path(of: digest)))
        #expect(try fixture.store.check().contains { $0.contains("attachment \(digest)") })
    }
}
