//  A collation key's bytes are ordered as the values are.

import DocumentStore
import JSON
import Testing

@Suite struct CollationKeyTests {
    private func key(_ text: String) throws -> CollationKey { CollationKey(try JSON(parsing: text)) }

    /// Each row is in ascending order.
    static let ascending: [[String]] = [
        ["null", "false", "true", "-1", "0", "1", #""""#, #""a""#, "[]", "[null]", "{}", #"{"a":1}"#],
        [
            "-1e400", "-123456789012345678901234567891", "-123456789012345678901234567890", "-10", "-9.99", "-1.01",
            "-1", "-0.5", "-1e-7", "-1e-400", "0", "1e-400", "4.9e-324", "1e-7", "0.1", "0.10000000000000001", "0.5",
            "1", "1.01", "1.1", "2", "9", "9.5", "10", "11", "99", "100", "9007199254740992", "9007199254740993",
            "123456789012345678901234567890", "123456789012345678901234567891", "1e99", "1e100", "1e127", "1e128",
            "1e400",
        ],
        [
            #""""#, #"" a""#, #""_""#, #""-""#, #""~""#, #""0""#, #""10""#, #""9""#, #""a""#, #""A""#, #""aa""#,
            #""aB""#, #""Ab""#, #""AB""#, #""abc""#, #""b""#, #""Z""#, #""日本""#,
        ],
        [#""e""#, #""E""#, #""é""#, #""É""#, #""ea""#, #""éa""#, #""eb""#, #""élan""#, #""elan2""#, #""f""#],
        ["[]", "[1]", "[1,1]", "[1,2]", "[2]", "[10]", #"["a"]"#, #"["a",0]"#, #"["A"]"#, #"["ab"]"#, "[[]]", "[{}]"],
        ["{}", #"{"a":1}"#, #"{"a":1,"b":1}"#, #"{"a":2}"#, #"{"b":0}"#],
    ]

    @Test(arguments: ascending)
    func bytesFollowTheValues(row: [String]) throws {
        let keys = try row.map(key)
        for (index, left) in keys.enumerated() {
            for (other, right) in keys.enumerated() {
                #expect((left < right) == (index < other), "\(row[index]) and \(row[other])")
            }
        }
    }

    @Test(arguments: [
        ("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0", "0e9"), ("12.5", "1.25E+1"), ("0.001", "1e-3"),
        (#""é""#, #""e\u0301""#),
    ])
    func equalValuesHaveOneKey(left: String, right: String) throws {
        #expect(try key(left) == key(right))
    }

    @Test(arguments: [(#""ß""#, #""ẞ""#), (#""i\u0307""#, #""\u0130""#), (#""a\u0000""#, #""a""#)])
    func differentStringsHaveDifferentKeys(left: String, right: String) throws {
        #expect(try key(left) != key(right))
    }

    @Test func numbersAreOrderedAsTheirExactValues() throws {
        var generator = SeededGenerator(seed: 7)
        let texts = (0..<400).map { _ in randomNumber(&generator) }
        let numbers = try texts.map { try #require(JSONNumber(text: $0)) }
        let keys = numbers.map { CollationKey(.number($0)) }
        for left in 0..<400 {
            for right in 0..<400 {
                let isLess = JSONDecimal(numbers[left]) < JSONDecimal(numbers[right])
                #expect((keys[left] < keys[right]) == isLess, "\(texts[left]) and \(texts[right])")
            }
        }
    }

    @Test func doublesAreOrderedAsDoubles() throws {
        var generator = SeededGenerator(seed: 8)
        var doubles: [Double] = [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1, -1]
        while doubles.count < 300 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { doubles.append(value) }
        }
        let keys = try doubles.map { CollationKey(.number(try #require(JSONNumber($0)))) }
        for left in doubles.indices {
            for right in doubles.indices { #expect((keys[left] < keys[right]) == (doubles[left] < doubles[right])) }
        }
    }

    /// Against an order written down without bytes: kinds, then contents, element by element.
    @Test func composedValuesAreOrderedElementByElement() throws {
        var generator = SeededGenerator(seed: 9)
        let values = (0..<300).map { _ in randomValue(&generator, depth: 3) }
        let keys = values.map { CollationKey($0) }
        for left in values.indices {
            for right in values.indices {
                let expected = referenceOrder(values[left], values[right])
                let actual = keys[left] < keys[right] ? -1 : keys[left] == keys[right] ? 0 : 1
                #expect(actual == expected, "\(values[left]) and \(values[right])")
            }
        }
    }

    @Test func aPrefixRangeHoldsTheKeysThatBeginWithIt() throws {
        var generator = SeededGenerator(seed: 10)
        for _ in 0..<2_000 {
            let elements = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                randomValue(&generator, depth: 1)
            }
            let prefix =
                Bool.random(using: &generator)
                ? Array(elements.prefix(2)) : [randomValue(&generator, depth: 1)]
            let (lower, upper) = CollationKey.prefixRange(prefix)
            let key = CollationKey(elements)
            let begins =
                elements.count >= prefix.count
                && zip(elements, prefix).allSatisfy { referenceOrder($0, $1) == 0 }
            #expect((lower <= key && key < upper) == begins, "\(elements) and \(prefix)")
        }
    }

    @Test(arguments: [
        (#"["x","Anna"]"#, true), (#"["x","an"]"#, true), (#"["x","ÁN",1]"#, true), (#"["x","a"]"#, false),
        (#"["x","ao"]"#, false), (#"["y","anna"]"#, false), (#"["x",1]"#, false), (#"["x"]"#, false),
    ])
    func aStringPrefixLooksAtNeitherCaseNorAccents(text: String, isInside: Bool) throws {
        let (lower, upper) = CollationKey.prefixRange(["x"].map(JSON.string), thenStringStartingWith: "aN")
        #expect(try (lower <= key(text) && key(text) < upper) == isInside)
    }
}

/// A repeatable sequence.
///
/// Source: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

private func randomNumber(_ generator: inout SeededGenerator) -> String {
    let digits = { (count: Int, generator: inout SeededGenerator) in
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
    }
    var text = Bool.random(using: &generator) ? "-" : ""
    text += Bool.random(using: &generator) ? "0" : "\(Int.random(in: 1...9, using: &generator))"
    if !text.hasSuffix("0") { text += digits(Int.random(in: 0...25, using: &generator), &generator) }
    if Bool.random(using: &generator) { text += "." + digits(Int.random(in: 1...5, using: &generator), &generator) }
    if Bool.random(using: &generator) { text += "e\(Int.random(in: -130...130, using: &generator))" }
    return text
}

private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSON {
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &generator) {
    case 0: .null
    case 1: .bool(Bool.random(using: &generator))
    case 2: .number(JSONNumber(Int.random(in: -2...2, using: &generator)))
    case 3, 4:
        .string(
            String(
                (0..<Int.random(in: 0...2, using: &generator)).map { _ in "abAB".randomElement(using: &generator) ?? "a"
                }
            )
        )
    case 5:
        .array((0..<Int.random(in: 0...2, using: &generator)).map { _ in randomValue(&generator, depth: depth - 1) })
    default:
        .object(
            JSONObject(
                ["a", "b"].prefix(Int.random(in: 0...2, using: &generator)).map {
                    ($0, randomValue(&generator, depth: depth - 1))
                }
            )
        )
    }
}

/// -1, 0 or 1.
private func referenceOrder(_ left: JSON, _ right: JSON) -> Int {
    func rank(_ value: JSON) -> Int {
        switch value {
        case .null: 0
        case .bool(let value): value ? 2 : 1
        case .number: 3
        case .string: 4
        case .array: 5
        case .object: 6
        }
    }
    func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left < right ? -1 : left == right ? 0 : 1 }
    func first(_ orders: some Sequence<Int>) -> Int { orders.first { $0 != 0 } ?? 0 }
    switch (left, right) {
    case (.number(let left), .number(let right)): return sign(JSONDecimal(left), JSONDecimal(right))
    case (.string(let left), .string(let right)):
        let letters = sign(left.lowercased(), right.lowercased())
        // A small letter has the greater code, but comes first.
        return letters != 0 ? letters : sign(right, left)
    case (.array(let left), .array(let right)):
        let elements = first(zip(left, right).map { referenceOrder($0, $1) })
        return elements != 0 ? elements : sign(left.count, right.count)
    case (.object(let left), .object(let right)):
        let members = first(
            zip(left, right).flatMap { pair in
                [
                    referenceOrder(.string(pair.0.key), .string(pair.1.key)),
                    referenceOrder(pair.0.value, pair.1.value),
                ]
            }
        )
        return members != 0 ? members : sign(left.count, right.count)
    default: return sign(rank(left), rank(right))
    }
}
