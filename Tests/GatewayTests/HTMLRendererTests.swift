//  Pages show text and never become it.

import HTTPMessage
import HTTPTypes
import JSON
import Testing

@testable import Gateway

@Suite struct HTMLRendererTests {
    private func page(_ value: JSON) throws -> String {
        var exchange = Exchange(Request(method: .get, target: Array("/".utf8)), time: 0)
        exchange.nouns = [Noun("accounts", ["a"]), Noun("users")]
        exchange.path = "/v2/accounts/a/users"
        let rows = String(decoding: try HTMLRenderer.page(Reply(.rows([value.bytes()])), exchange), as: UTF8.self)
        let item = String(decoding: try HTMLRenderer.page(Reply(value), exchange), as: UTF8.self)
        return rows + item
    }

    /// Marks that join with the character before or after them.
    static let marks = ["", "\u{600}", "\u{605}", "\u{301}", "\u{200D}", "\u{FE0F}", "\u{110BD}", "\u{20E3}"]

    @Test(arguments: marks)
    func noTextBecomesMarkup(mark: String) throws {
        let evil = "\(mark)<\(mark)evil title=\(mark)\"x\(mark)'\(mark)>\(mark)&\(mark)lt;"
        let page = try page(["id": .string(evil), "name": .string(evil), "list": [.string(evil)], "\(evil)": 1])
        let text = Array(page.utf8)
        #expect(text.firstRange(of: Array("<\(mark)evil".utf8)) == nil)
        #expect(text.firstRange(of: Array("<evil".utf8)) == nil)
        #expect(text.firstRange(of: Array("title=\(mark)\"".utf8)) == nil)
    }

    @Test func theNextPageKeepsTheQuestion() throws {
        var exchange = Exchange(Request(method: .get, target: Array("/".utf8)), time: 0)
        exchange.path = "/v2/x"
        exchange.query = try RequestTarget(Array("/?filter_a=b%20c&page_size=2&start_key=old".utf8)).query
        var reply = Reply(.rows([Array(#"{"id":"1"}"#.utf8)]))
        reply.paging = Paging(count: 1, next: "new")
        let page = String(decoding: try HTMLRenderer.page(reply, exchange), as: UTF8.self)
        #expect(page.contains("/v2/x?filter_a=b%20c&amp;page_size=2&amp;start_key=new"))
    }
}
