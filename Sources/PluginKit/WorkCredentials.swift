//  What a service may do about logins: ask what is demanded, derive credentials, make a key. It can neither check a
//  login nor make a token.

import DocumentStore
import Gateway
import Identity

extension Work {
    /// The account above all others.
    package var masterAccount: DocumentID { kit.installation.masterAccount }

    /// Returns what logins to the account demand.
    package func policy() throws(APIError) -> SecurityPolicy { try kit.policy(of: scope.text) }

    /// Returns the credentials of a user of the account. They are derived once, however often the unit of work is tried.
    package func credentials(username: String, password: String) throws(APIError) -> [Credential] {
        try once("credentials of \(username):\(password)") { () throws(APIError) in
            do throws(IdentityError) {
                guard let salt = try kit.directory.salt(account: scope.text) else { return [] }
                return try kit.identity.hasher.credentials(username: username, password: password, salt: salt)
            } catch {
                throw APIError(error)
            }
        }
    }

    /// Returns a new API key of an account, as it is stored.
    package func makeAPIKey(for account: DocumentID) throws(APIError) -> StoredAPIKey {
        try kit.identity.makeAPIKey(for: account.text).stored
    }
}
