//  What may keep a request from having a known sender.

/// Every error of Identity. The first three are the client's, the others the server's.
package enum IdentityError: Error, Equatable {
    /// A field that decides who asks came more than once: 400.
    case duplicateField(String)
    /// A token of ours whose time is over: 401, on public endpoints too, so that a client drops it.
    case expiredToken
    /// Not a token of ours, or one that is no longer good: as if none had been sent.
    case invalidToken(TokenFlaw)
    /// Too many logins are waiting already: 429. `retryAfter` is in seconds.
    case busy(retryAfter: Int)
    /// Too many failures before this try: 429. `retryAfter` is in seconds.
    case throttled(retryAfter: Int)
    /// The cryptographic library could not do its work, which means that memory ran out: 503.
    case cryptography(String)
    /// The store behind an `IdentityDirectory` cannot answer: 503.
    case directoryUnavailable(String)
    /// A key file is missing, damaged, readable by others, or cannot be written.
    case keyFile(path: String, reason: String)
}

/// Why a token is refused: for logs, metrics and tests, never for the client.
package enum TokenFlaw: String, Sendable, Equatable, CaseIterable {
    /// Longer than `TokenVerifier.longestToken`.
    case tooLong = "too long"
    /// Not three segments.
    case segments
    /// The header is not, byte for byte, one that we print with a key we know.
    case header
    /// The key stopped being accepted.
    case retiredKey = "retired key"
    /// The payload or the signature is not canonical base64url.
    case encoding
    case signature
    /// A claim is missing, unknown, twice there, or of the wrong type or range.
    case claims
    case issuer
    case audience
    /// `nbf` or `iat` is in the future.
    case notYetValid = "not yet valid"
    /// `exp` is further away than any token of ours lives.
    case lifetime
    /// The account or the user is gone or disabled.
    case unknownPrincipal = "unknown principal"
    /// An epoch went on since, or the token's id is denied.
    case revoked
    /// `X-Auth-Account-ID` names another account than the token.
    case otherAccount = "other account"
    /// `Basic` credentials that are malformed or wrong.
    case credentials
}
