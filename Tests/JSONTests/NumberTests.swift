//  Numbers keep their text and give exact values.

import JSON
import Testing

@Suite struct NumberTests {
    /// Text, integer or nil, whether it is an integer at all.
    static let integers: [(String, Int?, Bool)] = [
        ("0", 0, true), ("-0", 0, true), ("1", 1, true), ("-17", -17, true), ("1.0", 1, true), ("1e2", 100, true),
        ("1.5e1", 15, true), ("150e-1", 15, true), ("1.5", nil, false), ("1e-1", nil, false), ("0.0", 0, true),
        ("9223372036854775807", .max, true), ("-9223372036854775808", .min, true),
        ("-9223372036854775808.0", .min, true), ("9223372036854775808", nil, true),
        ("9.2e18", 9_200_000_000_000_000_000, true),
        ("1234567890123456789012345", nil, true), ("1e400", nil, true), ("1e-400", nil, false),
        ("1e99999999999999999999", nil, true), ("0e99999999999999999999", 0, true),
    ]

    @Test(arguments: integers)
    func integersAreExactOrNil(text: String, int: Int?, isInteger: Bool) throws {
        let number = try #require(JSONNumber(text: text))
        #expect(number.int == int)
        #expect(number.isInteger == isInteger)
    }

    @Test(arguments: ["1.0", "1e2", "1E+2", "-0", "0.30000000000000004", "1234567890123456789012345", "1e400", "1.10"])
    func theTextComesBack(text: String) throws {
        #expect(try JSON(parsing: text).text() == text)
        #expect(try JSON(parsing: "[\(text)]").text() == "[\(text)]")
    }

    @Test(arguments: ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "1 ", " 1", "NaN", "１", "1_0"])
    func whatIsNoNumberIsRefused(text: String) {
        #expect(JSONNumber(text: text) == nil)
    }

    @Test func doublesThatJSONCannotWriteAreRefused() {
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
    }

    @Test(arguments: [0.1, -1.5, 1e300, 2.5e-308, 1e20, 123_456_789.25, 0, -0.0])
    func doublesComeBack(value: Double) throws {
        let number = try #require(JSONNumber(value))
        #expect(try JSON(parsing: number.text).double == value)
    }

    @Test func aNumberBeyondDoublesHasNoDouble() {
        #expect(JSONNumber(text: "1e400")?.double == nil)
        #expect(JSONNumber(text: "1e-400")?.double == 0)
    }

    /// Two numbers, in ascending order; equal when the third says so.
    static let order: [(String, String, Bool)] = [
        ("1", "1.0", true), ("100", "1e2", true), ("0", "-0.00", true), ("0.1", "1e-1", true), ("-2", "-1", false),
        ("-1", "0", false), ("0.12", "0.125", false), ("9", "10", false),
        ("9007199254740992", "9007199254740993", false),
        ("1e400", "1.0000000000000000000000000001e400", false), ("-1e400", "1e-400", false),
    ]

    @Test(arguments: order)
    func decimalsCompareExactly(low: String, high: String, isEqual: Bool) throws {
        let low = JSONDecimal(try #require(JSONNumber(text: low)))
        let high = JSONDecimal(try #require(JSONNumber(text: high)))
        #expect((low == high) == isEqual)
        #expect((low < high) == !isEqual)
        #expect(!(high < low))
        #expect(Set([low, high]).count == (isEqual ? 1 : 2))
    }

    @Test(arguments: ["1", "-0.0", "1.50", "1e400", "-0.0012e-789000000000000000000000", "1200e999999999999999999999"])
    func theNormalFormHasTheSameValue(text: String) throws {
        let decimal = JSONDecimal(try #require(JSONNumber(text: text)))
        #expect(JSONDecimal(decimal.number) == decimal)
    }

    /// Number, divisor, whether the divisor goes into it; nil when that cannot be said.
    static let multiples: [(String, String, Bool?)] = [
        ("10", "2", true), ("7", "2", false), ("0.0075", "0.0001", true), ("0.00751", "0.0001", false),
        ("4.5", "1.5", true),
        ("1e308", "0.123456789", false), ("1e400", "1e399", true), ("0", "3", true), ("10", "0", nil),
        ("100", "1e2", true), ("50", "1e2", false), ("-9", "3", true), ("1", "1234567890123456789", nil),
        ("123456789012345678901234567890", "10", true),
    ]

    @Test(arguments: multiples)
    func multiplesAreFoundExactly(number: String, divisor: String, expected: Bool?) throws {
        let number = JSONDecimal(try #require(JSONNumber(text: number)))
        let divisor = JSONDecimal(try #require(JSONNumber(text: divisor)))
        #expect(number.isMultiple(of: divisor) == expected)
    }

    @Test(arguments: [("10.6", 11), ("10.4", 10), ("-10.5", -11), ("0.5", 1), ("0.05", 0), ("-0.4", 0), ("1e2", 100)])
    func roundingGoesToTheNearest(text: String, expected: Int) throws {
        #expect(JSONDecimal(try #require(JSONNumber(text: text))).rounded == expected)
    }
}
