//  Members of objects: order, lookup, equality.

import JSON
import Testing

@Suite struct ObjectTests {
    @Test(arguments: [3, 16, 17, 200])
    func membersKeepTheirOrderWhateverChanges(count: Int) throws {
        let keys = (0..<count).map { "k\(($0 * 7919) % 1009)" }
        var object = JSONObject(keys.map { ($0, JSON.string($0)) })
        #expect(object.keys == keys)
        #expect(object.count == count)
        for key in keys { #expect(object[key] == .string(key)) }
        #expect(object["absent"] == nil)

        object[keys[1]] = 1
        #expect(object.keys == keys)
        #expect(object[keys[1]] == 1)
        object[keys[0]] = nil
        object["new"] = true
        #expect(object.keys == Array(keys.dropFirst()) + ["new"])
        #expect(object.removeValue(forKey: keys[2]) == .string(keys[2]))
        #expect(object.removeValue(forKey: keys[2]) == nil)
        for (key, value) in object { #expect(object[key] == value) }
    }

    @Test func ofTwoPairsWithOneKeyTheLastValueStaysInTheFirstPlace() {
        let object = JSONObject([("a", 1), ("b", 2), ("a", 3)])
        #expect(object.keys == ["a", "b"])
        #expect(object["a"] == 3)
    }

    @Test(arguments: [2, 40])
    func orderDoesNotMatterForEqualityAndHash(count: Int) {
        let pairs = (0..<count).map { ("k\($0)", JSON.number(JSONNumber($0))) }
        let forwards = JSON.object(JSONObject(pairs))
        let backwards = JSON.object(JSONObject(pairs.reversed()))
        #expect(forwards == backwards)
        #expect(Set([forwards, backwards]).count == 1)
        #expect(forwards.text() != backwards.text())
        var other = forwards
        other["k1"] = 7
        #expect(other != forwards)
        other["k1"] = nil
        other["x"] = 1
        #expect(other != forwards)
    }

    @Test(.timeLimit(.minutes(1)))
    func tenThousandKeysAreFoundQuickly() throws {
        let text = "{" + (0..<10_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try JSON(parsing: text).object)
        let time = ContinuousClock().measure {
            for number in 0..<10_000 { #expect(object["key\(number)"]?.int == number) }
        }
        #expect(time < .seconds(10))
    }

    @Test func accessorsAnswerOnlyForTheirKind() throws {
        let value = try JSON(parsing: "{\"b\":true,\"i\":2.0,\"d\":1.5,\"s\":\"x\",\"a\":[1],\"o\":{},\"n\":null}")
        #expect(value["b"]?.bool == true)
        #expect(value["i"]?.int == 2)
        #expect(value["d"]?.double == 1.5)
        #expect(value["d"]?.int == nil)
        #expect(value["s"]?.string == "x")
        #expect(value["a"]?.array == [1])
        #expect(value["o"]?.object?.isEmpty == true)
        #expect(value["n"]?.isNull == true)
        for key in ["b", "i", "s", "a", "o", "n"] {
            let answers = [
                value[key]?.bool != nil, value[key]?.double != nil, value[key]?.string != nil, value[key]?.array != nil,
                value[key]?.object != nil, value[key]?.isNull == true,
            ]
            #expect(answers.filter { $0 }.count == 1)
        }
        #expect(value["a"]?[0] == 1)
        #expect(value["a"]?[1] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value[0] == nil)
        #expect(value["s"]?["x"] == nil)
    }

    @Test func literalsMakeValues() {
        let value: JSON = ["z": 1, "a": [1.5, true, .null, "x"], "e": [:]]
        #expect(value.text() == #"{"z":1,"a":[1.5,true,null,"x"],"e":{}}"#)
    }
}
