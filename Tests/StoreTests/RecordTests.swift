//  Records are read by time across months, and go by months.

import DocumentStore
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct RecordTests {
    private static let day: Int64 = 86_400

    /// Two records on each of 100 days from the middle of November 2023.
    private func filledStore() throws -> SQLiteStore {
        let store = try StoreFixture().store
        var records: [StoredRecord] = []
        for day in 0..<100 {
            for id in ["a", "b"] {
                records.append(
                    StoredRecord(
                        scope: account,
                        kind: "cdr",
                        time: 1_700_000_000 + Int64(day) * Self.day,
                        id: DocumentID("\(id)\(day)"),
                        body: Array(#"{"day":\#(day)}"#.utf8)
                    )
                )
            }
        }
        try store.append(records.shuffled())
        return store
    }

    private func ids(_ store: SQLiteStore, _ query: RecordQuery, in scope: Scope = account) throws -> [String] {
        var query = query
        var ids: [String] = []
        repeat {
            let page = try store.records(query, in: scope)
            ids += page.records.map(\.id.text)
            query.start = page.next
        } while query.start != nil
        return ids
    }

    @Test(arguments: [1, 3, 50, 199, 200, 201])
    func aPageGoesAcrossMonths(limit: Int) throws {
        let store = try filledStore()
        let all = (0..<100).flatMap { ["a\($0)", "b\($0)"] }
        let times = Int64(0)..<Int64.max
        #expect(try ids(store, RecordQuery(kind: "cdr", times: times, order: .ascending, limit: limit)) == all)
        #expect(
            try ids(store, RecordQuery(kind: "cdr", times: times, order: .descending, limit: limit)) == all.reversed()
        )
        #expect(try ids(store, RecordQuery(kind: "cdr", times: times, limit: limit), in: otherAccount) == [])
        #expect(try ids(store, RecordQuery(kind: "other", times: times, limit: limit)) == [])
    }

    @Test func aRangeOfTimesIsHalfOpen() throws {
        let store = try filledStore()
        let first = 1_700_000_000 + 20 * Self.day
        let query = RecordQuery(kind: "cdr", times: first..<first + 2 * Self.day, order: .ascending, limit: 9)
        #expect(try ids(store, query) == ["a20", "b20", "a21", "b21"])
        #expect(try ids(store, RecordQuery(kind: "cdr", times: first..<first, limit: 9)) == [])
    }

    @Test func monthsGoAtOnce() throws {
        let store = try filledStore()
        #expect(try store.recordMonths().map(\.description) == ["202311", "202312", "202401", "202402"])
        let january = try #require(CalendarMonth(year: 2024, month: 1))
        #expect(try store.dropRecords(before: january) == 2)
        #expect(try store.recordMonths().map(\.description) == ["202401", "202402"])
        let rest = try ids(store, RecordQuery(kind: "cdr", times: 0..<Int64.max, order: .ascending, limit: 9))
        #expect(rest.first == "a48")  // 1 January 2024, 22:13:20
        #expect(try store.dropRecords(before: january) == 0)
        #expect(try store.reader.check() == [])
    }

    @Test(arguments: [
        (0, "197001"), (-1, "196912"), (951_782_400, "200002"), (951_868_799, "200002"), (951_868_800, "200003"),
        (1_709_164_800, "202402"), (1_709_251_200, "202403"), (1_703_980_800, "202312"), (1_704_067_200, "202401"),
        (253_402_300_799, "999912"), (Int64.max, "999912"), (Int64.min, "000001"), (-62_167_219_200, "000001"),
    ])
    func aTimeIsOfOneMonth(time: Int64, month: String) {
        #expect(CalendarMonth(containing: time).description == month)
        #expect(CalendarMonth(month) == CalendarMonth(containing: time))
    }

    @Test(arguments: ["202313", "202300", "2023", "", "-20231", "20231a"])
    func otherTextsAreNoMonths(text: String) {
        #expect(CalendarMonth(text) == nil)
    }
}
