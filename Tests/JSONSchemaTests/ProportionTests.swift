//  An answer stays in proportion to the question.

import JSON
import Testing

@testable import JSONSchema

@Suite struct ProportionTests {
    @Test func aThousandForbiddenMembersAreNotRepeatedAThousandTimes() throws {
        let schema: JSON = ["type": "object", "additionalProperties": false]
        let set = try SchemaSet([(name: "closed", source: schema)])
        let members = JSONObject((0..<1_000).map { ("k\($0)", JSON.string("value")) })
        let result = try #require(set["closed"]).validate(.object(members))
        let answer = result.violations.json
        #expect(answer.object?.count == Violations.countLimit)
        #expect(answer.bytes().count < 50_000)
        #expect(answer["k0"]?["additionalProperties"]?["value"] == nil)
    }

    @Test func aSmallValueIsRepeated() throws {
        var violations = Violations()
        violations.add(path: "a", rule: "type", message: "wrong", value: ["x": 1])
        #expect(violations.json["a"]?["type"]?["value"] == ["x": 1])
    }

    /// A value, and whether it is larger than ten bytes.
    static let sizes: [(JSON, Bool)] = [
        ("12345678", false), ("123456789", true), (.array(Array(repeating: 1, count: 9)), true), (.array([]), false),
        (["k": "vv"], false), (["k": "vvvvvvv"], true), (.null, false),
    ]

    @Test(arguments: sizes)
    func aLimitIsTheTextsSize(value: JSON, isLarger: Bool) {
        #expect(value.isLarger(than: 10) == isLarger)
    }
}
