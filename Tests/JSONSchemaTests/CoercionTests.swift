//  Values that stand for values of another type.

import JSON
import JSONSchema
import Testing

@Suite struct CoercionTests {
    /// Type, value, what it becomes, or nil when it is refused; as text, because numbers keep theirs.
    static let table: [(String, String, String?)] = [
        ("integer", #""10""#, "10"), ("integer", #""-10""#, "-10"), ("integer", #""+10""#, "10"),
        ("integer", #""007""#, "7"), ("integer", #""10.6""#, "11"), ("integer", "10.6", "11"),
        ("integer", "10.4", "10"),
        ("integer", "-10.5", "-11"), ("integer", "1.0", "1.0"), ("integer", #""""#, nil), ("integer", #""ten""#, nil),
        ("integer", #"" 1""#, nil), ("integer", "true", nil), ("integer", "null", nil), ("integer", "[1]", nil),
        ("integer", #""99999999999999999999""#, nil),
        ("number", #""10""#, "10"), ("number", #""10.60""#, "10.60"), ("number", #""1e3""#, "1e3"),
        ("number", #""0.5""#, "0.5"), ("number", #""00.5""#, "0.5"), ("number", #""000""#, "0"),
        ("number", #""x""#, nil),
        ("number", #""NaN""#, nil), ("boolean", #""true""#, "true"), ("boolean", #""false""#, "false"),
        ("boolean", #""True""#, nil), ("boolean", "1", nil), ("boolean", #""yes""#, nil), ("string", "1", nil),
        ("string", "true", nil), ("null", #""null""#, nil), ("array", #""a""#, nil), ("object", #""{}""#, nil),
    ]

    @Test(arguments: table)
    func valuesAreCastToTheTypeThatIsAskedFor(type: String, before: String, after: String?) throws {
        let value: JSON = ["a": [try JSON(parsing: before)]]
        let schema: JSON = ["properties": ["a": ["items": ["type": .string(type)]]]]
        let result = try validate(value, by: schema)
        #expect(result.value.text() == #"{"a":[\#(after ?? before)]}"#)
        #expect(result.violations.isEmpty == (after != nil))
        if after == nil { #expect(result.violations.json["a.0"]?["type"] != nil) }
        if after != before {
            let strict = try validate(value, by: schema, options: .checkOnly)
            #expect(!strict.violations.isEmpty)
            #expect(strict.value == value)
        }
    }

    @Test func whatIsCastIsThenChecked() throws {
        let result = try validate("10", by: ["type": "integer", "maximum": 5])
        #expect(result.value == 10)
        #expect(
            result.violations.json == [
                "": ["maximum": ["message": "Value must be at most 5", "target": 5, "value": 10]]
            ]
        )
        #expect(try validate("10", by: ["type": "integer", "enum": [10]]).violations.isEmpty)
    }

    @Test func aUnionOfTypesCastsNothing() throws {
        #expect(try !validate("10", by: ["type": ["integer", "boolean"]]).violations.isEmpty)
    }

    @Test func choicesAreNotMadeByCasting() throws {
        let schema: JSON = ["oneOf": [["type": "boolean"], ["type": "string"]]]
        let result = try validate("true", by: schema)
        #expect(result.value == "true")
        #expect(result.violations.isEmpty)
    }
}
