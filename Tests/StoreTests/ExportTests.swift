//  An export is one file a document with a stable text; an import takes all of it or nothing.

import DocumentStore
import Foundation
import JSON
import Testing

@testable import SQLiteStore

@Suite struct ExportTests {
    /// The projection that `DocumentWrite.named` gives a document.
    @Sendable private func project(_ document: StoredDocument) throws(StoreError) -> Projection {
        guard let name = (try? JSON(parsing: document.body))?["name"]?.string else { throw .corrupt("It has no name.") }
        if document.isDeleted { return Projection() }
        var projection = DocumentWrite.named(name, document.id, in: document.scope, keys: [name]).projection
        projection.rows[0].summary = document.body
        return projection
    }

    private func filledStore() throws -> StoreFixture {
        let fixture = try StoreFixture()
        for (index, name) in ["Ann", "Bea", "Cay"].enumerated() {
            try fixture.store.create(.named(name, DocumentID("u\(index)"), keys: [name]))
        }
        try fixture.store.create(.named("Limits", "limits", in: .system, type: "limits", keys: ["Limits"]))
        let gone = try fixture.store.create(.named("Gone", "u9"))
        try fixture.store.create(.tombstone(of: gone))
        return fixture
    }

    private let path = "\(account.text)/user/u0.json"

    @Test func aFileHasAStableText() throws {
        let target = TemporaryDirectory()
        #expect(try filledStore().store.reader.export(to: target.path + "/out") == 5)
        let text = try String(contentsOfFile: "\(target.path)/out/\(path)", encoding: .utf8)
        let body = Array(#"{"id":"u0","name":"Ann"}"#.utf8)
        let expected = """
            {
                "account": "\(account.text)",
                "id": "u0",
                "type": "user",
                "revision": "\(Revision(after: nil, content: body))",
                "created": 1,
                "modified": 2,
                "deleted": false,
                "document": {
                    "id": "u0",
                    "name": "Ann"
                },
                "private": {
                    "secret": "Ann"
                }
            }

            """
        #expect(text == expected)
    }

    @Test func anImportIntoAnEmptyStoreMakesTheSameDocuments() throws {
        let original = try filledStore().store
        let target = TemporaryDirectory()
        _ = try original.reader.export(to: target.path + "/out")
        let store = try StoreFixture().store
        #expect(try store.importDocuments(from: target.path + "/out", project: project) == 5)
        for (id, scope) in [("u0", account), ("u2", account), ("u9", account), ("limits", .system)] {
            #expect(try store.document(DocumentID(id), in: scope) == original.document(DocumentID(id), in: scope))
        }
        #expect(try store.names() == original.names())
        #expect(try store.holder(of: UniqueKey(scope: account, name: "key", value: "Bea"))?.id == "u1")
        #expect(try store.reader.check() == [])
    }

    @Test func aSecondImportChangesNothingAndAnEditedFileOneDocument() throws {
        let store = try filledStore().store
        let before = try store.document("u0", in: account)
        let target = TemporaryDirectory()
        _ = try store.reader.export(to: target.path + "/out")
        _ = try store.importDocuments(from: target.path + "/out", project: project)
        #expect(try store.document("u0", in: account) == before)

        let file = "\(target.path)/out/\(path)"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacingOccurrences(of: #""name": "Ann""#, with: #""name": "Zoe""#)
            .write(toFile: file, atomically: true, encoding: .utf8)
        _ = try store.importDocuments(from: target.path + "/out", project: project)
        let after = try #require(try store.document("u0", in: account))
        #expect(after.body == Array(#"{"id":"u0","name":"Zoe"}"#.utf8))
        #expect(after.revision.generation == 2)
        #expect(try store.names() == ["u1", "u2", "u0"])
        #expect(try store.reader.check() == [])
    }

    /// What is done to the file of u0, and words of the reason.
    static let damages: [(@Sendable (String) -> String, String)] = [
        ({ String($0.dropLast(20)) }, "line"),
        ({ _ in "[]" }, "no JSON object"),
        ({ $0.replacingOccurrences(of: "\"created\": 1", with: "\"created\": \"1\"") }, "\"created\""),
        ({ $0.replacingOccurrences(of: "\"revision\": \"1-", with: "\"revision\": \"0-") }, "\"revision\""),
        ({ $0.replacingOccurrences(of: "\"name\": \"Ann\"", with: "\"title\": \"Ann\"") }, "no name"),
        (
            { $0.replacingOccurrences(of: "\"id\": \"u0\",\n    \"type\"", with: "\"id\": \"u7\",\n    \"type\"") },
            "It should be"
        ),
        ({ $0.replacingOccurrences(of: "\"name\": \"Ann\"", with: "\"name\": \"Bea\"") }, "another document has"),
    ]

    @Test(arguments: damages.indices)
    func aDamagedFileIsNamedAndNothingIsImported(index: Int) throws {
        let (damage, words) = Self.damages[index]
        let target = TemporaryDirectory()
        _ = try filledStore().store.reader.export(to: target.path + "/out")
        let file = "\(target.path)/out/\(path)"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try damage(text).write(toFile: file, atomically: true, encoding: .utf8)
        let store = try StoreFixture().store
        let error = storeError { () throws(StoreError) in
            _ = try store.importDocuments(from: target.path + "/out", project: project)
        }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains(words) && sentence.contains("\(target.path)/out/"), "\(sentence)")
        for id in ["u0", "u1", "u2"] { #expect(try store.document(DocumentID(id), in: account) == nil) }
        #expect(try store.names().isEmpty)
        #expect(try store.reader.check() == [])
    }

    @Test func attachmentsTravelToo() throws {
        let fixture = try StoreFixture()
        let digest = try fixture.store.storeAttachment([1, 2, 3])
        var write = DocumentWrite.named("Ann", "u1")
        write.projection.attachments = [digest]
        try fixture.store.create(write)
        let target = TemporaryDirectory()
        _ = try fixture.store.reader.export(to: target.path + "/out")
        let store = try StoreFixture().store
        _ = try store.importDocuments(from: target.path + "/out") { (_) throws(StoreError) in
            Projection(attachments: [digest])
        }
        #expect(try store.attachment(digest) == [1, 2, 3])
        #expect(try store.reader.check() == [])

        try FileManager.default.removeItem(atPath: target.path + "/out/attachments")
        let other = try StoreFixture().store
        let error = storeError { () throws(StoreError) in
            _ = try other.importDocuments(from: target.path + "/out") { (_) throws(StoreError) in
                Projection(attachments: [digest])
            }
        }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains("u1.json") && sentence.contains(digest.text))
        #expect(try other.document("u1", in: account) == nil)
    }
}
