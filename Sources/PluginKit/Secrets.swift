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
    package var isReseller = false
    /// The key by which the account itself logs in.
    package var apiKey: StoredAPIKey?
    /// The account's own security settings, or nil if it has none.
    package var security: JSON?
    /// The providers of second factors by their ids.
    package var providers = JSONObject()
    /// What the account's tokens may be used for, or nil if nothing is said of it.
    package var restrictions: JSON?

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
        isReseller = object["reseller"]?.bool ?? false
        apiKey = StoredAPIKey(object["api_key"])
        security = object["security"]
        providers = object["factor_providers"]?.object ?? [:]
        restrictions = object["restrictions"]
    }

    package var object: JSONObject {
        var object: JSONObject = [
            "tree": .array(ancestors.map { .string($0) }),
            "salt": .string(salt.text),
            "epoch": .number(JSONNumber(epoch)),
        ]
        if isReseller { object["reseller"] = true }
        object["api_key"] = apiKey?.json
        object["security"] = security
        if !providers.isEmpty { object["factor_providers"] = .object(providers) }
        object["restrictions"] = restrictions
        return object
    }
}

/// The private part of a user's document.
package struct UserSecrets: Sendable {
    /// One for each method; empty if the user cannot log in.
    package var credentials: [Credential]
    /// Moved to end every token of the user.
    package var epoch: Int
    package var secondFactor: SecondFactor?
    /// What resets the password once, if that was asked for.
    package var reset: PasswordReset?

    package init(credentials: [Credential] = [], epoch: Int = 1) {
        self.credentials = credentials
        self.epoch = epoch
    }

    package init(_ object: JSONObject) {
        credentials = object["credentials"]?.array?.compactMap(Credential.init) ?? []
        epoch = object["epoch"]?.int ?? 1
        // Damaged, it is a factor that no code opens, and not one less.
        secondFactor = object["second_factor"].map {
            SecondFactor($0) ?? SecondFactor(sealedSecret: "", lastStep: .max, recoveryDigests: [])
        }
        reset = PasswordReset(object["reset"])
    }

    package var object: JSONObject {
        var object: JSONObject = [
            "credentials": .array(credentials.map(\.json)),
            "epoch": .number(JSONNumber(epoch)),
        ]
        object["second_factor"] = secondFactor?.json
        object["reset"] = reset?.json
        return object
    }

    /// The unique key by which a login finds its user.
    package static func lookupKey(index: String, account: Scope) -> UniqueKey {
        UniqueKey(scope: account, name: "credential", value: index)
    }
}

/// A password reset that a user may do: the digest of its id, and until when.
package struct PasswordReset: Sendable, Equatable {
    package var digest: String
    /// Unix seconds.
    package var expires: Int64

    package init(digest: String, expires: Int64) {
        self.digest = digest
        self.expires = expires
    }

    init?(_ json: JSON?) {
        guard let digest = json?["digest"]?.string, let expires = json?["expires"]?.int else { return nil }
        self.init(digest: digest, expires: Int64(expires))
    }

    var json: JSON { ["digest": .string(digest), "expires": .number(JSONNumber(Int(expires)))] }

    /// The unique key by which the user is found.
    package static func lookupKey(digest: String) -> UniqueKey {
        UniqueKey(scope: .system, name: "password_reset", value: digest)
    }
}
