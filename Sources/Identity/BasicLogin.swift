//  The `Basic` scheme: a login with every request. Source: RFC 7617; Crossbar's basic_auth.

import Crypto
import Foundation

/// Reads `account_id:digest`, with the MD5 or SHA-1 proof, or `account_id:username:password`.
///
/// A right answer is remembered for a minute, so that a device that logs in with every request costs one derivation a
/// minute; epochs are compared each time, so that a changed password ends it at once.
struct BasicLogin: Sendable {
    private struct Known: Sendable {
        var accountID: String
        var userID: String
        var epochs: Epochs
    }

    private static let memory: Int64 = 60

    private let login: PasswordLogin
    private let directory: any IdentityDirectory
    private let known = DigestCache<Known>(limit: 10_000)
    /// Of this process only: what is remembered tells nothing about a password.
    private let key = SymmetricKey(size: .bits256)

    init(login: PasswordLogin, directory: any IdentityDirectory) {
        self.login = login
        self.directory = directory
    }

    /// - Throws: `.invalidToken` with `.credentials`; `.throttled`, `.busy`, `.cryptography`, `.directoryUnavailable`.
    func principal(
        of credentials: [UInt8],
        from source: ClientSource,
        now: Int64
    ) throws(IdentityError) -> Principal {
        let place = SecretDigest(credentials, key: key)
        if let known = known.value(for: place, now: now),
            try directory.epochs(account: known.accountID, user: known.userID) == known.epochs
        {
            return Principal(accountID: known.accountID, userID: known.userID, method: .basic)
        }
        guard let (accountID, proof) = Self.read(credentials) else { throw .invalidToken(.credentials) }
        let attempt = LoginAttempt(source: source, account: accountID, username: proof.username, time: now)
        // What asks for a second factor, or for the password itself, is no request but a login.
        guard let user = try login.user(of: proof, attempt), user.needsNothingMore else {
            throw .invalidToken(.credentials)
        }
        known.store(
            Known(accountID: accountID, userID: user.id, epochs: user.epochs),
            for: place,
            expires: now + Self.memory
        )
        return Principal(accountID: accountID, userID: user.id, method: .basic)
    }

    private static func read(_ credentials: [UInt8]) -> (accountID: String, proof: LoginProof)? {
        guard
            let decoded = Data(base64Encoded: Data(credentials)),
            let text = String(validating: decoded, as: UTF8.self)
        else { return nil }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 2 where parts[1].utf8.count == 32: return (parts[0], .md5(parts[1]))
        case 2 where parts[1].utf8.count == 40: return (parts[0], .sha(parts[1]))
        case 3: return (parts[0], .password(parts[2], username: parts[1]))
        default: return nil
        }
    }
}
