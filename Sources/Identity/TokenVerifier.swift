//  Reading tokens: JWS in compact form with Ed25519, behind a strict gate. Source: RFC 7515, RFC 8725.

import Crypto
import Foundation

/// Decides whether a token is one of ours and its time is now. Whether it was revoked is the `Authenticator`'s question.
///
/// In this order, so that nothing unsigned is ever parsed: length, three segments, a header that is byte for byte one of
/// ours, canonical base64url, signature, strict JSON, every claim with its type, times.
package final class TokenVerifier: Sendable {
    /// Bytes; ours have some 600.
    package static let longestToken = 4096

    /// What a header's segment stands for.
    private struct Header: Sendable {
        var kind: TokenKind
        var key: Curve25519.Signing.PublicKey
        var retires: Int64?
    }

    private let headers: [[UInt8]: Header]
    private let terms: TokenTerms
    /// Claims of tokens whose signature was right, with the end of their key.
    private let verified: DigestCache<(claims: Claims, retires: Int64?)>

    /// - Parameter remembered: how many verified tokens to remember, at some 500 bytes each.
    package init(keys: TokenKeys, terms: TokenTerms, remembered: Int = 2_000) {
        var headers: [[UInt8]: Header] = [:]
        for key in keys.keys {
            for kind in TokenKind.allCases {
                headers[TokenHeader.segment(key: key.id, kind: kind)] =
                    Header(kind: kind, key: key.secret.publicKey, retires: key.retires)
            }
        }
        self.headers = headers
        self.terms = terms
        verified = DigestCache(limit: remembered)
    }

    /// Returns the claims of a token.
    ///
    /// Cost: one Ed25519 verification, some 100 µs; a SHA-256 if the token was seen before.
    ///
    /// - Parameter now: Unix seconds.
    /// - Throws: `.expiredToken` for a token of ours that was good before; `.invalidToken` for any other.
    package func verify(
        _ token: [UInt8],
        kind: TokenKind = .session,
        now: Int64
    ) throws(IdentityError) -> Claims {
        guard token.count <= Self.longestToken else { throw .invalidToken(.tooLong) }
        let cacheKey = SecretDigest(token)
        if let known = verified.value(for: cacheKey, now: now) {
            guard known.claims.kind == kind else { throw .invalidToken(.header) }
            try checkTimes(of: known.claims, retires: known.retires, now: now)
            return known.claims
        }
        let (claims, retires) = try read(token)
        guard claims.kind == kind else { throw .invalidToken(.header) }
        try checkTimes(of: claims, retires: retires, now: now)
        verified.store((claims, retires), for: cacheKey, expires: claims.expires + TokenTerms.skew)
        return claims
    }

    private func read(_ token: [UInt8]) throws(IdentityError) -> (claims: Claims, retires: Int64?) {
        let segments = token.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard segments.count == 3 else { throw .invalidToken(.segments) }
        guard let header = headers[Array(segments[0])] else { throw .invalidToken(.header) }
        guard
            let payload = Base64URL.decode(segments[1]),
            let signature = Base64URL.decode(segments[2]), signature.count == 64
        else { throw .invalidToken(.encoding) }
        guard header.key.isValidSignature(signature, for: token[..<segments[1].endIndex]) else {
            throw .invalidToken(.signature)
        }
        return (try Claims(payload: payload, kind: header.kind, terms: terms), header.retires)
    }

    private func checkTimes(of claims: Claims, retires: Int64?, now: Int64) throws(IdentityError) {
        if let retires, now >= retires { throw .invalidToken(.retiredKey) }
        if claims.issued > now + TokenTerms.skew || claims.notBefore > now + TokenTerms.skew {
            throw .invalidToken(.notYetValid)
        }
        if claims.expires - claims.issued > terms.longestLife { throw .invalidToken(.lifetime) }
        if now >= claims.expires + TokenTerms.skew { throw .expiredToken }
    }
}
