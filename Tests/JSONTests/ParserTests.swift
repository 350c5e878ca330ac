//  Reading JSON text: what is refused, where, and at what cost.

import JSON
import Testing

@Suite struct ParserTests {
    /// Text, reason, byte, line, column.
    static let errors: [(String, JSONError.Reason, Int, Int, Int)] = [
        ("", .noValue, 0, 1, 1),
        (" \n ", .noValue, 3, 2, 2),
        ("\u{FEFF}{}", .byteOrderMark, 0, 1, 1),
        ("{} x", .trailingInput, 3, 1, 4),
        ("[1,\n 2,\n ?]", .unexpectedByte(UInt8(ascii: "?")), 9, 3, 2),
        ("[1,]", .unexpectedByte(UInt8(ascii: "]")), 3, 1, 4),
        ("{\"a\":1,}", .unexpectedByte(UInt8(ascii: "}")), 7, 1, 8),
        ("[1}", .unexpectedByte(UInt8(ascii: "}")), 2, 1, 3),
        ("{\"a\" 1}", .unexpectedByte(UInt8(ascii: "1")), 5, 1, 6),
        ("[", .unexpectedEnd, 1, 1, 2),
        ("\"é", .unexpectedEnd, 3, 1, 3),
        ("\"é\\", .unexpectedEnd, 4, 1, 4),
        ("tru", .unexpectedEnd, 3, 1, 4),
        ("nul1", .unexpectedByte(UInt8(ascii: "1")), 3, 1, 4),
        ("[01]", .unexpectedByte(UInt8(ascii: "1")), 2, 1, 3),
        ("[1.]", .invalidNumber, 1, 1, 2),
        ("-", .invalidNumber, 0, 1, 1),
        ("\"\\x\"", .invalidEscape, 1, 1, 2),
        ("\"\\u12g4\"", .invalidEscape, 1, 1, 2),
        ("\"\\uD800\"", .unpairedSurrogate, 1, 1, 2),
        ("\"\\uD800\\u0041\"", .unpairedSurrogate, 1, 1, 2),
        ("\"\\uDC00\"", .unpairedSurrogate, 1, 1, 2),
        ("\"a\tb\"", .controlCharacter(9), 2, 1, 3),
        ("{\"a\\u0000\":1}", .nulInKey, 1, 1, 2),
        ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, 13, 1, 14),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7, 1, 8),
        ("{\"\\u00e9\":1,\"é\":2}", .duplicateKey, 12, 1, 13),
        ("[{\"x\":{\"k\":1}},{\"x\":{\"k\":1,\"k\":2}}]", .duplicateKey, 27, 1, 28),
    ]

    @Test(arguments: errors)
    func theFirstWrongThingIsNamedWithItsPlace(
        text: String,
        reason: JSONError.Reason,
        offset: Int,
        line: Int,
        column: Int
    ) throws {
        let error = try #require(refusal(of: text))
        #expect(error.reason == reason)
        #expect([error.offset, error.line, error.column] == [offset, line, column])
        #expect(error.message.hasSuffix(" around line \(line), column \(column) (byte \(offset))."))
    }

    /// Bytes that are not UTF-8 inside a string, by RFC 3629 §4.
    static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x22], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFF],
    ]

    @Test(arguments: invalidUTF8)
    func stringsThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        #expect(refusal(of: [0x22] + bytes + [0x22])?.reason == .invalidUTF8)
        // The same behind text that is long enough to be searched eight bytes at a time.
        #expect(refusal(of: Array("\"0123456789".utf8) + bytes + Array("abcdefgh\"".utf8))?.reason == .invalidUTF8)
    }

    @Test func keysThatOnlyLookEqualAreDifferent() throws {
        let value = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value.object?.count == 2)
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func sixtyFourLevelsAreReadAndNoMore(open: String, close: String) throws {
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        let text = nested(64)
        #expect(try JSON(parsing: text).text() == text)
        #expect(refusal(of: nested(65))?.reason == .tooDeep)
        // The depth counts what is open, not what was.
        let wide = "[" + Array(repeating: nested(63), count: 3).joined(separator: ",") + "]"
        #expect(try JSON(parsing: wide).text() == wide)
    }

    @Test func aReaderCanLimitTheValuesOfAText() throws {
        let text = Array(#"[1,{"a":[]}]"#.utf8)
        #expect(try JSON(parsing: text, maximumValues: 4) == [1, ["a": []]])
        #expect(throws: JSONError.self) { try JSON(parsing: text, maximumValues: 3) }
    }

    @Test func duplicatesAreFoundInObjectsOfAnySize() throws {
        for count in [2, 16, 17, 63, 64, 65, 66, 1000] {
            let keys = (0..<count).map { "\"key number \($0) of many\":\($0)" }
            #expect(refusal(of: "{" + keys.joined(separator: ",") + "}") == nil)
            for repeated in [0, count / 2, count - 1] {
                let text = "{" + (keys + [keys[repeated]]).joined(separator: ",") + "}"
                let error = try #require(refusal(of: text))
                #expect(error.reason == .duplicateKey)
                #expect(error.offset == text.utf8.count - 1 - keys[repeated].utf8.count)
            }
        }
    }

    @Test(arguments: ["\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"", "\"\\u00E9\\uD834\\uDD1E\\u0000\\u20AC\""])
    func escapesMeanTheirCharacters(text: String) throws {
        let expected = text.contains("u00E9") ? "é\u{1D11E}\0€" : "\u{8}\u{C}\n\r\t/\\\""
        #expect(try JSON(parsing: text) == .string(expected))
    }

    @Test func textsOfEachFormGiveTheSameValue() throws {
        let text = "{\"a\":[1,2]}"
        let bytes = Array(text.utf8)
        let value = try JSON(parsing: text)
        #expect(try JSON(parsing: bytes) == value)
        #expect(try JSON(parsing: ([0x20] + bytes)[1...]) == value)
        #expect(try JSON(parsing: bytes.span) == value)
    }

    /// A megabyte of one thing, which must not cost much more than a megabyte of anything else.
    static let floods: [Flood] = [
        Flood("open brackets", String(repeating: "[", count: 1_000_000)),
        Flood("open objects", String(repeating: "{\"a\":", count: 200_000)),
        Flood("escapes", "\"" + String(repeating: "\\n", count: 500_000) + "\""),
        Flood("escaped keys", "{" + (0..<60_000).map { "\"\\u0061\\u0062\($0)\":1" }.joined(separator: ",") + "}"),
        Flood("keys", "{" + (0..<100_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"),
        // Equal in length, in the first and in the last eight bytes.
        Flood(
            "keys that differ in the middle",
            "{" + (100_000..<130_000).map { "\"12345678\($0)12345678\":1" }.joined(separator: ",") + "}"
        ),
        Flood("digits", String(repeating: "1", count: 1_000_000)),
        Flood("exponent digits", "1e" + String(repeating: "9", count: 1_000_000)),
        Flood("spaces", String(repeating: " ", count: 1_000_000) + "1"),
    ]

    /// A quadratic reader needs many minutes.
    @Test(.timeLimit(.minutes(3)), arguments: floods)
    func aMegabyteOfOneThingIsNoTrouble(flood: Flood) {
        _ = refusal(of: flood.text)
    }
}

/// A long text with a short name.
struct Flood: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String

    init(_ name: String, _ text: String) {
        testDescription = name
        self.text = text
    }
}
