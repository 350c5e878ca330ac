//  Lists as comma-separated values.

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
    ]

    @Test func objectsOfFreeKeysAreOneColumnWhenTheyWouldBeAThousand() {
        let rows = (0..<600).map { Array(#"{"id":"\#($0)","ui":{"a\#($0)":1,"b\#($0)":2}}"#.utf8) }
        let lines = String(decoding: CSVRenderer.render(rows), as: UTF8.self).split(separator: "\r\n")
        #expect(lines.count == 601)
        #expect(lines[0] == "id,ui")
        #expect(lines[1] == #"0,"{""a0"":1,""b0"":2}""#)
    }

    @Test(arguments: tables)
    func rowsBecomeLines(rows: [String], text: String) {
        #expect(String(decoding: CSVRenderer.render(rows.map { Array($0.utf8) }), as: UTF8.self) == text)
    }
}
