//  The first segment of a token. Source: RFC 7515 §4.

enum TokenHeader {
    /// Returns the one header that a key and a kind of token have, as base64url.
    ///
    /// The verifier compares bytes with this and never parses a header, so that nothing in one can choose an algorithm,
    /// bring a key, or be understood in two ways.
    static func segment(key id: String, kind: TokenKind) -> [UInt8] {
        Base64URL.encode(#"{"alg":"EdDSA","typ":"\#(kind.rawValue)","kid":"\#(id)"}"#.utf8)
    }
}
