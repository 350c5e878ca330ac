//  Forgotten passwords: a letter with an id that lets its reader in once.

import Identity
import PluginKit

struct RecoveryService: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// Puts a letter to the user where notices wait. The answer is the same for users who do not exist, are switched
    /// off or have no address.
    func request(_ call: Call) throws(APIError) -> Reply {
        let data = try validated(call, UserAuthPlugin.recoverySchema)
        let username = data["username"]?.string ?? ""
        let names = AccountNames(data)
        let account = try names.account(kit)
        // Whoever asks for letters is counted as whoever guesses.
        try admit(call, account ?? names.text)
        if let account, let letter = try letter(account, username, call) {
            try write(letter, page: data["ui_url"]?.string ?? "", call)
        } else {
            // What a letter costs is spent in any case.
            try kit.identity.attempts.touch(call.time)
            try kit.identity.notices.putNothing()
        }
        var reply = Reply(.value(JSON.string("Request for password reset handled").bytes()))
        reply.isCreated = true
        return reply
    }

    /// Lets the reader of a letter in; the user has to choose a new password. An id works once.
    ///
    /// - Throws: `.validation` for an id that nobody has, or that is too old; what a login may throw.
    func reset(_ call: Call) throws(APIError) -> Reply {
        let data = try validated(call, UserAuthPlugin.resetSchema)
        let text = data["reset_id"]?.string ?? ""
        let attempt = try admit(call, nil)
        let digest = RandomSecret.digest(of: text.lowercased())
        guard let found = try kit.directory.user(resetDigest: digest),
            let document = try kit.directory.document(found.user, account: found.account),
            let reset = UserSecrets(document.secrets).reset, reset.digest == digest, call.time < reset.expires
        else { throw unknown(text) }
        // The id stays good until the second factor is passed; the factor is never skipped.
        let epochs = try epochs(found.account, found.user, text)
        let policy = try kit.policy(of: found.account)
        let step = SecondFactorStep(
            kit: kit,
            account: found.account,
            user: found.user,
            policy: policy,
            module: AuthenticationMethod.user.rawValue
        )
        _ = try step.pass(epochs, response: data["multi_factor_response"]?.controlText, call)
        try use(digest, found.account, found.user, text, call)
        kit.identity.throttle.succeeded(attempt)
        return try begin(found.account, found.user, text, call)
    }

    /// A letter to write: to whom, and where it stands.
    private struct Letter {
        let account: String
        let user: String
        let username: String
        let address: String
        let language: JSON?
    }

    private func letter(_ account: String, _ username: String, _ call: Call) throws(APIError) -> Letter? {
        do throws(IdentityError) {
            guard try kit.directory.epochs(account: account, user: nil) != nil else { return nil }
        } catch {
            throw APIError(error)
        }
        guard let user = try kit.directory.user(named: username, account: account),
            let document = try kit.directory.document(user, account: account),
            document["enabled"]?.bool ?? true, let address = document["email"]?.string
        else { return nil }
        let secrets = UserSecrets(document.secrets)
        guard !secrets.credentials.isEmpty else { return nil }
        let settings = kit.identity.settings
        let written = secrets.reset.map { $0.expires - settings.recoveryLifetime }
        if let written, call.time < written + settings.recoveryPause { return nil }
        return Letter(
            account: account,
            user: user,
            username: document["username"]?.string ?? username,
            address: address,
            language: document["language"]
        )
    }

    private func write(_ letter: Letter, page: String, _ call: Call) throws(APIError) {
        let id = RandomSecret.resetID()
        let expires = call.time + kit.identity.settings.recoveryLifetime
        try kit.changeUser(
            letter.user,
            account: letter.account,
            call,
            telling: [Notice("user_password_reset_requested")]
        ) { secrets in secrets.reset = PasswordReset(digest: id.digest, expires: expires) }
        var notice: JSONObject = [
            "kind": "password_recovery",
            "to": .string(letter.address),
            "account_id": .string(letter.account),
            "user_id": .string(letter.user),
            "username": .string(letter.username),
            "reset_id": .string(id.text),
        ]
        notice["language"] = letter.language
        // A page that no administrator named may be anybody's: the letter goes without it.
        if try kit.policy(of: letter.account).allowsRecoveryPage(page) {
            notice["link"] = .string(page + (page.contains("?") ? "&" : "?") + "recovery=" + id.text)
        }
        try kit.identity.notices.put(notice, expires: expires, now: call.time)
    }

    /// Uses an id up and ends the user's other sessions, in one commit.
    private func use(
        _ digest: String,
        _ account: String,
        _ user: String,
        _ text: String,
        _ call: Call
    ) throws(APIError) {
        var call = call
        call.conditions = Conditions()
        let (id, notices) = (DocumentID(user), [Notice("user_edited")])
        try kit.amend(UsersPlugin.self, id, for: call, in: account, telling: notices) { document throws(APIError) in
            var secrets = UserSecrets(document.secrets)
            guard secrets.reset?.digest == digest else { throw unknown(text) }
            secrets.reset = nil
            secrets.epoch += 1
            document.secrets = secrets.object
            document.fields["require_password_update"] = true
        }
    }

    private func begin(_ account: String, _ user: String, _ text: String, _ call: Call) throws(APIError) -> Reply {
        let policy = try kit.policy(of: account)
        let session = Session(
            account: account,
            user: user,
            method: .user,
            epochs: try epochs(account, user, text),
            lifetime: policy.lifetime(AuthenticationMethod.user.rawValue)
        )
        var reply = try session.begin(call, kit)
        reply.isCreated = false
        let attempt = RecordedAttempt(
            account: account,
            user: user,
            module: AuthenticationMethod.user.rawValue,
            isSuccess: true,
            message: "password reset"
        )
        try kit.identity.attempts.record(attempt, call)
        return reply
    }

    private func epochs(_ account: String, _ user: String, _ text: String) throws(APIError) -> Epochs {
        do {
            if let epochs = try kit.directory.epochs(account: account, user: user) { return epochs }
        } catch {
            throw APIError(error)
        }
        throw unknown(text)
    }

    @discardableResult
    private func admit(_ call: Call, _ account: String?) throws(APIError) -> LoginAttempt {
        let attempt = LoginAttempt(source: call.client.source, account: account, time: call.time)
        do {
            try kit.identity.throttle.admit(attempt)
        } catch {
            throw APIError(error)
        }
        return attempt
    }

    private func unknown(_ text: String) -> APIError {
        .invalid(
            "user",
            rule: "not_found",
            "The provided reset_id did not resolve to any user",
            ["cause": .string(text)]
        )
    }

    private func validated(_ call: Call, _ name: String) throws(APIError) -> JSON {
        guard let schema = kit.schemas[name] else { throw .internalFault("no schema \(name)") }
        let result = schema.validate(.object(try call.fields()))
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        return result.value
    }
}
