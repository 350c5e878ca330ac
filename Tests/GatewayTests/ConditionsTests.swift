//  Preconditions and timestamps.

import Testing

@testable import Gateway

@Suite struct ConditionsTests {
    /// `If-None-Match`, the revision, and whether the client has it.
    static let reads: [(String?, String?, Bool)] = [
        ("\"1-a\"", "1-a", true), ("W/\"1-a\"", "1-a", true), ("\"0-x\", \"1-a\"", "1-a", true), ("*", "1-a", true),
        ("\"2-b\"", "1-a", false), (nil, "1-a", false), ("\"1-a\"", nil, false),
        ("\t 1-a ", "1-a", true), ("\"2-b\" , \"1-a\" ", "1-a", true),
        // A blank or a quote within a tag is part of it.
        ("1- a", "1-a", false), ("1\"-a", "1-a", false), ("\"*\"", "1-a", false),
    ]

    @Test(arguments: reads)
    func aClientThatHasTheRevisionIsToldSo(field: String?, revision: String?, expected: Bool) {
        #expect(Conditions(ifNoneMatch: field).isNotModified(revision) == expected)
    }

    /// `If-Match`, the revision, and whether the change may go on.
    static let writes: [(String?, String?, Bool)] = [
        (nil, "1-a", true), (nil, nil, true), ("\"1-a\"", "1-a", true), ("W/\"1-a\"", "1-a", true), ("*", "1-a", true),
        ("\"2-b\"", "1-a", false), ("*", nil, false), ("\"1-a\"", nil, false), ("", "1-a", false),
    ]

    @Test(arguments: writes)
    func aChangeOfAnotherRevisionIsRefused(field: String?, revision: String?, mayGoOn: Bool) {
        if mayGoOn {
            #expect(throws: Never.self) { try Conditions(ifMatch: field).check(current: revision) }
        } else {
            #expect(throws: APIError.preconditionFailed(current: revision)) {
                try Conditions(ifMatch: field).check(current: revision)
            }
        }
    }

    /// Unix seconds and their text.
    static let times: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_795_295_462, "2026-11-21T21:11:02Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
        (-gregorianOffset, "0000-01-01T00:00:00Z"),
    ]

    @Test(arguments: times)
    func timesAreWrittenInUTC(seconds: Int64, text: String) {
        #expect(timestamp(seconds) == text)
    }
}
