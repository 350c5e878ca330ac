//  Damaged files: what is read is what was written, or an error; the log loses its end and nothing else.

import DocumentStore
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct DamageTests {
    private static let count = 60

    private func filledStore() throws -> StoreFixture {
        let fixture = try StoreFixture(SQLiteStore.Options(checkpointPages: .max))
        for index in 0..<Self.count {
            try fixture.store.create(.named("n\(100 + index)", DocumentID("u\(100 + index)"), keys: ["k\(index)"]))
        }
        return fixture
    }

    /// Opens a store on files that may be damaged, reads everything, and closes it.
    private func read(_ directory: String, _ body: (SQLiteStore) throws -> Void) throws {
        let store: SQLiteStore
        do {
            store = try SQLiteStore(directory: directory) { _ in }
        } catch StoreError.corrupt {
            return
        }
        try body(store)
        store.close()
    }

    @Test func aFlippedBitIsNeverServed() throws {
        let fixture = try filledStore()
        let originals = try (0..<Self.count).map {
            try #require(try fixture.store.document(DocumentID("u\(100 + $0)"), in: account))
        }
        let entries = try fixture.store.page(ListQuery(view: "listing", limit: 100), in: account).entries
        fixture.store.close()
        let file = URL(fileURLWithPath: fixture.directory.path + "/documents.sqlite")
        let bytes = try Data(contentsOf: file)
        var generator = SeededGenerator(seed: 1)
        var errors = 0
        for _ in 0..<400 {
            var damaged = bytes
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let directory = TemporaryDirectory()
            try damaged.write(to: URL(fileURLWithPath: directory.path + "/documents.sqlite"))
            try read(directory.path) { store in
                for original in originals {
                    do {
                        let document = try store.document(original.id, in: account)
                        // A damaged index may hide a document, never change one.
                        #expect(document == nil || document == original, "byte \(place)")
                        if document == nil { errors += 1 }
                    } catch StoreError.corrupt {
                        errors += 1
                    }
                }
                do {
                    let page = try store.page(ListQuery(view: "listing", limit: 100), in: account)
                    #expect(page.entries.allSatisfy { entries.contains($0) }, "byte \(place)")
                } catch StoreError.corrupt {
                    errors += 1
                }
            }
        }
        #expect(errors > 0)
    }

    /// A log that ends anywhere holds the commits up to there, whole.
    @Test func aTornLogLosesOnlyItsEnd() throws {
        let fixture = try filledStore()
        let database = try Data(contentsOf: URL(fileURLWithPath: fixture.directory.path + "/documents.sqlite"))
        let log = try Data(contentsOf: URL(fileURLWithPath: fixture.directory.path + "/documents.sqlite-wal"))
        try #require(log.count > 100_000)
        var generator = SeededGenerator(seed: 2)
        var last = -1
        let lengths = (0..<60).map { _ in Int.random(in: 0...log.count, using: &generator) }.sorted()
        for length in lengths + [log.count] {
            let directory = TemporaryDirectory()
            try database.write(to: URL(fileURLWithPath: directory.path + "/documents.sqlite"))
            try log.prefix(length).write(to: URL(fileURLWithPath: directory.path + "/documents.sqlite-wal"))
            try read(directory.path) { store in
                let ids = try store.names()
                #expect(ids == (0..<ids.count).map { "u\(100 + $0)" })
                #expect(ids.count >= last)
                last = ids.count
                #expect(try store.reader.check() == [])
            }
        }
        #expect(last == Self.count)
    }

    @Test func aFlippedBitInTheLogLosesOnlyWhatFollows() throws {
        let fixture = try filledStore()
        let database = try Data(contentsOf: URL(fileURLWithPath: fixture.directory.path + "/documents.sqlite"))
        let log = try Data(contentsOf: URL(fileURLWithPath: fixture.directory.path + "/documents.sqlite-wal"))
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<60 {
            var damaged = log
            let place = Int.random(in: 32..<log.count, using: &generator)
            damaged[place] ^= 0x10
            let directory = TemporaryDirectory()
            try database.write(to: URL(fileURLWithPath: directory.path + "/documents.sqlite"))
            try damaged.write(to: URL(fileURLWithPath: directory.path + "/documents.sqlite-wal"))
            try read(directory.path) { store in
                let ids = try store.names()
                #expect(ids == (0..<ids.count).map { "u\(100 + $0)" })
                #expect(ids.count < Self.count)
                #expect(try store.reader.check() == [])
            }
        }
    }
}
