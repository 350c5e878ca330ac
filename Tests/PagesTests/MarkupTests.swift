//  Pages show text and never become it.

import HTTPMessage
import PluginKit
import TestServer
import Testing

@testable import Pages

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

    @Test(arguments: marks)
    func noNameOfAPersonBecomesMarkup(mark: String) throws {
        let server = try TestServer()
        let evil = "\(mark)<\(mark)evil title=\(mark)\"x\(mark)'\(mark)>\(mark)&"
        let token = server.master.adminToken
        let account = "/v2/accounts/\(server.master.account)"
        let user = try server.put("\(account)/users", ["first_name": .string(evil), "last_name": "A"], token).id
        let device = try server.put("\(account)/devices", ["name": .string(evil), "owner_id": .string(user)], token).id
        let group: JSON = ["name": .string(evil), "endpoints": .object([user: ["type": "user"]])]
        _ = try server.put("\(account)/groups", group, token)
        _ = try server.send("PATCH", "\(account)/users/\(user)", ["last_name": .string(evil)], token)
        let gone = try server.put("\(account)/menus", ["name": .string(evil)], token).id
        _ = try server.send("DELETE", "\(account)/menus/\(gone)", [:], token)
        let percent = evil.utf8.map { byte in "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        for target in [
            "", "/users", "/users/\(user)", "/users/\(user)?form=history", "/users/\(user)?form=delete",
            "/devices", "/devices/\(device)", "/devices/\(device)?form=edit", "/devices?form=new", "/groups",
            "/devices?filter_name=\(percent)", "/search?t=user&q=name_and_number&v=\(percent)", "/deleted",
            "/deleted/\(gone)", "/menus?said=deleted.\(gone)",
        ] {
            let page = try server.page(account + target, token)
            #expect(page.status == 200, "\(target)")
            let text = page.bytes
            let showsName = !["/devices?form=new", "/menus?said=deleted.\(gone)"].contains(target)
            #expect(!showsName || text.firstRange(of: Array("&lt;".utf8)) != nil, "\(target)")
            #expect(text.firstRange(of: Array("<\(mark)evil".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("<evil".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("title=\(mark)\"x".utf8)) == nil, "\(target)")
            #expect(text.firstRange(of: Array("&amp;amp;".utf8)) == nil, "\(target): escaped twice")
            #expect(text.firstRange(of: Array("&amp;lt;".utf8)) == nil, "\(target): escaped twice")
        }
    }

    /// Every scalar that is, or begins like, one that HTML writes in another way, between two others.
    @Test(arguments: ["", "a", "ß", "\u{301}"])
    func textIsEscapedScalarByScalar(neighbour: String) {
        for value in Array(0...0x2FF) + [0x2028, 0xFEFF, 0x1F600] {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
            let expected =
                switch scalar {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                case "\"": "&quot;"
                case "'": "&#39;"
                case "\t", "\n", "\u{C}", "\r": String(scalar)
                case _ where scalar.properties.generalCategory == .control: "\u{FFFD}"
                default: String(scalar)
                }
            let text = neighbour + String(scalar) + neighbour
            #expect(Array(HTMLText().escapeText(text).utf8) == Array((neighbour + expected + neighbour).utf8))
            let piece: Markup = "\(text)"
            #expect(Array(piece.text.utf8) == Array((neighbour + expected + neighbour).utf8))
        }
    }

    @Test func aPieceOfAPageIsEscapedOnce() {
        let name: Markup = "<b>\("a < b")</b>"
        let line: Markup = "<p>\(name) \(Markup.link("x & y", "/?a=1&b=\"2\""))</p>"
        #expect(line.text == "<p><b>a &lt; b</b> <a href=\"/?a=1&amp;b=&quot;2&quot;\">x &amp; y</a></p>")
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
