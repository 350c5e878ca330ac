//  What a document has written into other tables is found again from its trace.

import DocumentStore
import JSON
import Testing

@testable import SQLiteStore

@Suite struct ProjectionTraceTests {
    private static let address = DocumentAddress("u1", in: account)
    private static let projection = Projection(
        rows: [
            ListRow(scope: account, view: "users", key: CollationKey(["Ann \"Q\"", 1, .null]), summary: []),
            ListRow(scope: .system, view: "users", key: CollationKey(bytes: [0, 127, 255]), summary: []),
            ListRow(scope: .account("b"), view: "users", key: CollationKey(bytes: []), summary: []),
        ],
        uniqueKeys: [
            UniqueKey(scope: account, name: "email", value: "ann@example.com"),
            UniqueKey(scope: .system, name: "mac", value: "\u{0}\\é\u{1F600}"),
        ],
        references: [OutgoingReference(field: "devices[].id", target: "d1")]
    )

    @Test func allIsFoundAgain() throws {
        let trace = ProjectionTrace(Self.projection, in: account)
        let places = try ProjectionTrace(stored: trace.text).places(of: Self.address)
        #expect(places.rows == Set(Self.projection.rows.map(\.place)))
        #expect(places.keys == Set(Self.projection.uniqueKeys))
        #expect(places.references == Set(Self.projection.references))
    }

    /// Texts that a person reads alike are different values.
    @Test func tracesAreComparedByteByByte() {
        func trace(_ value: String) -> ProjectionTrace {
            ProjectionTrace(Projection(uniqueKeys: [UniqueKey(scope: account, name: "n", value: value)]), in: account)
        }
        #expect(trace("\u{E9}") != trace("e\u{301}"))
        #expect(trace("e") == trace("e"))
    }

    @Test(arguments: [
        "", "[]", "{", #"{"rows":[1]}"#, #"{"rows":[[null,"v","0"]]}"#, #"{"rows":[[null,"v","0g"]]}"#,
        #"{"rows":[[1,"v","00"]]}"#, #"{"keys":[["","n"]]}"#, #"{"references":[["f",1]]}"#,
    ])
    func aDamagedTraceIsNamed(text: String) {
        let error = storeError { () throws(StoreError) in _ = try ProjectionTrace(stored: text).places(of: Self.address)
        }
        guard case .corrupt(let sentence) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sentence.contains("document u1 of account"))
    }

    /// A text that changes its form, but not what a person reads, leaves nothing of the old one behind.
    @Test func theOldFormOfATextGoes() throws {
        let store = try StoreFixture().store
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let first = try store.create(.named("Ann", "u1", keys: [composed], view: "listing/\(composed)"))
        let second = DocumentWrite.named(
            "Ann",
            "u1",
            replacing: first.revision,
            keys: [decomposed],
            view: "listing/\(decomposed)"
        )
        try store.create(second)
        #expect(try store.reader.check() == [])
        #expect(try store.count(of: "listing/\(composed)", in: account) == 0)
        #expect(try store.names("listing/\(decomposed)").count == 1)
        #expect(try store.holder(of: UniqueKey(scope: account, name: "key", value: composed)) == nil)
        try store.create(.tombstone(of: second.document))
        #expect(try store.holder(of: UniqueKey(scope: account, name: "key", value: decomposed)) == nil)
        #expect(try store.reader.check() == [])
    }

    /// Where nothing moves, a reference still tells the type that its source has now.
    @Test func aDocumentCanBecomeAnotherType() throws {
        let store = try StoreFixture().store
        let user = try store.create(.named("Ann", "u1", references: ["d1"]))
        try store.create(.named("Ann", "u1", type: "group", replacing: user.revision, references: ["d1"]))
        #expect(try store.references(to: "d1", in: account, limit: 9).map(\.sourceType) == ["group"])
        #expect(try store.reader.check() == [])
    }
}
