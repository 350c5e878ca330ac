//  Logging in as an account: from its API key to a token.

import Identity
import PluginKit

struct APIAuthPlugin: Plugin {
    static let name = "api_auth"

    static func routes(kit: Kit) -> [PluginRoute] {
        let route = Route([(.put, .anyone)]) { call throws(APIError) in try logIn(call, kit) }
        return [PluginRoute("/api_auth", route)]
    }

    static func problems(kit: Kit) -> [String] {
        kit.schemas[name] == nil ? ["\(name): there is no \(name).schema.json in its folder"] : []
    }

    /// Answers 201 with a token that speaks for the account and for no user.
    private static func logIn(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard let schema = kit.schemas[name] else { throw .internalFault("no schema \(name)") }
        let result = schema.validate(.object(try call.fields()))
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        let key = result.value["api_key"]?.string ?? ""
        let attempt = LoginAttempt(source: call.client.source, account: nil, time: call.time)
        let account = try kit.directory.account(apiKeyDigest: RandomSecret.digest(of: key))
        let epochs: Epochs?
        do throws(IdentityError) {
            try kit.identity.throttle.admit(attempt)
            epochs = try account.flatMap { account throws(IdentityError) in
                try kit.directory.epochs(account: account, user: nil)
            }
        } catch {
            throw APIError(error)
        }
        guard let account, let epochs else { throw .unknownAPIKey(key) }
        kit.identity.throttle.succeeded(attempt)
        return try begin(account, epochs, call, kit)
    }

    private static func begin(
        _ account: String,
        _ epochs: Epochs,
        _ call: Call,
        _ kit: Kit
    ) throws(APIError) -> Reply {
        let module = AuthenticationMethod.apiKey.rawValue
        let policy = try kit.policy(of: account)
        guard policy.isEnabled(module) else { throw .expiredToken }
        // A program has no second factor to ask for; where one is demanded, the key alone opens nothing.
        if let demand = policy.requiredFactors(module).first {
            throw .secondFactorBroken("account \(demand.origin) demands a second factor of API keys")
        }
        let session = Session(
            account: account,
            user: nil,
            method: .apiKey,
            epochs: epochs,
            lifetime: policy.lifetime(module)
        )
        let reply = try session.begin(call, kit)
        if policy.records(module, success: true) {
            let attempt = RecordedAttempt(account: account, module: module, isSuccess: true, message: "login")
            try kit.identity.attempts.record(attempt, call)
        }
        return reply
    }
}
