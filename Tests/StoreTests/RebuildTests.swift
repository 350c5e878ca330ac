//  Projections are written anew in batches, while the store is written.

import DocumentStore
import JSON
import Testing

@testable import SQLiteStore

@Suite struct RebuildTests {
    /// What a newer release would project: another view, and a unique key by name.
    private func projection(of document: StoredDocument) -> Projection {
        let key = CollationKey([.string(document.id.text)])
        let name = String(decoding: document.body, as: UTF8.self)
        return Projection(
            rows: [ListRow(scope: document.scope, view: "by_id", key: key, summary: document.body)],
            uniqueKeys: [UniqueKey(scope: document.scope, name: "body", value: name)]
        )
    }

    private func rebuildBatch(of store: SQLiteStore, after position: Int64, limit: Int) throws -> Int64? {
        let batch = try store.documents(of: "user", after: position, limit: limit)
        let items = batch.map {
            Reprojection($0.document.address, at: $0.document.revision, projection: projection(of: $0.document))
        }
        let next = batch.count < limit ? nil : batch.last?.position
        let taken = try store.reproject(items, of: "user", progress: ProjectionProgress(version: 2, position: next))
        #expect(taken.isEmpty)
        return next
    }

    @Test(arguments: [1, 3, 7, 100])
    func aRebuildReplacesEveryProjectionOfTheType(batchSize: Int) throws {
        let store = try StoreFixture().store
        for index in 0..<20 { try store.create(.named("n\(index)", DocumentID("u\(100 + index)"))) }
        try store.create(.named("phone", "d1", type: "device"))
        #expect(try store.projectionProgress(of: "user") == nil)
        var position: Int64? = 0
        while let after = position { position = try rebuildBatch(of: store, after: after, limit: batchSize) }
        #expect(try store.projectionProgress(of: "user") == ProjectionProgress(version: 2, position: nil))
        #expect(try store.names("by_id") == (0..<20).map { "u\(100 + $0)" })
        #expect(try store.count(of: "by_id", in: account) == 20)
        #expect(try store.names("listing") == ["d1"])
        #expect(try store.count(of: "listing", in: account) == 1)
    }

    @Test func aRebuildGoesOnWhereAProcessEnded() throws {
        let fixture = try StoreFixture()
        for index in 0..<10 { try fixture.store.create(.named("n\(index)", DocumentID("u\(100 + index)"))) }
        _ = try rebuildBatch(of: fixture.store, after: 0, limit: 4)
        fixture.store.close()
        let store = try SQLiteStore(directory: fixture.directory.path) { _ in }
        let progress = try #require(try store.projectionProgress(of: "user"))
        #expect(!progress.isComplete)
        #expect(try store.names("by_id").count == 4)
        _ = try rebuildBatch(of: store, after: try #require(progress.position), limit: 100)
        #expect(try store.names("by_id").count == 10)
        store.close()
    }

    @Test func aDocumentWrittenMeanwhileIsPassedOver() throws {
        let store = try StoreFixture().store
        let old = try store.create(.named("old", "u1"))
        let item = Reprojection(old.address, at: old.revision, projection: projection(of: old))
        try store.create(.named("new", "u1", replacing: old.revision))
        #expect(
            try store.reproject([item], of: "user", progress: ProjectionProgress(version: 2, position: nil)).isEmpty
        )
        #expect(try store.names("by_id").isEmpty)
        #expect(try store.names("listing") == ["u1"])
    }

    @Test func aKeyThatOthersHoldIsReportedAndTheRestIsDone() throws {
        let store = try StoreFixture().store
        let documents = try ["u1", "u2"].map { try store.create(.named("same", DocumentID($0))) }
        let key = UniqueKey(scope: account, name: "name", value: "same")
        let items = documents.map {
            Reprojection($0.address, at: $0.revision, projection: Projection(uniqueKeys: [key]))
        }
        let taken = try store.reproject(items, of: "user", progress: ProjectionProgress(version: 2, position: nil))
        #expect(taken == [key])
        #expect(try store.holder(of: key)?.id == "u1")
        #expect(try store.projectionProgress(of: "user")?.isComplete == true)
    }
}
