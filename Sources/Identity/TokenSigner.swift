//  Making tokens: JWS in compact form with Ed25519. Source: RFC 7515, RFC 8037 §3.1.

import Crypto
import Foundation
import JSON

package struct TokenSigner: Sendable {
    private let key: TokenKeys.Key
    private let terms: TokenTerms

    package init(keys: TokenKeys, terms: TokenTerms) {
        key = keys.active
        self.terms = terms
    }

    /// Returns the token that says these claims; its life is cut to the longest that the terms allow.
    ///
    /// - Throws: `.cryptography`.
    package func token(_ claims: Claims) throws(IdentityError) -> String {
        var claims = claims
        if claims.expires - claims.issued > terms.longestLife { claims.expires = claims.issued + terms.longestLife }
        let payload = Base64URL.encode(claims.payload(terms).bytes())
        return try sign(TokenHeader.segment(key: key.id, kind: claims.kind) + [UInt8(ascii: ".")] + payload)
    }

    /// Appends the signature to the first two segments.
    func sign(_ input: [UInt8]) throws(IdentityError) -> String {
        do {
            let signature = try key.secret.signature(for: input)
            return String(decoding: input + [UInt8(ascii: ".")] + Base64URL.encode(signature), as: UTF8.self)
        } catch {
            throw .cryptography("Ed25519 could not sign")
        }
    }
}
