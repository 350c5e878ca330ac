//  Lists as comma-separated values.

import HTTPMessage
import JSON
import Testing

@testable import Gateway

@Suite struct CSVRendererTests {
    /// Rows, and the table.
    static let tables: [([String], String)] = [
        ([#"{"id":"1","name":"a"}"#, #"{"id":"2","x":true}"#], "id,name,x\r\n1,a,\r\n2,,true\r\n"),
        ([#"{"n":{"a":1,"b":{"c":null}}}"#], "n_a,n_b_c\r\n1,\r\n"),
        ([#"{"a":"x,y","b":"say \"hi\"","c":"two\nlines"}"#], "a,b,c\r\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n"),
        ([#"{"flags":["a","b"],"list":[{"x":1}]}"#], "flags,list\r\na;b,\"[{\"\"x\"\":1}]\"\r\n"),
        ([#"{"a":"=cmd()","b":"+3120555"}"#], "a,b\r\n'=cmd(),+3120555\r\n"), ([], ""),
        ([#"{"a":"+1+cmd|x","b":"-2+3*cmd()","c":"-5"}"#], "a,b,c\r\n'+1+cmd|x,'-2+3*cmd(),-5\r\n"),
        ([#"{}"#, #"{"a":1}"#, #"{"b":{"c":2},"a":3}"#], "a,b_c\r\n,\r\n1,\r\n3,2\r\n"),
        ([#"{}"#, #"{"a":{}}"#], ""), ([#""x""#, "[1,2]"], "\r\nx\r\n1;2\r\n"),
        ([#"{"a_b":1,"a":{"b":2}}"#, #"{"a":{"b":3}}"#], "a_b\r\n1\r\n3\r\n"),
        ([#"{"\u0061,":"\u00e9\ud83d\ude00","b":["\"",null]}"#], "\"a,\",b\r\né😀,\"[\"\"\\\"\"\"\",null]\"\r\n"),
    ]

    @Test func objectsOfFreeKeysAreOneColumnWhenTheyWouldBeAThousand() {
        let rows = (0..<600).map { Array(#"{"id":"\#($0)","ui":{"a\#($0)":1,"b\#($0)":2}}"#.utf8) }
        let lines = String(decoding: CSVRenderer.render(rows), as: UTF8.self).split(separator: "\r\n")
        #expect(lines.count == 601)
        #expect(lines[0] == "id,ui")
        #expect(lines[1] == #"0,"{""a0"":1,""b0"":2}""#)
    }

    @Test func aLongNameAroundManyIsNotCopiedIntoEach() {
        let long = String(repeating: "k", count: 200_000)
        let inside = "{" + (0..<500).map { "\"a\($0)\":0" }.joined(separator: ",") + "}"
        let row = Array("{\"\(long)\":\(inside)}".utf8)
        var table = JSONTable()
        table.read(row)
        #expect(table.isOverfull)
        #expect(table.names.reduce(0) { $0 + $1.count } < 2 << 20)
        let cell = inside.replacing("\"", with: "\"\"")
        #expect(String(decoding: CSVRenderer.render([row]), as: UTF8.self) == "\(long)\r\n\"\(cell)\"\r\n")
    }

    @Test(arguments: tables)
    func rowsBecomeLines(rows: [String], text: String) {
        #expect(String(decoding: CSVRenderer.render(rows.map { Array($0.utf8) }), as: UTF8.self) == text)
    }

    /// Seeds of random rows.
    @Test(arguments: 0..<200)
    func randomRowsBecomeTheLinesOfTheirValues(seed: UInt64) throws {
        var random = Random(state: seed)
        let rows = (0..<random.below(12)).map { _ in random.row() }
        #expect(String(decoding: CSVRenderer.render(rows.map { $0.bytes() }), as: UTF8.self) == reference(rows))
    }

    @Test func everyWhitespaceButTheSpaceIsQuoted() {
        for scalar in (0x20...0x4000).compactMap(Unicode.Scalar.init) {
            let text = String(scalar) + "x"
            let table = String(decoding: CSVRenderer.render([JSON.string("a" + text).bytes()]), as: UTF8.self)
            let isQuoted = scalar.properties.isWhitespace && scalar != " " || scalar == "," || scalar == "\""
            if table.utf8.starts(with: "\r\n\"".utf8) != isQuoted {
                Issue.record("U+\(String(scalar.value, radix: 16))")
            }
        }
    }

    /// How many rows, and how often they are read.
    @Test(arguments: [(3, 1), (CSVRenderer.keptBytes / 100, 2)])
    func aStreamIsReadOnceIfItsLinesCanBeKept(count: Int, readings: Int) throws {
        let padding = String(repeating: "x", count: 100)
        let rows = (0..<count).map { Array(#"{"id":\#($0),"\#($0 < count / 2 ? "a" : "b")":"\#(padding)"}"#.utf8) }
        var seen = 0
        let stream = RowStream { take in
            seen += 1
            for start in stride(from: 0, to: rows.count, by: 500) { try take(Array(rows[start...].prefix(500))) }
        }
        let text = try bytes(of: CSVRenderer.body(.stream(stream)))
        #expect(seen == readings)
        #expect(text == CSVRenderer.render(rows))
        #expect(text.starts(with: "id,a,b\r\n0,\(padding),\r\n".utf8))
    }

    @Test func whatTheSecondReadingBringsWidensNoLine() throws {
        let padding = String(repeating: "x", count: CSVRenderer.keptBytes)
        var readings = 0
        let stream = RowStream { take in
            readings += 1
            try take([Array(#"{"id":1,"a":"\#(padding)"}"#.utf8)])
            if readings == 2 { try take([Array(#"{"b":1,"id":2}"#.utf8)]) }
        }
        let text = try bytes(of: CSVRenderer.body(.stream(stream)))
        #expect(readings == 2)
        #expect(text == Array("id,a\r\n1,\(padding)\r\n2,\r\n".utf8))
    }

    private func bytes(of body: ResponseBody) throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .stream(let stream):
            var text: [UInt8] = []
            try stream { text += $0 }
            return text
        }
    }
}

/// The table of rows by way of their values and of dictionaries.
private func reference(_ rows: [JSON]) -> String {
    let cells = rows.map { flattened($0) }
    var names: [String] = []
    for (name, _) in cells.joined() where !names.contains(name) { names.append(name) }
    guard !names.isEmpty else { return "" }
    let lines = cells.map { row in names.map { name in row.first { $0.0 == name }?.1 ?? "" } }
    return ([names] + lines).map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined()
}

private func flattened(_ value: JSON, name: String = "") -> [(String, String)] {
    switch value {
    case .object(let members):
        members.flatMap { flattened($0.value, name: name.isEmpty ? $0.key : "\(name)_\($0.key)") }
    case .array(let elements) where elements.allSatisfy({ $0.controlText != nil }):
        [(name, elements.compactMap(\.controlText).joined(separator: ";"))]
    case .array: [(name, value.text())]
    case .null: [(name, "")]
    case .bool, .number, .string: [(name, value.controlText ?? "")]
    }
}

private func quoted(_ cell: String) -> String {
    var text = cell
    switch cell.unicodeScalars.first {
    case "=", "@", "\t", "\r": text = "'" + cell
    case "+", "-":
        if !cell.unicodeScalars.allSatisfy("0123456789 +-().,/".unicodeScalars.contains) { text = "'" + cell }
    default: break
    }
    let isQuoted = cell.unicodeScalars.contains { $0.properties.isWhitespace && $0 != " " || $0 == "," || $0 == "\"" }
    return isQuoted ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}

/// Random values that are the same for the same seed. Source: Knuth's MMIX generator.
private struct Random {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func row() -> JSON {
        guard below(12) > 0 else { return value(depth: 0) }
        return object(depth: 0)
    }

    private mutating func object(depth: Int) -> JSON {
        let keys = [
            "", "a", "b", "c", "a_b", "longer name", "longer_name", "é", "\u{2028}", "\"", "a,b", "=x",
            "the same beginning, one middle, the same end", "the same beginning, two middle, the same end",
        ]
        var object = JSON.object(JSONObject())
        for _ in 0..<below(6) { object[one(of: keys)] = value(depth: depth + 1) }
        return object
    }

    private mutating func value(depth: Int) -> JSON {
        switch below(depth < 3 ? 12 : 9) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: .number(JSONNumber(below(2_000) - 1_000))
        case 3: 1.5e30
        case 4...8: .string((0..<below(12)).map { _ in one(of: pieces) }.joined())
        case 9: .array((0..<below(4)).map { _ in value(depth: depth + 1) })
        default: object(depth: depth)
        }
    }

    private let pieces = [
        "a", "xyz", "+", "-", "=", "@", "\t", "\r", "\n", "\"", "\\", ",", ";", " ", "7", "(0)", ".", "/", "\u{1}", "é",
        "\u{85}", "\u{A0}", "\u{2003}", "\u{3000}", "€", "😀", "{", "]",
    ]
}
