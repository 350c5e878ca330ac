//  From what a request presents to who asks.

import Crypto

/// Answers who sent a request, as of the last commit: every request asks the directory whether the account, the user and
/// the token are still good.
package struct Authenticator: Sendable {
    private let verifier: TokenVerifier
    private let directory: any IdentityDirectory
    private let basic: BasicLogin

    package init(verifier: TokenVerifier, login: PasswordLogin, directory: any IdentityDirectory) {
        self.verifier = verifier
        self.directory = directory
        basic = BasicLogin(login: login, directory: directory)
    }

    /// Returns the principal, or nil if the request presents nothing.
    ///
    /// - Parameters:
    ///   - source: where the request comes from; credentials that come with it may be guesses.
    ///   - now: Unix seconds.
    /// - Throws: `.expiredToken`, which ends the request; `.invalidToken`, which is as if nothing had been presented;
    ///   `.throttled`, `.busy`, `.cryptography`, `.directoryUnavailable`.
    package func authenticate(
        _ presented: PresentedToken?,
        from source: ClientSource,
        now: Int64
    ) throws(IdentityError) -> Principal? {
        guard let presented else { return nil }
        let principal =
            switch presented.content {
            case .token(let token): try principal(of: token, now: now)
            case .basic(let credentials): try basic.principal(of: credentials, from: source, now: now)
            }
        if let stated = presented.statedAccountID, !stated.elementsEqual(principal.accountID.utf8) {
            throw .invalidToken(.otherAccount)
        }
        return principal
    }

    private func principal(of token: [UInt8], now: Int64) throws(IdentityError) -> Principal {
        try claims(of: token, kind: .session, now: now).principal
    }

    /// Returns what a token says, if it is of a kind and still good.
    ///
    /// - Throws: as `authenticate`.
    package func claims(of token: [UInt8], kind: TokenKind, now: Int64) throws(IdentityError) -> Claims {
        let claims = try verifier.verify(token, kind: kind, now: now)
        guard let epochs = try directory.epochs(account: claims.accountID, user: claims.userID) else {
            throw .invalidToken(.unknownPrincipal)
        }
        guard epochs == claims.epochs, !(try directory.isRevoked(tokenID: claims.id)) else {
            throw .invalidToken(.revoked)
        }
        if let original = claims.impersonator {
            guard try directory.epochs(account: original.accountID, user: original.userID) == original.epochs else {
                throw .invalidToken(.revoked)
            }
        }
        return claims
    }
}
