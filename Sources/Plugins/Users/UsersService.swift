//  What happens around a user's document: a password becomes credentials and is forgotten.

import Identity
import PluginKit

struct UsersService: CRUDService {
    /// Derives the credentials of a new password; takes them from a user who has no name to log in with any more.
    ///
    /// A change of what a login rests on ends the tokens that older logins made.
    func complete(_ change: inout Change, in work: Work) throws(APIError) {
        guard var user = change.new else { return }
        var secrets = UserSecrets(user.secrets)
        let password = user.fields.removeValue(forKey: "password")?.string
        if let username = user["username"]?.string {
            if let password { secrets.credentials = try credentials(username, password, work) }
        } else {
            secrets.credentials = []
        }
        let endsTokens = ["enabled", "priv_level"].contains(where: change.changes)
        if change.old != nil, endsTokens || secrets.credentials != UserSecrets(user.secrets).credentials {
            secrets.epoch += 1
        }
        user.secrets = secrets.object
        change.new = user
    }

    /// Derived once, however often the unit of work is tried.
    private func credentials(_ username: String, _ password: String, _ work: Work) throws(APIError) -> [Credential] {
        try work.once("credentials of \(username):\(password)") { () throws(APIError) in
            do throws(IdentityError) {
                guard let salt = try work.kit.directory.salt(account: work.scope.text) else { return [] }
                return try work.kit.identity.hasher.credentials(username: username, password: password, salt: salt)
            } catch {
                throw APIError(error)
            }
        }
    }
}
