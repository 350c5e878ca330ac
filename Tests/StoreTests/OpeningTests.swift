//  I10: opening needs no repair step; one process owns a directory.

import DocumentStore
import Foundation
import Glibc
import Testing

@testable import SQLiteStore

@Suite struct OpeningTests {
    @Test func whatWasCommittedIsThereAfterClosing() throws {
        let fixture = try StoreFixture()
        let write = DocumentWrite.named("Ann", "u1", keys: ["a"])
        try fixture.store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        fixture.store.close()
        let store = try SQLiteStore(directory: fixture.directory.path) { _ in }
        #expect(try store.document("u1", in: account) == write.document)
        #expect(try store.events(after: 0, limit: 9).count == 1)
        store.close()
    }

    @Test func aClosedStoreTakesNoCommits() throws {
        let fixture = try StoreFixture()
        fixture.store.close()
        fixture.store.close()
        #expect(storeError { () throws(StoreError) in try fixture.store.create(.named("Ann", "u1")) } == .readOnly)
    }

    @Test func aSecondStoreOnOneDirectoryIsRefusedWithTheOwnersProcess() throws {
        let fixture = try StoreFixture()
        let error = storeError { () throws(StoreError) in
            _ = try SQLiteStore(directory: fixture.directory.path) { _ in }
        }
        #expect(error == .locked(by: getpid()))
    }

    @Test func aSecondProcessIsRefusedWithTheOwnersProcess() async throws {
        let fixture = try StoreFixture()
        await #expect(processExitsWith: .success) {
            [directory = fixture.directory.path as String, owner = getpid() as Int32] in
            let error = storeError { () throws(StoreError) in _ = try SQLiteStore(directory: directory) { _ in } }
            exit(error == .locked(by: owner) && getpid() != owner ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func aDatabaseOfANewerReleaseIsRefusedInASentence() throws {
        let fixture = try StoreFixture()
        try fixture.store.writer.perform { session throws(StoreError) in
            try session.database.run("UPDATE meta SET value = 99 WHERE name = 'schema_version'")
        }
        fixture.store.close()
        let error = storeError { () throws(StoreError) in
            _ = try SQLiteStore(directory: fixture.directory.path) { _ in }
        }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains("99") && sentence.contains("\(schemaVersion)"))
    }

    @Test func aDatabaseOfTheReleaseBeforeIsBroughtUpToDate() throws {
        let fixture = try StoreFixture()
        for id in ["u1", "u2"] as [DocumentID] {
            let write = DocumentWrite.named("Ann", id, keys: [id.text], references: ["d1"])
            try fixture.store.commit(ChangeSet(writes: [write], events: [.created(write.document)]))
        }
        // What version 1 had not.
        try fixture.store.writer.perform { session throws(StoreError) in
            for statement in [
                "DROP INDEX attachment_uses_of_document", "ALTER TABLE attachment_uses DROP COLUMN bytes",
                "CREATE INDEX attachment_uses_of_document ON attachment_uses (owner, id)",
                "ALTER TABLE documents DROP COLUMN trace",
                "CREATE INDEX list_rows_of_document ON list_rows (owner, id)",
                "CREATE INDEX unique_keys_of_document ON unique_keys (owner, id)",
                "CREATE INDEX document_references_of_source ON document_references (scope, source)",
                "DROP INDEX events_of_scope", "ALTER TABLE events DROP COLUMN id",
                "ALTER TABLE events DROP COLUMN reloads", "ALTER TABLE events DROP COLUMN checksum",
                "ALTER TABLE past_revisions DROP COLUMN checksum", "DROP TABLE held_attachments",
                "UPDATE meta SET value = 1 WHERE name = 'schema_version'",
            ] { try session.database.run(statement) }
        }
        fixture.store.close()
        var upgraded: [Int64] = []
        let path = fixture.directory.path
        let store = try SQLiteStore(directory: path, onUpgrade: { upgraded.append($0) }) { _ in }
        let events = try store.events(after: 0, limit: 9, in: account).map(\.event)
        #expect(events.map(\.document) == ["u1", "u2"])
        #expect(events.map(\.reloads) == [[], []])
        #expect(try store.reader.check() == [])
        #expect(Set(events.map(\.id)).count == 2 && events.allSatisfy { $0.id.utf8.count == 32 })
        store.close()
        let again = try SQLiteStore(directory: path, onUpgrade: { upgraded.append($0) }) { _ in }
        #expect(upgraded == [1])
        #expect(try again.events(after: 0, limit: 9).map(\.event) == events)
        again.close()
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() {
        let error = storeError { () throws(StoreError) in _ = try SQLiteStore(directory: "/proc/none/here") { _ in } }
        guard case .io(let operation, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(operation.contains("/proc/none/here"))
    }

    @Test func theDatabaseIsWrittenAheadAndSyncedFully() throws {
        let fixture = try StoreFixture()
        try fixture.store.writer.perform { session throws(StoreError) in
            for (pragma, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("wal_autocheckpoint", "0")] {
                let statement = try session.database.prepare("PRAGMA \(pragma)")
                #expect(try statement.step())
                #expect(statement.text(0) == value)
            }
        }
    }

    /// A process writes on eight threads and notes each acknowledged document in a file, then kills itself.
    @Test(arguments: [1, 40, 200, 1_000])
    func everyAcknowledgedCommitSurvivesAKilledProcess(commits: Int) async throws {
        let directory = TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory.path as String, commits] in
            let store = try SQLiteStore(directory: directory, options: .init(checkpointPages: 50)) { _ in }
            let notes = Glibc.open(directory + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let acknowledged = Counter()
            concurrently(8) { thread in
                var revision: Revision?
                for index in 0... {
                    let id = DocumentID("u-\(thread)")
                    guard
                        let document = try? store.create(
                            .named("\(index)", id, replacing: revision, keys: ["k-\(thread)-\(index)"])
                        )
                    else { exit(EXIT_FAILURE) }
                    revision = document.revision
                    let line = Array("\(id) \(index + 1)\n".utf8)
                    write(notes, line, line.count)
                    acknowledged.add()
                    if acknowledged.value >= commits { kill(getpid(), SIGKILL) }
                }
            }
        }
        let store = try SQLiteStore(directory: directory.path) { _ in }
        let notes = try String(contentsOfFile: directory.path + "/acknowledged", encoding: .utf8)
        var generations: [String: Int] = [:]
        for line in notes.split(separator: "\n") {
            let words = line.split(separator: " ")
            generations[String(words[0])] = Int(words[1])
        }
        #expect(!generations.isEmpty)
        for (id, generation) in generations {
            let document = try #require(try store.document(DocumentID(id), in: account))
            // One more may be on disk that was not acknowledged in time.
            #expect((generation...generation + 1).contains(document.revision.generation))
            let last = document.revision.generation - 1
            let key = UniqueKey(scope: account, name: "key", value: "k-\(id.dropFirst(2))-\(last)")
            #expect(try store.holder(of: key) == document.address)
        }
        #expect(try store.count(of: "listing", in: account) == store.names().count)
        store.close()
    }
}
