//  Who asks.

/// The sender of a request, after authentication.
package struct Principal: Sendable, Hashable {
    package var accountID: String
    /// The user, or nil if the account itself asks, by its API key.
    package var userID: String?
    package var method: AuthenticationMethod
    /// The token's `jti`, or nil if none was used.
    package var tokenID: String?
    /// When the token ends, in Unix seconds, or nil if none was used.
    package var expires: Int64?
    /// When the login was that the token goes back to, in Unix seconds, or nil if none was used.
    package var authenticated: Int64?
    /// Who acts as this user, or nil if the user does.
    package var impersonator: Impersonator?

    package init(
        accountID: String,
        userID: String?,
        method: AuthenticationMethod,
        tokenID: String? = nil,
        expires: Int64? = nil,
        authenticated: Int64? = nil,
        impersonator: Impersonator? = nil
    ) {
        self.accountID = accountID
        self.userID = userID
        self.method = method
        self.tokenID = tokenID
        self.expires = expires
        self.authenticated = authenticated
        self.impersonator = impersonator
    }
}

/// An administrator of an account above, who acts as somebody else.
package struct Impersonator: Sendable, Hashable {
    package var accountID: String
    package var userID: String
    /// As they were when it began: what ends the administrator's own tokens ends this one too.
    package var epochs: Epochs

    package init(accountID: String, userID: String, epochs: Epochs) {
        self.accountID = accountID
        self.userID = userID
        self.epochs = epochs
    }
}

/// How a principal proved itself; the raw values are Crossbar's names, which tokens and restrictions carry.
package enum AuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    case user = "cb_user_auth"
    case apiKey = "cb_api_auth"
    case basic = "cb_basic_auth"
}

/// Counters that end tokens before their time: a token carries the values of its making, and any that moved on since
/// ends it.
package struct Epochs: Sendable, Hashable {
    /// Moved to end every token there is.
    package var system: Int
    /// Moved when the account is disabled, moved in the tree or changes its security settings.
    package var account: Int
    /// Moved when the user's password, second factor, role or state changes; 0 without a user.
    package var user: Int

    package init(system: Int, account: Int, user: Int) {
        self.system = system
        self.account = account
        self.user = user
    }
}
