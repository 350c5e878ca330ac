//  A browser's session: a token in a cookie, and the second proof that a change needs.

import Crypto
import Foundation

/// Makes and checks what belongs to a browser's session.
///
/// A browser sends the cookie with whatever makes it send a request; so a change also has to bring a text that only a
/// page of ours can know, which follows from the session and is the same as long as that lasts.
/// Source: OWASP, "Cross-Site Request Forgery Prevention", HMAC-based token pattern.
package struct SessionSigner: Sendable {
    /// How long a session lasts at the most, in seconds.
    package static let longest: Int64 = 43_200
    /// How old a session's token is when it is made anew, in seconds.
    private static let fresh: Int64 = 300

    /// How long a session lasts without a request, in seconds.
    package let idle: Int64
    private let signer: TokenSigner
    private let key: SymmetricKey

    package init(signer: TokenSigner, pepper: Pepper, idle: Int64) {
        self.signer = signer
        self.idle = idle
        key = SymmetricKey(data: pepper.digest("cross-site request forgery", []))
    }

    /// The text that a change has to bring, of the session of a token: 43 characters of base64url.
    package func proof(tokenID: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(tokenID.utf8), using: key)
        return String(decoding: Base64URL.encode(code), as: UTF8.self)
    }

    /// Whether a text is the proof of a session, compared in constant time.
    package func isProof(_ text: String, tokenID: String) -> Bool {
        equalInConstantTime(Array(text.utf8), Array(proof(tokenID: tokenID).utf8))
    }

    /// Returns the token of a session with more time, if the one that came is not quite new: of the same id, so that
    /// logging out ends both.
    ///
    /// - Throws: `.cryptography`.
    package func renewed(_ claims: Claims, now: Int64) throws(IdentityError) -> String? {
        guard now - claims.issued >= Self.fresh else { return nil }
        let end = min(now + idle, claims.authenticated + Self.longest)
        guard end > claims.expires else { return nil }
        var renewed = claims
        renewed.issued = now
        renewed.notBefore = now
        renewed.expires = end
        return try signer.token(renewed)
    }
}
