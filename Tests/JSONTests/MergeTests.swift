//  PATCH: what a patch makes of a stored value.

import JSON
import Testing

@Suite struct MergeTests {
    /// Stored, patch, result; all compared as text, so the order of members counts.
    static let vectors: [(String, String, String)] = [
        (#"{"a":1,"b":2}"#, #"{"a":3}"#, #"{"a":3,"b":2}"#),
        (#"{"a":1}"#, #"{"b":2}"#, #"{"a":1,"b":2}"#),
        (#"{"a":1,"b":2}"#, #"{"a":null}"#, #"{"b":2}"#),
        (#"{"a":1}"#, #"{"x":null}"#, #"{"a":1}"#),
        (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":null}}"#, #"{"a":{"c":2}}"#),
        (
            #"{"a":{"b":{"c":1,"d":2}}}"#, #"{"a":{"b":{"c":3,"e":{"f":null,"g":4}}}}"#,
            #"{"a":{"b":{"c":3,"d":2,"e":{"g":4}}}}"#
        ),
        (#"{"a":{"b":1}}"#, #"{"a":{}}"#, #"{"a":{}}"#),
        (#"{"a":{"b":1}}"#, #"{}"#, #"{"a":{"b":1}}"#),
        (#"{"a":[1,2,3]}"#, #"{"a":[4]}"#, #"{"a":[4]}"#),
        (#"{"a":[1]}"#, #"{"a":[]}"#, #"{"a":[]}"#),
        (#"{"a":[{"x":null,"y":1}]}"#, #"{}"#, #"{"a":[{"x":null,"y":1}]}"#),
        (#"{"a":1}"#, #"{"a":[null]}"#, #"{"a":[null]}"#),
        (#"{"a":"s"}"#, #"{"a":{"b":1,"c":null}}"#, #"{"a":{"b":1}}"#),
        (#"{"a":{"b":1}}"#, #"{"a":"s"}"#, #"{"a":"s"}"#),
        (#"{"a":null,"b":{"c":null,"d":1}}"#, #"{"e":1}"#, #"{"b":{"d":1},"e":1}"#),
        (#"{"a":null}"#, #"{}"#, #"{}"#),
        (#"{"a":{"b":null}}"#, #"{"a":{"c":1}}"#, #"{"a":{"c":1}}"#),
        (#"{"a":1}"#, #"[1]"#, #"[1]"#),
        (#"[1]"#, #"{"a":null,"b":1}"#, #"{"b":1}"#),
    ]

    @Test(arguments: vectors)
    func aPatchChangesWhatItNamesAndNothingElse(stored: String, patch: String, expected: String) throws {
        #expect(try JSON(parsing: stored).merging(JSON(parsing: patch)).text() == expected)
    }

    @Test func removingNullsLeavesArraysAlone() throws {
        let value = try JSON(parsing: #"{"a":null,"b":{"c":null,"d":[null,{"e":null}]}}"#)
        #expect(value.removingNulls().text() == #"{"b":{"d":[null,{"e":null}]}}"#)
        #expect(JSON.null.removingNulls() == .null)
    }

    @Test(.timeLimit(.minutes(1)))
    func aPatchOfTenThousandMembersIsQuick() {
        let stored = JSON.object(JSONObject((0..<10_000).map { ("k\($0)", 1) }))
        let patch = JSON.object(JSONObject((0..<10_000).map { ("k\($0)", $0.isMultiple(of: 2) ? .null : 2) }))
        #expect(stored.merging(patch).object?.count == 5_000)
    }
}
