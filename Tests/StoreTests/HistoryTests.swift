//  Tombstones and past revisions: listed, read, purged.

import DocumentStore
import Testing

@testable import SQLiteStore

@Suite struct HistoryTests {
    /// Deletes five users at the times 10, 10, 20, 30, 40 and one device.
    private func storeWithTombstones() throws -> SQLiteStore {
        let store = try StoreFixture().store
        for (index, time) in [10, 10, 20, 30, 40].enumerated() {
            let id = DocumentID("u\(index)")
            let document = try store.create(.named("n", id, keys: ["k\(index)"]))
            var grave = DocumentWrite.tombstone(of: document)
            grave.document.modified = Int64(time)
            try store.create(grave)
        }
        let device = try store.create(.named("n", "d0", type: "device"))
        try store.create(.tombstone(of: device))
        try store.create(.named("n", "alive"))
        return store
    }

    @Test(arguments: [1, 2, 3, 10])
    func tombstonesAreListedLatestFirst(pageSize: Int) throws {
        let store = try storeWithTombstones()
        var ids: [String] = []
        var start: TombstonePosition?
        repeat {
            let page = try store.tombstones(of: "user", in: account, from: start, limit: pageSize + 1)
            ids += page.prefix(pageSize).map(\.id.text)
            start = page.count > pageSize ? page.last.map { TombstonePosition(deleted: $0.modified, id: $0.id) } : nil
        } while start != nil
        #expect(ids == ["u4", "u3", "u2", "u1", "u0"])
        #expect(try store.tombstones(of: "user", in: otherAccount, from: nil, limit: 9).isEmpty)
    }

    @Test func purgingRemovesOldTombstonesAndTheirIDsAreFree() throws {
        let store = try storeWithTombstones()
        let grave = try #require(try store.document("u0", in: account))
        #expect(try store.purgeTombstones(before: 30, limit: 100) == 4)  // the device was deleted at the time 3
        #expect(try store.document("u0", in: account) == nil)
        #expect(try store.pastRevisions(of: "u0", in: account).isEmpty)
        #expect(try store.tombstones(of: "user", in: account, from: nil, limit: 9).map(\.id) == ["u4", "u3"])
        #expect(try store.document("alive", in: account)?.isDeleted == false)
        let error = storeError { () throws(StoreError) in
            try store.create(.named("n", "u0", replacing: grave.revision))
        }
        #expect(error == .conflict(grave.address, current: nil))
        #expect(try store.create(.named("n", "u0")).revision.generation == 1)
    }

    @Test func purgingGoesInBatches() throws {
        let store = try storeWithTombstones()
        #expect(try store.purgeTombstones(before: 100, limit: 4) == 4)
        #expect(try store.purgeTombstones(before: 100, limit: 4) == 2)
        #expect(try store.purgeTombstones(before: 100, limit: 4) == 0)
    }

    @Test func pastRevisionsAreKeptWithoutPrivateFields() throws {
        let store = try StoreFixture(SQLiteStore.Options(pastRevisions: 3)).store
        var documents = [try store.create(.named("0", "u1"))]
        for index in 1...5 {
            documents.append(try store.create(.named("\(index)", "u1", replacing: documents[index - 1].revision)))
        }
        let past = try store.pastRevisions(of: "u1", in: account)
        #expect(past.map(\.revision) == [documents[4], documents[3], documents[2]].map(\.revision))
        #expect(past.map(\.body) == [documents[4], documents[3], documents[2]].map(\.body))
        #expect(try store.pastRevision(documents[3].revision, of: "u1", in: account)?.body == documents[3].body)
        #expect(try store.pastRevision(documents[1].revision, of: "u1", in: account) == nil)
        #expect(try store.pastRevision(documents[3].revision, of: "u1", in: otherAccount) == nil)
    }

    @Test func pastRevisionsGoWithTime() throws {
        let store = try StoreFixture().store
        var revision: Revision?
        for time in [10, 20, 30] {
            var write = DocumentWrite.named("\(time)", "u1", replacing: revision)
            write.document.modified = Int64(time)
            revision = try store.create(write).revision
        }
        #expect(try store.purgePastRevisions(before: 30, limit: 10) == 1)
        #expect(try store.pastRevisions(of: "u1", in: account).map(\.modified) == [20])
    }

    @Test func aStoreMayKeepNoPastRevisions() throws {
        let store = try StoreFixture(SQLiteStore.Options(pastRevisions: 0)).store
        let first = try store.create(.named("0", "u1"))
        try store.create(.named("1", "u1", replacing: first.revision))
        #expect(try store.pastRevisions(of: "u1", in: account).isEmpty)
    }
}
