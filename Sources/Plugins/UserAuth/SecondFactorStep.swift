//  The second step of a login, where the user, the account or one above it wants one.

import Identity
import PluginKit

/// Lets somebody through who knows the password and has the second factor as well.
///
/// It fails closed: a factor that cannot be asked for, read or used up durably lets nobody through.
struct SecondFactorStep: Sendable {
    /// Crossbar's name of the only provider that we have.
    static let provider = "totp"
    /// How long the first step counts, in seconds.
    private static let patience: Int64 = 300

    let kit: Kit
    let account: String
    let user: String
    let policy: SecurityPolicy
    /// Crossbar's name of the way to log in.
    let module: String

    /// What came of it.
    struct Outcome {
        /// The user's epochs from here on: of a factor that begins with this login they are others than before.
        var epochs: Epochs
        /// The recovery codes of a factor that begins with this login, to be shown once.
        var recoveryCodes: [String] = []
    }

    /// - Parameters:
    ///   - epochs: the user's, as the first step found them.
    ///   - response: the code that the client sent, or nil if it sent none.
    /// - Throws: `.secondFactorNeeded` if there is no code yet; `.invalidCredentials` for a wrong one;
    ///   `.tooManyRequests`; `.secondFactorBroken`.
    func pass(_ epochs: Epochs, response: String?, _ call: Call) throws(APIError) -> Outcome {
        try checkProviders()
        guard let document = try kit.directory.document(user, account: account) else { throw .invalidCredentials }
        let factor = UserSecrets(document.secrets).secondFactor
        guard factor != nil || !policy.requiredFactors(module).isEmpty else { return Outcome(epochs: epochs) }
        guard let response else {
            throw .secondFactorNeeded(try request(epochs, document, isEnrolled: factor != nil, call))
        }
        do {
            try kit.identity.throttle.admitCode(account: account, user: user, now: call.time)
        } catch {
            throw APIError(error)
        }
        let outcome: Outcome
        do {
            outcome = try factor == nil ? enrol(epochs, response, call) : use(epochs, response, call)
        } catch {
            if error == .invalidCredentials { try record(false, "wrong code", call) }
            throw error
        }
        kit.identity.throttle.codeSucceeded(account: account, user: user)
        try record(true, factor == nil ? "second factor set up" : "second factor passed", call)
        return outcome
    }

    /// Every provider that an account of the line names must be there, be switched on, and be one that we have.
    private func checkProviders() throws(APIError) {
        for requirement in policy.requiredFactors(module) {
            guard let id = requirement.providerID, let owner = requirement.providerAccount else { continue }
            let document = try kit.directory.document(owner, account: owner)
            let provider = document.flatMap { AccountSecrets($0.secrets) }?.providers[id]
            guard let provider, provider["enabled"]?.bool == true,
                provider["provider_name"]?.string == Self.provider
            else {
                throw .secondFactorBroken("the provider \(id) of account \(owner) is missing, off or unknown")
            }
        }
    }

    /// Uses a code of the user's factor up; it is used up on disk when this returns.
    private func use(_ epochs: Epochs, _ response: String, _ call: Call) throws(APIError) -> Outcome {
        try change(call) { secrets throws(APIError) in
            // Read with the document that this commit replaces: of two who send one code at a time, one is late.
            guard var factor = secrets.secondFactor else { throw .invalidCredentials }
            let isGood: Bool
            do {
                isGood = try factor.use(response, box: kit.identity.box, owner: owner, now: call.time)
            } catch {
                throw .secondFactorBroken("\(error)")
            }
            guard isGood else { throw .invalidCredentials }
            secrets.secondFactor = factor
        }
        return Outcome(epochs: epochs)
    }

    /// Makes the generator that the first step showed the user's own, if the code is of it.
    private func enrol(_ epochs: Epochs, _ response: String, _ call: Call) throws(APIError) -> Outcome {
        var codes: [String] = []
        try change(call) { secrets throws(APIError) in
            guard secrets.secondFactor == nil, secrets.epoch == epochs.user else { throw .invalidCredentials }
            let setup = SecondFactorSetup(kit, account: account, user: user)
            guard
                let made = try setup.confirm(provisional(epochs), code: response, in: &secrets, now: call.time)
            else { throw .invalidCredentials }
            codes = made
        }
        do throws(IdentityError) {
            guard let current = try kit.directory.epochs(account: account, user: user) else {
                throw .invalidToken(.unknownPrincipal)
            }
            return Outcome(epochs: current, recoveryCodes: codes)
        } catch {
            throw APIError(error)
        }
    }

    /// What the client shows its user, as Crossbar names it.
    private func request(
        _ epochs: Epochs,
        _ document: Document,
        isEnrolled: Bool,
        _ call: Call
    ) throws(APIError) -> JSON {
        let claims = Claims(
            kind: .secondFactor,
            accountID: account,
            userID: user,
            method: .user,
            epochs: epochs,
            issued: call.time,
            lifetime: Self.patience
        )
        var settings: JSONObject
        do {
            settings = ["token": .string(try kit.identity.signer.token(claims)), "enrolled": .bool(isEnrolled)]
        } catch {
            throw APIError(error)
        }
        if !isEnrolled {
            let name = document["username"]?.string ?? user
            settings["enrolment"] = SecondFactorSetup(kit, account: account, user: user)
                .description(provisional(epochs), name: name)
        }
        return ["provider_name": .string(Self.provider), "settings": .object(settings)]
    }

    /// The generator of a user who has none yet: the same for each try, and another one after any change of the user.
    private func provisional(_ epochs: Epochs) -> OneTimeCode {
        let secret = kit.identity.box.derived(for: "enrolment of \(account)/\(user) at \(epochs.user)")
        return OneTimeCode(secret: Array(secret.prefix(20)))
    }

    private var owner: String { SecondFactor.owner(account: account, user: user) }

    private func change(
        _ call: Call,
        _ body: (inout UserSecrets) throws(APIError) -> Void
    ) throws(APIError) {
        try kit.changeUser(user, account: account, call, body)
    }

    private func record(_ isSuccess: Bool, _ message: String, _ call: Call) throws(APIError) {
        let attempt = RecordedAttempt(
            .secondFactor,
            account: account,
            user: user,
            module: module,
            isSuccess: isSuccess,
            message: message
        )
        try kit.identity.attempts.record(attempt, call)
    }
}

extension Kit {
    /// Changes what only the server knows of a user, on the document as it is when that is committed.
    ///
    /// - Parameters:
    ///   - notices: what is told of it, if anything changed.
    ///   - body: is called again if somebody was faster.
    func changeUser(
        _ user: String,
        account: String,
        _ call: Call,
        telling notices: [Notice] = [],
        _ body: (inout UserSecrets) throws(APIError) -> Void
    ) throws(APIError) {
        // What a client knows of another document's revision says nothing here.
        var call = call
        call.conditions = Conditions()
        let id = DocumentID(user)
        try amend(UsersPlugin.self, id, for: call, in: account, telling: notices) { document throws(APIError) in
            var secrets = UserSecrets(document.secrets)
            try body(&secrets)
            document.secrets = secrets.object
        }
    }
}
