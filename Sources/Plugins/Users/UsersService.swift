//  What happens around a user's document: a password becomes credentials and is forgotten.

import Identity
import PluginKit

struct UsersService: CRUDService {
    /// A tombstone keeps nothing that lets anybody in; whoever is restored is not let in by a token of before.
    func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document {
        let user = try work.find(id)
        if UsersPlugin.isAdministrator(user) { try keepAnAdministrator(in: work) }
        var bare = user
        bare.secrets = UserSecrets(epoch: UserSecrets(user.secrets).epoch + 1).object
        let deleted = try work.save(Change(old: try work.amend(Change(old: user, new: bare)), new: nil))
        try work.settleReferences(to: user)
        return deleted
    }

    /// Refuses to leave the master account without anybody who can rule it: nobody could bring him back.
    ///
    /// The number of administrators is that of the commit: of two who go at one time, one stays.
    private func keepAnAdministrator(in work: Work) throws(APIError) {
        guard work.scope == .account(work.masterAccount) else { return }
        let count = try work.reader.count(UsersPlugin.self, UsersPlugin.administrators)
        guard count > 1 else {
            throw .invalid("priv_level", rule: "last_administrator", "This is the last administrator of the system")
        }
        work.keepCount(of: UsersPlugin.administrators, at: count)
    }

    /// Derives the credentials of a new password; takes them from a user who has no name to log in with any more. A
    /// digest of one, `credentials`, is neither taken nor kept: whoever has it could log in with it.
    ///
    /// A change of what a login rests on ends the tokens that older logins made.
    func complete(_ change: inout Change, in work: Work) throws(APIError) {
        guard var user = change.new else { return }
        var secrets = UserSecrets(user.secrets)
        let password = user.fields.removeValue(forKey: "password")?.string
        user.fields["credentials"] = nil
        if let username = user["username"]?.string {
            if let password { secrets.credentials = try work.credentials(username: username, password: password) }
        } else {
            secrets.credentials = []
        }
        if let password {
            try check(password, of: user, in: work)
            secrets.reset = nil
            if !change.changes("require_password_update") { user.fields["require_password_update"] = false }
        }
        let endsTokens = ["enabled", "priv_level"].contains(where: change.changes)
        if change.old != nil, endsTokens || secrets.credentials != UserSecrets(user.secrets).credentials {
            secrets.epoch += 1
        }
        user.secrets = secrets.object
        if let old = change.old, UsersPlugin.isAdministrator(old), !UsersPlugin.isAdministrator(user) {
            try keepAnAdministrator(in: work)
        }
        change.new = user
    }

    /// As long as the account and those above demand, and none that everybody tries; nothing is asked of what it is
    /// made of.
    private func check(_ password: String, of user: Document, in work: Work) throws(APIError) {
        let policy = try work.policy()
        let least = policy.minimumPasswordLength
        guard password.unicodeScalars.count >= least else {
            throw .invalid(
                "password",
                rule: "minLength",
                "The password must have at least \(least) characters",
                ["target": .number(JSONNumber(least))]
            )
        }
        guard !policy.allowsCommonPasswords else { return }
        let home = try work.reader.account(DocumentID(work.scope.text))
        let names =
            ["username", "first_name", "last_name", "email"].map { user[$0] } + [home?["name"], home?["realm"]]
        guard CommonPasswords.contain(password, names: names.compactMap { $0?.string }) else { return }
        throw .invalid("password", rule: "common", "The password is one that others guess first")
    }
}
