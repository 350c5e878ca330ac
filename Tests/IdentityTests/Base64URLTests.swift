//  Canonical base64url.

import Testing

@testable import Identity

@Suite struct Base64URLTests {
    /// Source: RFC 4648 §10, without the padding.
    static let vectors = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors)
    func encodesAndDecodes(text: String, encoded: String) {
        #expect(Base64URL.encode(text.utf8) == Array(encoded.utf8))
        #expect(Base64URL.decode(Array(encoded.utf8)[...]) == Array(text.utf8))
    }

    @Test func usesTheAlphabetForAddresses() {
        #expect(Base64URL.encode([0xfb, 0xff, 0xbf]) == Array("-_-_".utf8))
    }

    /// For every text of up to three characters of a small alphabet: what decodes is what encoding prints.
    @Test func onlyCanonicalTextDecodes() {
        let characters = Array("AQgwBCZ_-+/=. \n".utf8) + [0, 0xff]
        var texts: [[UInt8]] = [[]]
        for _ in 0..<3 { texts += texts.flatMap { text in characters.map { text + [$0] } } }
        for text in texts {
            guard let bytes = Base64URL.decode(text[...]) else { continue }
            #expect(Base64URL.encode(bytes) == text)
        }
        #expect(Base64URL.decode(Array("Zh".utf8)[...]) == nil)
        #expect(Base64URL.decode(Array("A".utf8)[...]) == nil)
    }
}
