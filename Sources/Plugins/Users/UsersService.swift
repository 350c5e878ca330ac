//  What happens around a user's document: a password becomes credentials and is forgotten.

import Identity
import PluginKit

struct UsersService: CRUDService {
    /// Derives the credentials of a new password; takes them from a user who has no name to log in with any more.
    ///
    /// A change of what a login rests on ends the tokens that older logins made.
    func complete(_ change: inout Change, in operation: PluginKit.Operation) throws(APIError) {
        guard var user = change.new else { return }
        var secrets = UserSecrets(user.secrets)
        let password = user.fields.removeValue(forKey: "password")?.string
        if let username = user["username"]?.string {
            if let password {
                secrets.credentials = try credentials(username, password, user.scope, operation.kit)
            }
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

    private func credentials(
        _ username: String,
        _ password: String,
        _ scope: Scope,
        _ kit: Kit
    ) throws(APIError) -> [Credential] {
        do {
            guard let salt = try kit.directory.salt(account: scope.text) else {
                throw APIError.badIdentifier(scope.text)
            }
            return try kit.identity.hasher.credentials(username: username, password: password, salt: salt)
        } catch let error as IdentityError {
            throw APIError(error)
        } catch let error as APIError {
            throw error
        } catch {
            throw .internalFault("\(error)")
        }
    }
}
