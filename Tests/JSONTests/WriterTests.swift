//  Writing JSON text.

import JSON
import Testing

@Suite struct WriterTests {
    static let pretty = """
        {
            "a": 1,
            "b": [
                1.50,
                null,
                true,
                {
                    "c": "x, {\\"y\\": [1]}"
                },
                [],
                {}
            ],
            "e": {}
        }
        """
    static let compact = #"{"a":1,"b":[1.50,null,true,{"c":"x, {\"y\": [1]}"},[],{}],"e":{}}"#

    @Test func theStylesLayOutTheSameValue() throws {
        let value = try JSON(parsing: WriterTests.pretty)
        #expect(value.text() == WriterTests.compact)
        #expect(value.text(.pretty) == WriterTests.pretty)
    }

    @Test(arguments: [pretty, compact, " " + compact + "\n"])
    func storedTextIsLaidOutFromItsTokens(text: String) {
        var writer = JSONWriter(style: .pretty)
        writer.raw(Array(text.utf8))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == WriterTests.pretty)
    }

    @Test(arguments: [
        "1", "-1.5e3", "\"a\\\\\"", "\"\\\"\"", "true", "null", "[]", "{}", "[\n]", "[1 , 2 ]", "\"\\u0022,\"",
    ])
    func storedTextOfAnyKindIsWrittenLikeItsValue(text: String) throws {
        let value = try JSON(parsing: text)
        var pretty = JSONWriter(style: .pretty)
        pretty.beginObject()
        pretty.key("data")
        pretty.raw(Array(text.utf8))
        pretty.key("more")
        pretty.beginArray()
        pretty.raw(Array(text.utf8))
        pretty.raw(Array(text.utf8))
        pretty.endArray()
        pretty.endObject()
        let expected: JSON = ["data": value, "more": [value, value]]
        if !text.contains("u0022") {
            #expect(String(decoding: pretty.bytes, as: UTF8.self) == expected.text(.pretty))
        }
        #expect(try JSON(parsing: pretty.bytes) == expected)
    }

    @Test func compactStoredTextIsCopiedAsItIs() {
        var writer = JSONWriter()
        writer.beginArray()
        writer.raw(Array("{ \"a\":1.0 }".utf8))
        writer.raw(Array("2".utf8))
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[{ \"a\":1.0 },2]")
    }

    @Test(arguments: [JSONStyle.compact, .pretty])
    func piecesMakeTheTextOfTheValue(style: JSONStyle) throws {
        var writer = JSONWriter(style: style, reservingCapacity: 100)
        writer.beginObject()
        writer.key("a")
        writer.int(-1)
        writer.key("b")
        writer.beginArray()
        writer.string("x")
        writer.bool(false)
        writer.null()
        writer.number(try #require(JSONNumber(text: "1.0")))
        writer.beginObject()
        writer.endObject()
        writer.value(["k": [1, 2]])
        writer.endArray()
        writer.key("c")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        let value = try JSON(parsing: #"{"a":-1,"b":["x",false,null,1.0,{},{"k":[1,2]}],"c":[]}"#)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == value.text(style))
    }

    /// String, its JSON text.
    static let strings: [(String, String)] = [
        ("", #""""#), ("a\"b\\c/", #""a\"b\\c/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1F}", #""\u0000\u001f""#),
        ("\u{7F}é€😀\u{2028}", "\"\u{7F}é€😀\u{2028}\""), ("0123456\"", #""0123456\"""#),
        ("01234567\n89", #""01234567\n89""#),
    ]

    @Test(arguments: strings)
    func onlyWhatMustBeIsEscaped(string: String, text: String) throws {
        #expect(JSON.string(string).text() == text)
        #expect(try JSON(parsing: text) == .string(string))
    }

    @Test(arguments: 0..<26)
    func aCharacterIsEscapedWhereverItStands(length: Int) throws {
        for place in 0..<length {
            for other in place..<length {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
                bytes[place] = UInt8(ascii: "\"")
                bytes[other] = UInt8(ascii: "\n")
                let string = String(decoding: bytes, as: UTF8.self)
                let escapes = place == other ? 1 : 2
                #expect(JSON.string(string).text().utf8.count == length + escapes + 2)
                #expect(try JSON(parsing: JSON.string(string).text()) == .string(string))
            }
        }
    }

    @Test func equalValuesHaveEqualCanonicalBytes() throws {
        let left = try JSON(parsing: #"{"b":{"z":1,"y":[{"q":1,"p":2}]},"a":1.0,"é":0,"Z":2}"#)
        let right = try JSON(parsing: #"{"Z":2,"é":0,"a":1.0,"b":{"y":[{"p":2,"q":1}],"z":1}}"#)
        #expect(left == right)
        #expect(left.canonicalBytes() == right.canonicalBytes())
        let expected = #"{"Z":2,"a":1.0,"b":{"y":[{"p":2,"q":1}],"z":1},"é":0}"#
        #expect(String(decoding: left.canonicalBytes(), as: UTF8.self) == expected)
    }
}
