//  I6 and I9: nothing crosses a scope, and a delete leaves a tombstone.

import DocumentStore
import Testing

@testable import SQLiteStore

@Suite struct ScopeTests {
    @Test func aDocumentOfAnotherScopeDoesNotExist() throws {
        let store = try StoreFixture().store
        let ann = try store.create(.named("Ann", "u1", keys: ["k"], references: ["d1"]))
        for scope in [otherAccount, .system] {
            #expect(try store.document("u1", in: scope) == nil)
            #expect(try store.names(in: scope).isEmpty)
            #expect(try store.count(of: "listing", in: scope) == 0)
            #expect(try store.references(to: "d1", in: scope, limit: 10).isEmpty)
            #expect(try store.holder(of: UniqueKey(scope: scope, name: "key", value: "k")) == nil)
            let address = DocumentAddress("u1", in: scope)
            let changes = ChangeSet(preconditions: [.exists(address)])
            #expect(storeError { () throws(StoreError) in try store.commit(changes) } == .missing(address))
            let foreign = DocumentWrite.named("Bea", "u1", in: scope, replacing: ann.revision)
            #expect(
                storeError { () throws(StoreError) in try store.create(foreign) } == .conflict(address, current: nil)
            )
        }
    }

    @Test func oneIDMayExistInEachScope() throws {
        let store = try StoreFixture().store
        let documents = try [account, otherAccount, .system].map { try store.create(.named("x", "limits", in: $0)) }
        for document in documents { #expect(try store.document("limits", in: document.scope) == document) }
    }

    @Test func aDeleteLeavesATombstoneThatCanBeRestored() throws {
        let store = try StoreFixture().store
        let first = try store.create(.named("Ann", "u1", keys: ["k"], references: ["d1"]))
        let grave = try store.create(.tombstone(of: first))
        #expect(try store.document("u1", in: account) == grave)
        #expect(try store.names().isEmpty)
        #expect(try store.count(of: "listing", in: account) == 0)
        #expect(try store.references(to: "d1", in: account, limit: 10).isEmpty)
        let changes = ChangeSet(preconditions: [.exists(first.address)])
        #expect(storeError { () throws(StoreError) in try store.commit(changes) } == .missing(first.address))

        // A tombstone keeps its id.
        let error = storeError { () throws(StoreError) in try store.create(.named("New", "u1")) }
        #expect(error == .conflict(first.address, current: grave.revision))

        let restored = try store.create(.named("Ann", "u1", replacing: grave.revision, keys: ["k"]))
        #expect(try store.document("u1", in: account) == restored)
        #expect(try store.names() == ["u1"])
    }

    @Test func aDocumentThatIsNamedIsNotToBeDeleted() throws {
        let store = try StoreFixture().store
        let device = try store.create(.named("Phone", "d1", type: "device"))
        let user = try store.create(.named("Ann", "u1", references: ["d1"]))
        let reference = IncomingReference(field: "target", source: "u1", sourceType: "user")
        var changes = ChangeSet(
            writes: [.tombstone(of: device)],
            preconditions: [.unreferenced(device.address)]
        )
        let error = storeError { () throws(StoreError) in try store.commit(changes) }
        #expect(error == .referenced(device.address, by: reference))

        // Together with the document that names it, it may go, even if that one stays and still names it.
        changes.writes.append(.named("Ann", "u1", replacing: user.revision, references: ["d1"]))
        try store.commit(changes)
        #expect(try store.document("d1", in: account)?.isDeleted == true)
    }

    @Test func referencesAreOrderedByFieldAndID() throws {
        let store = try StoreFixture().store
        for id in ["u3", "u1", "u2"] { try store.create(.named("n", DocumentID(id), references: ["d1"])) }
        #expect(try store.references(to: "d1", in: account, limit: 2).map(\.source) == ["u1", "u2"])
        #expect(try store.references(to: "d1", in: account, limit: 9).map(\.source) == ["u1", "u2", "u3"])
    }
}
