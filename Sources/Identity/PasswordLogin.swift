//  Logging in: from a proof to the user who gave it.

/// Finds the user of a proof, and tells strangers nothing: neither by its answer nor by its time.
package struct PasswordLogin: Sendable {
    private let hasher: CredentialHasher
    private let directory: any IdentityDirectory

    package init(hasher: CredentialHasher, directory: any IdentityDirectory) {
        self.hasher = hasher
        self.directory = directory
    }

    /// Returns the enabled user of an account whose password a proof shows, or nil.
    ///
    /// Cost: exactly one derivation, whether or not the account and the user exist.
    ///
    /// - Parameters:
    ///   - account: the account's id, or what the client called it if there is no such account.
    /// - Throws: `.busy`, `.cryptography`, `.directoryUnavailable`.
    package func user(of proof: LoginProof, account: String) throws(IdentityError) -> FoundUser? {
        let salt = try directory.salt(account: account) ?? hasher.saltForUnknownAccount(account)
        let given = try hasher.derive(proof, salt: salt)
        guard
            let found = try directory.user(account: account, credentialIndex: given.index),
            found.credential == given
        else { return nil }
        return found
    }
}
