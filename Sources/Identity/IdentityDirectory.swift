//  What Identity needs to know of accounts and users; the store above answers.

/// Reads the state of accounts, users and tokens, as of the last commit. Called on the request's thread.
package protocol IdentityDirectory: Sendable {
    /// The current epochs, or nil if the account, or the user when one is named, is gone or disabled.
    ///
    /// - Throws: `.directoryUnavailable`.
    func epochs(account: String, user: String?) throws(IdentityError) -> Epochs?

    /// Whether a token was ended by its id, by a logout.
    ///
    /// - Throws: `.directoryUnavailable`.
    func isRevoked(tokenID: String) throws(IdentityError) -> Bool

    /// The salt of an account's credentials, or nil if the account is gone.
    ///
    /// - Throws: `.directoryUnavailable`.
    func salt(account: String) throws(IdentityError) -> AccountSalt?

    /// The enabled user of an enabled account whose credential has an index, or nil.
    ///
    /// The answer is of one commit: epochs read later could be those of a new password, and outlive the old one.
    ///
    /// - Throws: `.directoryUnavailable`.
    func user(account: String, credentialIndex: String) throws(IdentityError) -> FoundUser?
}

/// A user found by a credential.
package struct FoundUser: Sendable {
    package var id: String
    package var credential: Credential
    package var epochs: Epochs
    /// Whether the user has a second factor, which has to follow.
    package var hasSecondFactor: Bool
    /// What the account demands of its logins.
    package var policy: SecurityPolicy

    package init(
        id: String,
        credential: Credential,
        epochs: Epochs,
        hasSecondFactor: Bool = false,
        policy: SecurityPolicy
    ) {
        self.id = id
        self.credential = credential
        self.epochs = epochs
        self.hasSecondFactor = hasSecondFactor
        self.policy = policy
    }

    /// Whether the credential alone lets the user in, by a way to log in that can ask for nothing more.
    var needsNothingMore: Bool {
        let module = AuthenticationMethod.user.rawValue
        return !hasSecondFactor && policy.isEnabled(module) && policy.requiredFactors(module).isEmpty
            && (policy.allowsDigests || credential.method == .password)
    }
}
