//  The private fields of accounts and users: what identity keeps in their documents.

import DocumentStore
import Identity
import JSON

/// The private part of an account's document.
package struct AccountSecrets: Sendable {
    /// The ids of the accounts above, the root first.
    package var ancestors: [String]
    /// The salt of all credentials of the account.
    package var salt: AccountSalt
    /// Moved to end every token of the account.
    package var epoch: Int

    package init(ancestors: [String], salt: AccountSalt = AccountSalt(), epoch: Int = 1) {
        self.ancestors = ancestors
        self.salt = salt
        self.epoch = epoch
    }

    package init?(_ object: JSONObject) {
        guard let ancestors = object["tree"]?.array, let salt = object["salt"]?.string.flatMap(AccountSalt.init),
            let epoch = object["epoch"]?.int
        else { return nil }
        self.ancestors = ancestors.compactMap(\.string)
        self.salt = salt
        self.epoch = epoch
    }

    package var object: JSONObject {
        [
            "tree": .array(ancestors.map { .string($0) }),
            "salt": .string(salt.text),
            "epoch": .number(JSONNumber(epoch)),
        ]
    }
}

/// The private part of a user's document.
package struct UserSecrets: Sendable {
    /// One for each method; empty if the user cannot log in.
    package var credentials: [Credential]
    /// Moved to end every token of the user.
    package var epoch: Int

    package init(credentials: [Credential] = [], epoch: Int = 1) {
        self.credentials = credentials
        self.epoch = epoch
    }

    package init(_ object: JSONObject) {
        credentials = object["credentials"]?.array?.compactMap(Credential.init) ?? []
        epoch = object["epoch"]?.int ?? 1
    }

    package var object: JSONObject {
        [
            "credentials": .array(credentials.map(\.json)),
            "epoch": .number(JSONNumber(epoch)),
        ]
    }

    /// The unique key by which a login finds its user.
    package static func lookupKey(index: String, account: Scope) -> UniqueKey {
        UniqueKey(scope: account, name: "credential", value: index)
    }
}
