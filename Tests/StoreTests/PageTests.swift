//  I7: a page costs one index range, and its cursor is key and id.

import DocumentStore
import GRDB
import JSON
import Testing

@testable import SQLiteStore

@Suite struct PageTests {
    /// Fifteen rows with five different keys.
    private func filledStore() throws -> StoreFixture {
        let fixture = try StoreFixture()
        for index in 0..<15 {
            try fixture.store.create(.named("n\(index % 5)", DocumentID("u\(100 + index)")))
        }
        return fixture
    }

    private let ascending: [String] = (0..<5).flatMap { key in [0, 5, 10].map { "u\(100 + key + $0)" } }

    @Test(arguments: [1, 2, 3, 4, 7, 14, 15, 16])
    func equalKeysNeitherRepeatNorGetLost(pageSize: Int) throws {
        let store = try filledStore().store
        #expect(try store.names(order: .ascending, pageSize: pageSize) == ascending)
        #expect(try store.names(order: .descending, pageSize: pageSize) == ascending.reversed())
    }

    @Test func aPageIsInclusiveBelowAndExclusiveAbove() throws {
        let store = try filledStore().store
        let bounds = (lower: CollationKey([.string("n1")]), upper: CollationKey([.string("n3")]))
        for order in [ListQuery.Order.ascending, .descending] {
            let query = ListQuery(
                view: "listing",
                lowerBound: bounds.lower,
                upperBound: bounds.upper,
                order: order,
                limit: 100
            )
            let ids = try store.page(query, in: account).entries.map(\.address.id.text)
            #expect(ids.sorted() == ascending[3..<9].sorted())
        }
    }

    @Test func aPositionWithoutAnIDIsTheFirstOfItsKeyInTheDirectionOfReading() throws {
        let store = try filledStore().store
        let start = ListPosition(key: CollationKey([.string("n2")]))
        var query = ListQuery(view: "listing", order: .ascending, start: start, limit: 3)
        #expect(try store.page(query, in: account).entries.map(\.address.id.text) == ["u102", "u107", "u112"])
        query.order = .descending
        #expect(try store.page(query, in: account).entries.map(\.address.id.text) == ["u112", "u107", "u102"])
    }

    @Test(arguments: [1, 4, 100])
    func theSummariesOfAPageAreThoseOfItsEntries(limit: Int) throws {
        let store = try filledStore().store
        var query = ListQuery(view: "listing", order: .ascending, limit: limit)
        var count = 0
        repeat {
            let page = try store.page(query, in: account)
            let summaries = try store.summaries(query, in: account)
            #expect(summaries.rows == page.entries.map(\.summary))
            #expect(summaries.next == page.next)
            count += summaries.rows.count
            query.start = summaries.next
        } while query.start != nil
        #expect(count == ascending.count)
    }

    @Test func aPrefixOfTheKeyIsARange() throws {
        let store = try filledStore().store
        let (lower, upper) = CollationKey.prefixRange([], thenStringStartingWith: "N3")
        let query = ListQuery(view: "listing", lowerBound: lower, upperBound: upper, order: .ascending, limit: 9)
        #expect(try store.page(query, in: account).entries.map(\.address.id.text) == ["u103", "u108", "u113"])
    }

    @Test func theCursorSurvivesInsertsAndDeletes() throws {
        let store = try filledStore().store
        let first = try store.page(ListQuery(view: "listing", order: .ascending, limit: 5), in: account)
        #expect(first.entries.map(\.address.id.text) == Array(ascending[..<5]))
        // The row at which the next page begins goes, rows come on both sides of it.
        let gone = try #require(try store.document(DocumentID(ascending[5]), in: account))
        try store.create(.tombstone(of: gone))
        try store.create(.named("n0", "before"))
        try store.create(.named("n9", "zafter"))
        let second = try store.page(
            ListQuery(view: "listing", order: .ascending, start: first.next, limit: 100),
            in: account
        )
        #expect(second.entries.map(\.address.id.text) == Array(ascending[6...]) + ["zafter"])
        #expect(second.next == nil)
    }

    @Test func documentsOfSeveralScopesListThemselvesInOneViewWithOneID() throws {
        let store = try StoreFixture().store
        for number in 1...5 {
            let scope = Scope.account(DocumentID("a\(number)"))
            var write = DocumentWrite.named("limits", "limits", in: scope)
            write.projection.rows[0].scope = .system
            try store.create(write)
        }
        for order in [ListQuery.Order.ascending, .descending] {
            var owners: [String] = []
            var query = ListQuery(view: "listing", order: order, limit: 2, includesDocuments: true)
            repeat {
                let page = try store.page(query, in: .system)
                owners += page.entries.map(\.address.scope.text)
                #expect(page.entries.allSatisfy { $0.document?.address == $0.address })
                query.start = page.next
            } while query.start != nil
            let expected = ["a1", "a2", "a3", "a4", "a5"]
            #expect(owners == (order == .ascending ? expected : expected.reversed()))
        }
    }

    @Test func entriesCarryTheirDocumentsWhenAsked() throws {
        let store = try filledStore().store
        var query = ListQuery(view: "listing", limit: 4)
        #expect(try store.page(query, in: account).entries.allSatisfy { $0.document == nil })
        query.includesDocuments = true
        for entry in try store.page(query, in: account).entries {
            #expect(try entry.document == store.document(entry.address.id, in: account))
        }
    }

    @Test func anEmptyViewHasAnEmptyPage() throws {
        let store = try StoreFixture().store
        #expect(try store.page(ListQuery(view: "none", limit: 5), in: account) == ListPage(entries: [], next: nil))
        #expect(try store.count(of: "none", in: account) == 0)
    }

    /// Bounds, position and order of a query, by which its SQL differs.
    static let shapes: [ListQuery] = {
        let key = CollationKey([.string("n")])
        let starts: [ListPosition?] = [
            nil, ListPosition(key: key), ListPosition(key: key, id: "u"),
            ListPosition(key: key, id: "u", owner: account),
        ]
        var queries: [ListQuery] = []
        for order in [ListQuery.Order.ascending, .descending] {
            for start in starts {
                for bound in [nil, key] {
                    for withDocuments in [false, true] {
                        queries.append(
                            ListQuery(
                                view: "v",
                                lowerBound: bound,
                                upperBound: bound,
                                order: order,
                                start: start,
                                limit: 50,
                                includesDocuments: withDocuments
                            )
                        )
                    }
                }
            }
        }
        return queries
    }()

    @Test(arguments: shapes)
    func everyShapeOfQueryIsARangeOfTheTableAndSortsNothing(query: ListQuery) throws {
        let store = try StoreFixture().store
        let plan = try store.readers.read { database throws(StoreError) -> [String] in
            let statement = try database.prepare("EXPLAIN QUERY PLAN " + pageSQL(query), pageValues(query, in: account))
            var steps: [String] = []
            while try statement.step() { steps.append(statement.text(3)) }
            return steps
        }
        #expect(plan.first?.hasPrefix("SEARCH r USING PRIMARY KEY (scope=? AND view=?") == true)
        if query.start != nil { #expect(plan.first?.contains("key") == true) }
        #expect(plan.allSatisfy { !$0.contains("SCAN") && !$0.contains("TEMP B-TREE") })
    }
}
