//  Logging in: from a proof to the user who gave it.

/// Finds the user of a proof, and tells strangers nothing: neither by its answer nor by its time.
package struct PasswordLogin: Sendable {
    private let hasher: CredentialHasher
    private let directory: any IdentityDirectory
    private let throttle: LoginThrottle

    package init(hasher: CredentialHasher, directory: any IdentityDirectory, throttle: LoginThrottle) {
        self.hasher = hasher
        self.directory = directory
        self.throttle = throttle
    }

    /// Returns the enabled user of an account whose password a proof shows, or nil.
    ///
    /// Cost: exactly one derivation, whether or not the account and the user exist; one more for each set of parameters
    /// that was in use before.
    ///
    /// - Parameter attempt: who tries, and in which account: its id, or what the client called it if there is none such.
    /// - Throws: `.throttled` before anything is derived; `.busy`, `.cryptography`, `.directoryUnavailable`.
    package func user(of proof: LoginProof, _ attempt: LoginAttempt) throws(IdentityError) -> FoundUser? {
        try throttle.admit(attempt)
        let found: FoundUser?
        do {
            found = try user(of: proof, account: attempt.account ?? "")
        } catch {
            throttle.giveBack(attempt)
            throw error
        }
        if found == nil { throttle.failed(attempt) } else { throttle.succeeded(attempt) }
        return found
    }

    private func user(of proof: LoginProof, account: String) throws(IdentityError) -> FoundUser? {
        let salt = try directory.salt(account: account) ?? hasher.saltForUnknownAccount(account)
        var found: FoundUser?
        for given in try hasher.derive(proof, salt: salt) {
            guard let user = try directory.user(account: account, credentialIndex: given.index),
                user.credential == given
            else { continue }
            found = found ?? user
        }
        return found
    }
}
