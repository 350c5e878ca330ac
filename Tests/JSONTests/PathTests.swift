//  Ways into a value.

import JSON
import Testing

@Suite struct PathTests {
    static let document: JSON = [
        "a": ["b": [10, ["c": true]]], "x.y": ["z": 1], "list": [[1, 2], [3]], "": ["": 5], "scalar": "s",
    ]

    /// Path, value or nil.
    static let ways: [(String, JSON?)] = [
        ("", document), ("a.b.0", 10), ("a.b.1.c", true), ("x%2Ey.z", 1), ("x%2ey.z", 1), ("x.y.z", nil),
        ("list.1.0", 3),
        ("list.2", nil), ("list.-1", nil), ("list.01", nil), ("list.+1", nil), (".", 5), ("scalar.0", nil),
        ("scalar.x", nil), ("nothing", nil), ("list.99999999999999999999", nil),
    ]

    @Test(arguments: ways)
    func aPathLeadsToItsValue(path: String, expected: JSON?) {
        #expect(PathTests.document[path: JSONPath(path)] == expected)
        #expect(PathTests.document.value(at: JSONPath(path)) == expected)
    }

    @Test(arguments: [["a", "b", "0"], ["x.y"], ["a.b.c", ".", "..", "d"], ["", ""], ["100%"], ["%2"]])
    func theTextOfAPathComesBack(elements: [String]) {
        let path = JSONPath(elements: elements)
        #expect(JSONPath(path.description) == path)
        #expect(path.description == elements.map { $0.replacing(".", with: "%2E") }.joined(separator: "."))
    }

    @Test func pathsGrowByKeyAndByIndex() {
        #expect(JSONPath().appending("emails").appending(0).appending("a.b").description == "emails.0.a%2Eb")
    }

    /// Before, path, value or nil to remove, after or nil when refused.
    static let changes: [(JSON, String, JSON?, JSON?)] = [
        ([:], "a", 1, ["a": 1]),
        ([:], "a.b.c", 1, ["a": ["b": ["c": 1]]]),
        (["a": "s"], "a.b", 1, ["a": ["b": 1]]),
        (["a": [1, 2]], "a.1", 3, ["a": [1, 3]]),
        (["a": [1, 2]], "a.2", 3, ["a": [1, 2, 3]]),
        (["a": [1, 2]], "a.2.b", 3, ["a": [1, 2, ["b": 3]]]),
        (["a": [1, 2]], "a.3", 3, nil),
        (["a": [1, 2]], "a.x", 3, nil),
        (["a": [1, 2]], "a.x.y", 3, nil),
        (["a": ["b": 1, "c": 2]], "a.b", nil, ["a": ["c": 2]]),
        (["a": [1, 2]], "a.0", nil, ["a": [2]]),
        (["a": 1], "b.c", nil, ["a": 1]),
        (["a": 1], "a.b", nil, ["a": 1]),
        (1, "", 2, 2),
    ]

    @Test(arguments: changes)
    func settingMakesTheWayOrChangesNothing(before: JSON, path: String, value: JSON?, after: JSON?) {
        var changed = before
        let isChanged = changed.set(value, at: JSONPath(path))
        #expect(isChanged == (after != nil))
        #expect(changed == after ?? before)
    }

    @Test func aWayDeeperThanAnyTextIsNotMade() {
        var value: JSON = [:]
        let isMade = [64, 65].map { value.set(1, at: JSONPath(elements: Array(repeating: "a", count: $0))) }
        #expect(isMade == [true, false])
        #expect(throws: Never.self) { try JSON.check(value.bytes()) }
    }
}
