//  One user's second factor: setting it up, looking at it, ending it.

import Identity
import PluginKit

struct UserFactor: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    func read(_ call: Call) throws(APIError) -> Reply {
        let (_, document) = try subject(call)
        let factor = UserSecrets(document.secrets).secondFactor
        return Reply([
            "enabled": .bool(factor != nil),
            "provider_name": .string(SecondFactorStep.provider),
            "recovery_codes_left": .number(JSONNumber(factor?.recoveryDigests.count ?? 0)),
        ])
    }

    /// Shows a new generator to a user who proves to know the password. Nothing is stored yet.
    ///
    /// - Throws: `.forbidden` unless it is the user's own; `.conflict` if there is a factor already.
    func begin(_ call: Call) throws(APIError) -> Reply {
        let (user, document) = try ownSubject(call)
        try checkPassword(document, call)
        let setup = SecondFactorSetup(kit, account: user.account, user: user.id)
        let name = document["username"]?.string ?? user.id
        var reply = Reply(setup.description(generator(user, document), name: name))
        reply.isCreated = true
        return reply
    }

    /// Makes the generator that was shown the user's own, if the code is of it. The user's tokens end.
    ///
    /// - Returns: the recovery codes, which are shown this once.
    func confirm(_ call: Call) throws(APIError) -> Reply {
        let (user, document) = try ownSubject(call)
        try checkPassword(document, call)
        let code = try required("code", call)
        try admit(user, call)
        let generator = generator(user, document)
        let setup = SecondFactorSetup(kit, account: user.account, user: user.id)
        var codes: [String] = []
        try kit.changeUser(user.id, account: user.account, call, telling: [Notice("user_second_factor_enabled")]) {
            secrets throws(APIError) in
            guard secrets.secondFactor == nil, secrets.epoch == UserSecrets(document.secrets).epoch else {
                throw .conflict
            }
            guard let made = try setup.confirm(generator, code: code, in: &secrets, now: call.time) else {
                throw wrong("code", "The code is wrong")
            }
            codes = made
        }
        kit.identity.throttle.codeSucceeded(account: user.account, user: user.id)
        return Reply(["enabled": true, "recovery_codes": .array(codes.map { .string($0) })])
    }

    /// Ends the factor, and the user's tokens with it: an administrator's for somebody else, or the user's own with
    /// password and code.
    func end(_ call: Call) throws(APIError) -> Reply {
        let (user, document) = try subject(call)
        let isOwn = call.caller?.principal.userID == user.id
        if isOwn { try checkPassword(document, call) }
        let code = isOwn ? try required("code", call) : nil
        if isOwn { try admit(user, call) }
        try kit.changeUser(user.id, account: user.account, call, telling: [Notice("user_second_factor_disabled")]) {
            secrets throws(APIError) in
            guard var factor = secrets.secondFactor else { throw .badIdentifier("multi_factor") }
            if let code {
                let owner = SecondFactor.owner(account: user.account, user: user.id)
                let isGood: Bool
                do throws(IdentityError) {
                    isGood = try factor.use(code, box: kit.identity.box, owner: owner, now: call.time)
                } catch {
                    throw APIError(error)
                }
                guard isGood else { throw wrong("code", "The code is wrong or was used before") }
            }
            secrets.secondFactor = nil
            secrets.epoch += 1
        }
        if isOwn { kit.identity.throttle.codeSucceeded(account: user.account, user: user.id) }
        return Reply(["enabled": false])
    }

    private typealias User = (id: String, account: String)

    private func subject(_ call: Call) throws(APIError) -> (User, Document) {
        guard let account = call.account,
            let id = call.nouns.first(where: { $0.module == "users" })?.arguments.first
        else { throw .notFound }
        guard let document = try kit.directory.document(id, account: account.id), document.type == "user" else {
            throw .badIdentifier(id)
        }
        return ((id, account.id), document)
    }

    /// A factor is set up by whoever is going to have it, and by nobody who acts as him.
    private func ownSubject(_ call: Call) throws(APIError) -> (User, Document) {
        let (user, document) = try subject(call)
        guard let principal = call.caller?.principal, principal.userID == user.id, principal.impersonator == nil
        else { throw .forbidden }
        guard UserSecrets(document.secrets).secondFactor == nil else { throw .conflict }
        return (user, document)
    }

    /// The same as long as the user is not changed, so that it need not be stored before it is confirmed.
    private func generator(_ user: User, _ document: Document) -> OneTimeCode {
        let epoch = UserSecrets(document.secrets).epoch
        let secret = kit.identity.box.derived(for: "set-up of \(user.account)/\(user.id) at \(epoch)")
        return OneTimeCode(secret: Array(secret.prefix(20)))
    }

    private func checkPassword(_ document: Document, _ call: Call) throws(APIError) {
        let password = try required("password", call)
        guard let username = document["username"]?.string else {
            throw .invalid("username", rule: "required", "Who cannot log in needs no second factor")
        }
        let account = document.scope.text
        let attempt = LoginAttempt(source: call.client.source, account: account, username: username, time: call.time)
        let found: FoundUser?
        do {
            found = try kit.identity.login.user(of: .password(password, username: username), attempt)
        } catch {
            throw APIError(error)
        }
        guard found?.id == document.id.text else { throw wrong("password", "The password is wrong") }
    }

    private func admit(_ user: User, _ call: Call) throws(APIError) {
        do {
            try kit.identity.throttle.admitCode(account: user.account, user: user.id, now: call.time)
        } catch {
            throw APIError(error)
        }
    }

    private func required(_ name: String, _ call: Call) throws(APIError) -> String {
        guard let text = try call.fields()[name]?.controlText, !text.isEmpty else {
            throw .invalid(name, rule: "required", "Field is required but missing")
        }
        return text
    }

    private func wrong(_ name: String, _ message: String) -> APIError { .invalid(name, rule: "wrong", message) }
}
