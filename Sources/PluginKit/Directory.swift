//  Accounts and users as the gateway and the logins need them, read from the store.

import DocumentStore
import Gateway
import Identity
import JSON

/// Looks accounts and users up, as of the last commit.
package struct Directory: AccountDirectory, IdentityDirectory {
    private let store: any DocumentStore
    private let revocations: Revocations
    private let defaults: SecurityPolicy.Defaults
    private let accounts = StateCache<AccountState>()
    private let users = StateCache<UserState>()

    /// - Parameter defaults: what logins demand where no account says anything.
    package init(store: any DocumentStore, revocations: Revocations, defaults: SecurityPolicy.Defaults) {
        self.store = store
        self.revocations = revocations
        self.defaults = defaults
    }

    /// Returns the id of the account with a realm, else of the one with a name, or nil; enabled or not.
    package func account(named name: String?, realm: String?) throws(APIError) -> String? {
        for (field, value) in [("realm", realm?.lowercased()), ("name", name?.alphanumericForm)] {
            guard let value else { continue }
            let key = UniqueKey(scope: .system, name: "accounts.\(field)", value: value)
            let holder = try store.read { store throws(StoreError) in try store.holder(of: key) }
            if let holder { return holder.id.text }
        }
        return nil
    }

    /// Returns the id of the user of an account who logs in with a name, or nil.
    package func user(named username: String, account: String) throws(APIError) -> String? {
        let key = UniqueKey(
            scope: .account(DocumentID(account)),
            name: "users.username",
            value: username.lowercased()
        )
        return try store.read { store throws(StoreError) in try store.holder(of: key) }?.id.text
    }

    package func account(_ id: String) throws(APIError) -> AccountNode? {
        try store.read { store throws(StoreError) in try state(ofAccount: id) }?.node
    }

    /// Returns the accounts above an account, the root first, also of one that was deleted; none if it never was.
    package func ancestors(of account: String) throws(APIError) -> [String] {
        let id = DocumentID(account)
        let stored = try store.read { store throws(StoreError) in try store.document(id, in: .account(id)) }
        return try stored.flatMap { stored throws(APIError) in AccountSecrets(try Document(stored).secrets) }?.ancestors
            ?? []
    }

    package func privilege(of principal: Principal) throws(APIError) -> Privilege? {
        guard let userID = principal.userID else { return .admin }
        let user = try store.read { store throws(StoreError) in try state(ofUser: userID, account: principal.accountID)
        }
        return user?.privilege
    }

    package func restrictions(of account: String) throws(APIError) -> TokenRestrictions? {
        try store.read { store throws(StoreError) in try state(ofAccount: account)?.restrictions }
    }

    /// Returns the policy for logins to an account, of its own settings and of those of the accounts above.
    package func policy(of account: String) throws(APIError) -> SecurityPolicy {
        try store.read { store throws(StoreError) in try policy(account, try state(ofAccount: account)) }
    }

    private func policy(_ account: String, _ own: AccountState?) throws(StoreError) -> SecurityPolicy {
        var levels: [(account: String, settings: JSON)] = []
        for id in own?.node.ancestors ?? [] {
            guard let above = try state(ofAccount: id) else { throw .corrupt("account \(id) is gone") }
            levels.append((id, above.security))
        }
        if let own { levels.append((account, own.security)) }
        return SecurityPolicy(account: account, levels: levels, defaults: defaults)
    }

    /// Returns the id of the account with an API key, or nil; enabled or not.
    package func account(apiKeyDigest digest: String) throws(APIError) -> String? {
        let key = StoredAPIKey.lookupKey(digest: digest)
        return try store.read { store throws(StoreError) in try store.holder(of: key) }?.id.text
    }

    /// Returns the account and the id of the user whose password an id resets, or nil.
    package func user(resetDigest digest: String) throws(APIError) -> (account: String, user: String)? {
        let key = PasswordReset.lookupKey(digest: digest)
        let holder = try store.read { store throws(StoreError) in try store.holder(of: key) }
        return holder.map { ($0.scope.text, $0.id.text) }
    }

    /// Returns the reseller of an account: the nearest one above, and the master account's own for itself.
    package func reseller(of node: AccountNode) throws(APIError) -> String {
        for id in node.ancestors.reversed() {
            if let above = try account(id), above.isReseller { return id }
        }
        return node.ancestors.first ?? node.id
    }

    package func epochs(account: String, user: String?) throws(IdentityError) -> Epochs? {
        try unavailable { () throws(StoreError) in
            guard let accountState = try openState(ofAccount: account) else { return nil }
            guard let user else { return Epochs(system: 0, account: accountState.epoch, user: 0) }
            guard let userState = try state(ofUser: user, account: account), userState.isEnabled else { return nil }
            return Epochs(system: 0, account: accountState.epoch, user: userState.epoch)
        }
    }

    package func isRevoked(tokenID: String) -> Bool { revocations.contains(tokenID) }

    package func salt(account: String) throws(IdentityError) -> AccountSalt? {
        try unavailable { () throws(StoreError) in try state(ofAccount: account)?.salt }
    }

    package func user(
        account: String,
        credentialIndex: String
    ) throws(IdentityError) -> FoundUser? {
        try unavailable { () throws(StoreError) in
            let key = UserSecrets.lookupKey(index: credentialIndex, account: .account(DocumentID(account)))
            guard let holder = try store.holder(of: key),
                let accountState = try openState(ofAccount: account),
                let user = try state(ofUser: holder.id.text, account: account), user.isEnabled,
                let credential = user.credentials.first(where: { $0.index == credentialIndex })
            else { return nil }
            let epochs = Epochs(system: 0, account: accountState.epoch, user: user.epoch)
            return FoundUser(
                id: holder.id.text,
                credential: credential,
                epochs: epochs,
                hasSecondFactor: user.hasSecondFactor,
                policy: try policy(account, accountState)
            )
        }
    }

    /// Returns a document of an account, of any kind.
    package func document(_ id: String, account: String) throws(APIError) -> Document? {
        let stored = try store.read { store throws(StoreError) in
            try store.document(DocumentID(id), in: .account(DocumentID(account)))
        }
        guard let stored, !stored.isDeleted else { return nil }
        return try Document(stored)
    }

    private func state(ofAccount id: String) throws(StoreError) -> AccountState? {
        try accounts.value(DocumentAddress(DocumentID(id), in: .account(DocumentID(id))), type: "account", store)
    }

    /// The state of an account that is enabled, as are all above it.
    private func openState(ofAccount id: String) throws(StoreError) -> AccountState? {
        guard let own = try state(ofAccount: id), own.node.isEnabled else { return nil }
        for above in own.node.ancestors where try state(ofAccount: above)?.node.isEnabled != true { return nil }
        return own
    }

    private func state(ofUser id: String, account: String) throws(StoreError) -> UserState? {
        try users.value(DocumentAddress(DocumentID(id), in: .account(DocumentID(account))), type: "user", store)
    }

    private func unavailable<Value>(_ body: () throws(StoreError) -> Value) throws(IdentityError) -> Value {
        do {
            return try body()
        } catch {
            throw .directoryUnavailable("\(error)")
        }
    }
}

private struct AccountState: DocumentState {
    let node: AccountNode
    let salt: AccountSalt
    let epoch: Int
    let security: JSON
    let restrictions: TokenRestrictions?

    init?(_ document: Document) {
        guard let secrets = AccountSecrets(document.secrets) else { return nil }
        node = AccountNode(
            id: document.id.text,
            ancestors: secrets.ancestors,
            isEnabled: document["enabled"]?.bool ?? true,
            isReseller: secrets.isReseller
        )
        salt = secrets.salt
        epoch = secrets.epoch
        security = secrets.security ?? .null
        restrictions = secrets.restrictions.map(TokenRestrictions.init)
    }
}

private struct UserState: DocumentState {
    let isEnabled: Bool
    let privilege: Privilege
    let credentials: [Credential]
    let hasSecondFactor: Bool
    let epoch: Int

    init?(_ document: Document) {
        let secrets = UserSecrets(document.secrets)
        isEnabled = document["enabled"]?.bool ?? true
        privilege = document["priv_level"]?.string == "admin" ? .admin : .user
        credentials = secrets.credentials
        hasSecondFactor = secrets.secondFactor != nil
        epoch = secrets.epoch
    }
}
