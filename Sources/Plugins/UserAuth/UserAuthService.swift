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
    ///   `.forbidden` for who may not act as whom he names; `.tooManyRequests`.
    func logIn(_ call: Call) throws(APIError) -> Reply {
        let data = try validated(call)
        let response = data["multi_factor_response"]?.controlText
        let subject = try subject(data)
        if let pending = data["multi_factor_token"]?.string {
            let claims = try claims(of: pending, call)
            guard let user = claims.userID else { throw .invalidCredentials }
            return try finish(claims.accountID, user, claims.epochs, response: response, as: subject, call)
        }
        guard let proof = proof(data) else { throw missingCredentials(call) }
        let names = AccountNames(data)
        let account = try names.account(kit) ?? names.text
        guard let found = try user(of: proof, account, call) else { throw .invalidCredentials }
        guard found.policy.isEnabled(Self.module) else { throw .expiredToken }
        return try finish(account, found.id, found.epochs, response: response, as: subject, call)
    }

    /// As whom somebody wants to act who logs in.
    private struct Subject {
        let account: String
        let user: String
    }

    /// Crossbar lets the user be left out, and asks nothing of whom is named; here both are needed.
    private func subject(_ data: JSON) throws(APIError) -> Subject? {
        guard let named = data["as"], named != .null else { return nil }
        guard let account = named["account_id"]?.string, let user = named["owner_id"]?.string else {
            let missing = named["account_id"]?.string == nil ? "as.account_id" : "as.owner_id"
            throw .invalid(missing, rule: "required", "Field is required but missing", ["value": named])
        }
        return Subject(account: account, user: user)
    }

    /// Everything after the password.
    private func finish(
        _ account: String,
        _ user: String,
        _ epochs: Epochs,
        response: String?,
        as subject: Subject?,
        _ call: Call
    ) throws(APIError) -> Reply {
        let policy = try kit.policy(of: account)
        guard policy.isEnabled(Self.module) else { throw .expiredToken }
        // Before a second factor begins, whose recovery codes a refusal would not show.
        if let subject { try checkRight(of: user, in: account, toActAs: subject) }
        let step = SecondFactorStep(kit: kit, account: account, user: user, policy: policy, module: Self.module)
        let outcome = try step.pass(epochs, response: response, call)
        var reply: Reply
        if let subject {
            let impersonator = Impersonator(accountID: account, userID: user, epochs: outcome.epochs)
            reply = try begin(impersonator, as: subject, call)
        } else {
            let session = Session(
                account: account,
                user: user,
                method: .user,
                epochs: outcome.epochs,
                lifetime: policy.lifetime(Self.module)
            )
            reply = try session.begin(call, kit)
        }
        if !outcome.recoveryCodes.isEmpty {
            try reply.add("multi_factor_recovery_codes", .array(outcome.recoveryCodes.map { .string($0) }))
        }
        // Before the answer: what cannot be written down does not happen.
        try record(account, user, policy, isSuccess: true, "login", call)
        return reply
    }

    /// - Throws: `.forbidden` unless the user is an administrator, and the subject in an account below; `.restricted` if
    ///   his account lets its tokens not do what this does in one step.
    private func checkRight(
        of user: String,
        in account: String,
        toActAs subject: Subject
    ) throws(APIError) {
        let principal = Principal(accountID: account, userID: user, method: .user)
        guard try kit.directory.privilege(of: principal) == .admin,
            let node = try kit.directory.account(subject.account), node.ancestors.contains(account),
            let own = try kit.directory.account(account)
        else { throw .forbidden }
        try kit.directory.checkRestrictions(
            Caller(principal: principal, account: own, privilege: .admin),
            endpoint: Noun(UserAuthPlugin.name),
            method: .put,
            account: node
        )
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
        guard let own = try epochs(caller.account.id, impersonator) else { throw .invalidCredentials }
        return try begin(
            Impersonator(accountID: caller.account.id, userID: impersonator, epochs: own),
            as: Subject(account: account.id, user: user),
            call
        )
    }

    /// - Throws: `.badIdentifier` unless the account has the user, and both are enabled.
    private func begin(
        _ impersonator: Impersonator,
        as subject: Subject,
        _ call: Call
    ) throws(APIError) -> Reply {
        guard let epochs = try epochs(subject.account, subject.user) else { throw .badIdentifier(subject.user) }
        let session = Session(
            account: subject.account,
            user: subject.user,
            method: .user,
            epochs: epochs,
            lifetime: try kit.policy(of: subject.account).lifetime(Self.module),
            impersonator: impersonator
        )
        let reply = try session.begin(call, kit)
        let attempt = RecordedAttempt(
            account: subject.account,
            user: subject.user,
            module: Self.module,
            isSuccess: true,
            message: "impersonated",
            metadata: [
                "original_account_id": .string(impersonator.accountID),
                "original_owner_id": .string(impersonator.userID),
            ]
        )
        try kit.identity.attempts.record(attempt, call)
        return reply
    }

    private func epochs(_ account: String, _ user: String) throws(APIError) -> Epochs? {
        do {
            return try kit.directory.epochs(account: account, user: user)
        } catch {
            throw APIError(error)
        }
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
