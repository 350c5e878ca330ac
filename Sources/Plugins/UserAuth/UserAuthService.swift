//  The order of a login: read the proof, find the user, ask for the second factor, make a token, write it down.

import Identity
import PluginKit

struct UserAuthService: Sendable {
    private static let module = AuthenticationMethod.user.rawValue

    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// Answers 201 with the token in the envelope.
    ///
    /// - Throws: `.validation`; `.invalidCredentials`, whichever of account, user and password is wrong;
    ///   `.expiredToken` if the account lets nobody log in this way; what a second factor may refuse;
    ///   `.tooManyRequests`.
    func logIn(_ call: Call) throws(APIError) -> Reply {
        let data = try validated(call)
        let response = data["multi_factor_response"]?.controlText
        if let pending = data["multi_factor_token"]?.string {
            let claims = try claims(of: pending, call)
            guard let user = claims.userID else { throw .invalidCredentials }
            return try finish(claims.accountID, user, claims.epochs, response: response, call)
        }
        guard let proof = proof(data) else { throw missingCredentials(call) }
        let account = try account(data)
        guard let found = try user(of: proof, account, call) else { throw .invalidCredentials }
        guard found.policy.isEnabled(Self.module) else { throw .expiredToken }
        return try finish(account, found.id, found.epochs, response: response, call)
    }

    /// Everything after the password.
    private func finish(
        _ account: String,
        _ user: String,
        _ epochs: Epochs,
        response: String?,
        _ call: Call
    ) throws(APIError) -> Reply {
        let policy = try kit.policy(of: account)
        guard policy.isEnabled(Self.module) else { throw .expiredToken }
        let step = SecondFactorStep(kit: kit, account: account, user: user, policy: policy, module: Self.module)
        let outcome = try step.pass(epochs, response: response, call)
        let session = Session(
            account: account,
            user: user,
            method: .user,
            epochs: outcome.epochs,
            lifetime: policy.lifetime(Self.module)
        )
        var reply = try session.begin(call, kit)
        if !outcome.recoveryCodes.isEmpty {
            try reply.add("multi_factor_recovery_codes", .array(outcome.recoveryCodes.map { .string($0) }))
        }
        // Before the answer: what cannot be written down does not happen.
        try record(account, user, policy, isSuccess: true, "login", call)
        return reply
    }

    /// Makes a token with which an administrator of an account above acts as a user. It is written down, and told.
    ///
    /// - Throws: `.forbidden` unless the caller is a user of an account above, an administrator, and nobody else.
    func impersonate(_ call: Call) throws(APIError) -> Reply {
        guard call.control("action") == "impersonate_user" else {
            throw .invalid(
                "action",
                rule: "enum",
                "Value not found in enumerated list of values",
                [
                    "target": ["impersonate_user"]
                ]
            )
        }
        guard let caller = call.caller, let impersonator = caller.principal.userID, caller.privilege == .admin,
            let account = call.account, account.ancestors.contains(caller.account.id),
            caller.principal.impersonator == nil
        else { throw .forbidden }
        guard let user = call.nouns.first(where: { $0.module == "users" })?.arguments.first else { throw .notFound }
        let policy = try kit.policy(of: account.id)
        let session: Session
        do throws(IdentityError) {
            guard let own = try kit.directory.epochs(account: caller.account.id, user: impersonator),
                let epochs = try kit.directory.epochs(account: account.id, user: user)
            else { throw .invalidToken(.unknownPrincipal) }
            session = Session(
                account: account.id,
                user: user,
                method: .user,
                epochs: epochs,
                lifetime: policy.lifetime(Self.module),
                impersonator: Impersonator(accountID: caller.account.id, userID: impersonator, epochs: own)
            )
        } catch {
            guard case .invalidToken = error else { throw APIError(error) }
            throw .badIdentifier(user)
        }
        let reply = try session.begin(call, kit)
        let attempt = RecordedAttempt(
            account: account.id,
            user: user,
            module: Self.module,
            isSuccess: true,
            message: "impersonated",
            metadata: [
                "original_account_id": .string(caller.account.id), "original_owner_id": .string(impersonator),
            ]
        )
        try kit.identity.attempts.record(attempt, call)
        return reply
    }

    private func validated(_ call: Call) throws(APIError) -> JSON {
        guard let schema = kit.schemas[UserAuthPlugin.name] else { throw .internalFault("no schema user_auth") }
        let result = schema.validate(.object(try call.fields()))
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        return result.value
    }

    private func missingCredentials(_ call: Call) -> APIError {
        .invalid("credentials", rule: "required", "Field is required but missing", ["value": call.envelope.data])
    }

    private func proof(_ data: JSON) -> LoginProof? {
        if let digest = data["credentials"]?.string {
            return data["method"]?.string == "sha" ? .sha(digest) : .md5(digest)
        }
        guard let username = data["username"]?.string, let password = data["password"]?.string else { return nil }
        return .password(password, username: username)
    }

    /// The account's id, or what the client called it.
    private func account(_ data: JSON) throws(APIError) -> String {
        let realm = data["account_realm"]?.string ?? data["realm"]?.string
        let name = data["account_name"]?.string
        return try kit.directory.account(named: name, realm: realm) ?? (realm ?? name ?? "")
    }

    /// An account that nobody knows costs as much time as one with another password.
    private func user(of proof: LoginProof, _ account: String, _ call: Call) throws(APIError) -> FoundUser? {
        let attempt = LoginAttempt(
            source: call.client.source,
            account: account,
            username: proof.username,
            time: call.time
        )
        var found: FoundUser?
        do {
            found = try kit.identity.login.user(of: proof, attempt)
        } catch {
            throw APIError(error)
        }
        if let user = found, user.credential.method != .password, !user.policy.allowsDigests { found = nil }
        guard let found else {
            let isKnown = try kit.directory.account(account) != nil
            let policy = try kit.policy(of: account)
            // Failures in no account are written down too, so that they take the same time.
            try record(isKnown ? account : "", nil, policy, isSuccess: false, "invalid credentials", call)
            return nil
        }
        if !kit.identity.hasher.isCurrent(found.credential) { try renew(found, proof, account, call) }
        return found
    }

    /// Derives the credential that let a user in with the parameters of now.
    private func renew(_ found: FoundUser, _ proof: LoginProof, _ account: String, _ call: Call) throws(APIError) {
        let renewed: [Credential]
        do throws(IdentityError) {
            guard let salt = try kit.directory.salt(account: account) else { return }
            renewed = try kit.identity.hasher.renewed(proof, salt: salt)
        } catch {
            throw APIError(error)
        }
        try kit.changeUser(found.id, account: account, call) { secrets in
            // Whoever changed the password meanwhile did so for good.
            guard secrets.credentials.contains(found.credential) else { return }
            let methods = renewed.map(\.method)
            secrets.credentials = secrets.credentials.filter { !methods.contains($0.method) } + renewed
        }
    }

    /// What the first step of a login was told.
    private func claims(of pending: String, _ call: Call) throws(APIError) -> Claims {
        do {
            return try kit.identity.authenticator.claims(
                of: Array(pending.utf8),
                kind: .secondFactor,
                now: call.time
            )
        } catch {
            throw APIError(error)
        }
    }

    private func record(
        _ account: String,
        _ user: String?,
        _ policy: SecurityPolicy,
        isSuccess: Bool,
        _ message: String,
        _ call: Call
    ) throws(APIError) {
        guard policy.records(Self.module, success: isSuccess) else { return }
        let attempt = RecordedAttempt(
            account: account,
            user: user,
            module: Self.module,
            isSuccess: isSuccess,
            message: message
        )
        try kit.identity.attempts.record(attempt, call)
    }
}
