//  What whoever runs the server may do without logging in: let people in again, and send them out.

import Identity
import PluginKit

/// Changes users and tokens through the plugins' own services, on behalf of the system.
package struct Operator {
    private let kit: Kit
    private let time: Int64

    /// - Parameter time: Unix seconds.
    package init(_ kit: Kit, time: Int64) {
        self.kit = kit
        self.time = time
    }

    /// Returns the id of an account by its name or realm; of the master account for nil.
    ///
    /// - Throws: `.badIdentifier`.
    package func account(_ name: String?) throws(APIError) -> String {
        guard let name else { return kit.installation.masterAccount.text }
        if let account = try kit.directory.account(named: name, realm: name) { return account }
        throw .badIdentifier(name)
    }

    /// Returns the rows of an account's users: compact JSON objects.
    package func users(in account: String) throws(APIError) -> [JSON] {
        var call = call
        call.query = try QueryParameters(Array("paginate=false&ascending=true".utf8)[...])
        let reply = try kit.service(UsersPlugin.self, for: call, in: account).list(ListRequest(call))
        var rows: [JSON] = []
        switch reply.content {
        case .rows(let page): rows = page.compactMap { try? JSON(parsing: $0) }
        case .stream(let stream):
            do {
                try stream.read { page in rows += page.compactMap { try? JSON(parsing: $0) } }
            } catch {
                throw error as? APIError ?? .internalFault("\(error)")
            }
        default: break
        }
        return rows
    }

    /// Makes a user, and returns the id.
    package func addUser(
        _ username: String,
        password: String,
        isAdministrator: Bool,
        in account: String
    ) throws(APIError) -> String {
        try kit.service(UsersPlugin.self, for: call, in: account).create([
            "first_name": .string(username),
            "last_name": .string(isAdministrator ? "Admin" : "User"),
            "username": .string(username),
            "password": .string(password),
            "priv_level": isAdministrator ? "admin" : "user",
        ]).id.text
    }

    /// Gives a user another password, and switches the user on. The user's tokens end.
    package func setPassword(_ password: String, of username: String, in account: String) throws(APIError) {
        _ = try kit.service(UsersPlugin.self, for: call, in: account)
            .merge(["password": .string(password), "enabled": true], into: DocumentID(user(username, account)))
    }

    /// Takes a user's second factor away. The user's tokens end.
    ///
    /// - Returns: whether there was one.
    package func endSecondFactor(of username: String, in account: String) throws(APIError) -> Bool {
        var hadOne = false
        let notice = Notice("user_second_factor_disabled")
        try kit.changeUser(try user(username, account), account: account, call, telling: [notice]) { secrets in
            hadOne = secrets.secondFactor != nil
            guard hadOne else { return }
            secrets.secondFactor = nil
            secrets.epoch += 1
        }
        return hadOne
    }

    /// Makes a token that speaks for a user.
    ///
    /// - Parameter lifetime: seconds; cut to twelve hours.
    /// - Throws: `.badIdentifier` for a user who is unknown or switched off.
    package func token(for username: String, in account: String, lifetime: Int64) throws(APIError) -> String {
        let user = try user(username, account)
        let token: String?
        do throws(IdentityError) {
            token = try kit.directory.epochs(account: account, user: user).map { epochs throws(IdentityError) in
                try kit.identity.signer.token(
                    Claims(
                        accountID: account,
                        userID: user,
                        method: .user,
                        epochs: epochs,
                        issued: time,
                        lifetime: lifetime
                    )
                )
            }
        } catch {
            throw APIError(error)
        }
        guard let token else { throw .badIdentifier(username) }
        return token
    }

    /// Ends one token.
    ///
    /// - Throws: `.invalidCredentials` or `.expiredToken` for one that is not good any more.
    package func revoke(_ token: String) throws(APIError) {
        let claims: Claims
        do {
            claims = try kit.identity.authenticator.claims(of: Array(token.utf8), kind: .session, now: time)
        } catch {
            throw APIError(error)
        }
        try kit.revocations.add(claims.id, of: claims.principal, call: call)
    }

    private func user(_ username: String, _ account: String) throws(APIError) -> String {
        guard let user = try kit.directory.user(named: username, account: account) else {
            throw .badIdentifier(username)
        }
        return user
    }

    private var call: Call {
        Call(nouns: [], path: "/", method: .post, requestID: "operator", time: time, isSecure: true)
    }
}
