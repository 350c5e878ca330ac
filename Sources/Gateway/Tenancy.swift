//  Accounts as a tree, callers in it, and who may do what.

import HTTPTypes
import Identity

/// An account's place in the tree of accounts.
package struct AccountNode: Equatable, Sendable {
    package var id: String
    /// The ids of the accounts above, the root first; empty for the master account.
    package var ancestors: [String]
    package var isEnabled: Bool
    /// Whether the accounts below are its own customers; the master account is everybody's reseller at last.
    package var isReseller: Bool

    package init(id: String, ancestors: [String], isEnabled: Bool, isReseller: Bool = false) {
        self.id = id
        self.ancestors = ancestors
        self.isEnabled = isEnabled
        self.isReseller = isReseller || ancestors.isEmpty
    }

    package var isMaster: Bool { ancestors.isEmpty }

    /// Whether this account is `other` or lies below it.
    package func isWithin(_ other: String) -> Bool { id == other || ancestors.contains(other) }
}

/// What a user may do in an account. Order: a higher one may do all that a lower one may.
package enum Privilege: Int, Comparable, Sendable {
    case user, admin

    package static func < (left: Privilege, right: Privilege) -> Bool { left.rawValue < right.rawValue }
}

/// An authenticated principal with its place and its rights, read when the request arrived.
package struct Caller: Sendable {
    package var principal: Principal
    package var account: AccountNode
    package var privilege: Privilege

    package init(principal: Principal, account: AccountNode, privilege: Privilege) {
        self.principal = principal
        self.account = account
        self.privilege = privilege
    }

    /// The user who asks, or nil if the account itself does.
    package var userID: String? { principal.userID }

    /// The master account's administrators may do everything.
    package var isSuperduper: Bool { account.isMaster && privilege == .admin }
}

/// Where accounts and their users are looked up; implemented over the store.
package protocol AccountDirectory: Sendable {
    /// Returns the account, or nil if there is none.
    func account(_ id: String) throws(APIError) -> AccountNode?

    /// Returns what a principal may do; nil if its user is gone or disabled.
    func privilege(of principal: Principal) throws(APIError) -> Privilege?

    /// Returns what the tokens of an account may be used for, or nil if everything.
    func restrictions(of account: String) throws(APIError) -> TokenRestrictions?
}

extension AccountDirectory {
    /// Asks what the caller's account lets its tokens be used for. The master account's may be used for everything.
    ///
    /// - Throws: `.restricted`
    package func checkRestrictions(
        _ caller: Caller,
        endpoint: Noun,
        method: HTTPRequest.Method,
        account: AccountNode?
    ) throws(APIError) {
        guard !caller.account.isMaster, let restrictions = try restrictions(of: caller.account.id) else { return }
        guard restrictions.allow(caller, endpoint: endpoint, method: method, account: account) else {
            throw .restricted
        }
    }
}

/// Who may use a method of an endpoint.
package enum Access: Equatable, Sendable {
    /// Nobody has to be known.
    case anyone
    /// Anybody with a valid token.
    case authenticated
    /// Users of the account in the path, or of one above it, with at least this privilege; a path without an account
    /// means the caller's own.
    case account(Privilege)
    /// Administrators as above, and the user that the path names.
    case accountAdminOrSelf
    /// Administrators of the master account.
    case superduper

    /// - Throws: `.invalidCredentials` if nobody is known and somebody must be; `.forbidden`.
    package func check(_ caller: Caller?, account: AccountNode?, nouns: [Noun]) throws(APIError) {
        if self == .anyone { return }
        guard let caller else { throw .invalidCredentials }
        if !isGranted(to: caller, account: account, nouns: nouns) { throw .forbidden }
    }

    private func isGranted(to caller: Caller, account: AccountNode?, nouns: [Noun]) -> Bool {
        if caller.isSuperduper { return true }
        switch self {
        case .anyone, .authenticated: return true
        case .superduper: return false
        case .account(let privilege):
            let account = account ?? caller.account
            guard account.isWithin(caller.account.id) else { return false }
            // In an account below, only administrators have any rights.
            return caller.privilege >= (account.id == caller.account.id ? privilege : .admin)
        case .accountAdminOrSelf:
            guard let account, account.isWithin(caller.account.id) else { return false }
            if caller.privilege >= .admin { return true }
            guard account.id == caller.account.id, let userID = caller.principal.userID else { return false }
            return nouns.contains { $0.module == "users" && $0.arguments.first == userID }
        }
    }
}
