//  Pages show text and never become it.

import HTTPMessage
import PluginKit
import TestServer
import Testing

@Suite struct MarkupTests {
    /// Marks that join with the character before or after them.
    static let marks = ["", "\u{600}", "\u{605}", "\u{301}", "\u{200D}", "\u{FE0F}", "\u{110BD}", "\u{20E3}"]

    @Test(arguments: marks)
    func noTextBecomesMarkup(mark: String) throws {
        let server = try TestServer()
        let evil = "\(mark)<\(mark)evil title=\(mark)\"x\(mark)'\(mark)>\(mark)&\(mark)lt;"
        let device: JSON = ["name": .string(evil), "flags": [.string(evil)], "\(evil)": .string(evil)]
        let token = server.master.adminToken
        let devices = "/v2/accounts/\(server.master.account)/devices"
        let id = try server.put(devices, device, token).id
        for target in [devices, "\(devices)/\(id)", "\(devices)/\(id)?form=edit", "\(devices)/\(id)?form=delete"] {
            let mark = target.contains("?") ? "&" : "?"
            let text = try server.get("\(target)\(mark)accept=html", token).bytes
            #expect(text.firstRange(of: Array("<\(mark)evil".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("<evil".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("title=\(mark)\"x".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("&lt;".utf8)) != nil, "\(target)")
        }
    }

    @Test func noAddressOfADocumentBecomesALink() throws {
        let server = try TestServer()
        let token = server.master.adminToken
        let devices = "/v2/accounts/\(server.master.account)/devices"
        let evil: JSON = [
            "name": "javascript:alert(1)", "owner_id": "javascript:alert(1)//4c628e10b7d",
            "language": "javascript:alert(1)",
        ]
        let id = try server.put(devices, evil, token).id
        for target in ["\(devices)?accept=html", "\(devices)/\(id)?accept=html"] {
            let text = try server.get(target, token).text
            #expect(text.contains("javascript:alert(1)"))
            #expect(!text.contains("href=\"javascript"))
        }
    }

    /// What a page may load and do.
    @Test func aPageMayRunNothing() throws {
        let server = try TestServer()
        let answer = try server.get("/v2/accounts/\(server.master.account)?accept=html", server.master.adminToken)
        let policy = try #require(answer.fields[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("script-src") && !policy.contains("unsafe"))
        #expect(
            !answer.text.contains("<script") && !answer.text.contains("style=") && !answer.text.contains(" onclick")
        )
    }
}
