//  The order of a login: read the proof, find the account, check, make a token.

import Identity
import PluginKit

struct UserAuthService: Sendable {
    /// How long a token lives, in seconds.
    static let lifetime: Int64 = 3_600

    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// Answers 201 with the token in the envelope.
    ///
    /// - Throws: `.validation`; `.invalidCredentials`, whichever of account, user and password is wrong;
    ///   `.tooManyRequests`.
    func logIn(_ call: Call) throws(APIError) -> Reply {
        guard let schema = kit.schemas[UserAuthPlugin.name] else { throw .internalFault("no schema user_auth") }
        let result = schema.validate(.object(try call.fields()))
        var violations = result.violations
        let proof = proof(result.value)
        if proof == nil, violations.isEmpty {
            violations.add(
                path: "credentials",
                rule: "required",
                message: "Field is required but missing",
                value: call.envelope.data
            )
        }
        guard let proof, violations.isEmpty else { throw .validation(violations.json) }
        let found = try user(of: proof, result.value)
        let claims = Claims(
            accountID: found.account,
            userID: found.user.id,
            method: .user,
            epochs: found.user.epochs,
            issued: call.time,
            lifetime: Self.lifetime
        )
        var reply = try LoginReply.reply(claims.principal, kit)
        reply.isCreated = true
        do {
            reply.authToken = try kit.identity.signer.token(claims)
        } catch {
            throw APIError(error)
        }
        return reply
    }

    private func proof(_ data: JSON) -> LoginProof? {
        if let digest = data["credentials"]?.string {
            return data["method"]?.string == "sha" ? .sha(digest) : .md5(digest)
        }
        guard let username = data["username"]?.string, let password = data["password"]?.string else { return nil }
        return .password(password, username: username)
    }

    /// An account that nobody knows costs as much time as one with another password.
    private func user(of proof: LoginProof, _ data: JSON) throws(APIError) -> (account: String, user: FoundUser) {
        let realm = data["account_realm"]?.string ?? data["realm"]?.string
        let name = data["account_name"]?.string
        let account = try kit.directory.account(named: name, realm: realm) ?? (realm ?? name ?? "")
        let found: FoundUser?
        do throws(IdentityError) {
            found = try kit.identity.login.user(of: proof, account: account)
        } catch {
            throw APIError(error)
        }
        guard let found else { throw .invalidCredentials }
        return (account, found)
    }
}
