//  Tokens that are at hand already: looking at one, and making a new one of it.

import Identity
import PluginKit

struct AuthPlugin: Plugin {
    static let name = "auth"
    static let summary: String? = "What a token says, and a new one for it."

    static func routes(kit: Kit) -> [PluginRoute] {
        let refresh = Route([(.put, .authenticated)]) { call throws(APIError) in try Self.refresh(call, kit) }
        let info = Route([(.get, .anyone), (.post, .anyone)]) { call throws(APIError) in try Self.info(call, kit) }
        return [PluginRoute("/auth", refresh), PluginRoute("/auth/tokeninfo", info)]
    }

    /// Answers 201 with a token of the same login, which lasts no longer than twelve hours after that.
    private static func refresh(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard call.control("action") == "refresh_token" else {
            throw .invalid(
                "action",
                rule: "enum",
                "Value not found in enumerated list of values",
                [
                    "target": ["refresh_token"]
                ]
            )
        }
        // Basic credentials are no login to go on with.
        guard let principal = call.caller?.principal, let authenticated = principal.authenticated,
            call.time < authenticated + SessionSigner.longest
        else { throw .invalidCredentials }
        let policy = try kit.policy(of: principal.accountID)
        let epochs: Epochs?
        do {
            epochs = try kit.directory.epochs(account: principal.accountID, user: principal.userID)
        } catch {
            throw APIError(error)
        }
        guard let epochs, policy.isEnabled(principal.method.rawValue) else { throw .invalidCredentials }
        let session = Session(
            account: principal.accountID,
            user: principal.userID,
            method: principal.method,
            epochs: epochs,
            lifetime: policy.lifetime(principal.method.rawValue),
            impersonator: principal.impersonator,
            authenticated: authenticated
        )
        return try session.begin(call, kit)
    }

    /// Says whom a token speaks for, whoever asks.
    private static func info(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        let isGet = call.method == .get
        let token = isGet ? call.query["token"] : try call.fields()["token"]?.string
        guard let token, !token.isEmpty else { throw .missingToken(place: isGet ? "params" : "request") }
        let principal: Principal
        do {
            principal = try kit.identity.authenticator
                .claims(of: Array(token.utf8), kind: .session, now: call.time).principal
        } catch {
            throw APIError(error)
        }
        var reply = try LoginReply.reply(principal, kit)
        reply.authToken = token
        return reply
    }
}
