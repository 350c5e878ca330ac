//  What a token must say to be one of ours.

/// The parties and the times that the signer writes and the verifier demands.
package struct TokenTerms: Sendable {
    /// `iss`: names this installation.
    package var issuer: String
    /// `aud`: names what the tokens are for.
    package var audience: String
    /// The longest life of any token, in seconds.
    package var longestLife: Int64 = 43_200
    /// How far clocks may be apart, in seconds.
    package static let skew: Int64 = 30

    package init(issuer: String, audience: String) {
        self.issuer = issuer
        self.audience = audience
    }
}

/// What a token is for. One kind is never accepted as another, because the kind is the header's `typ`.
package enum TokenKind: String, Sendable, Hashable, CaseIterable {
    /// Opens the API.
    case session = "jackfield+jwt"
    /// Shows that the first of two factors was right.
    case secondFactor = "jackfield-mfa+jwt"
}
