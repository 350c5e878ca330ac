//  From whom somebody turned out to be, to a token.

import Identity
import PluginKit

/// Makes the answer to a login: the token, and what a client wants to know of whom it speaks for.
struct Session: Sendable {
    let account: String
    /// Nil for the account itself.
    let user: String?
    let method: AuthenticationMethod
    let epochs: Epochs
    /// Seconds.
    let lifetime: Int64
    var impersonator: Impersonator?
    /// The login that it goes back to, in Unix seconds; nil if that is now.
    var authenticated: Int64?

    /// Answers 201 with the token in the envelope; to a browser, with a cookie that lasts for as long as it is used.
    ///
    /// - Throws: `.forgedRequest` if a page of another site logs its reader in.
    func begin(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard !call.isFromForeignPage || !call.isForBrowser else {
            throw .forgedRequest("No page of this server asked for this login.")
        }
        var claims = Claims(
            accountID: account,
            userID: user,
            method: method,
            epochs: epochs,
            issued: call.time,
            lifetime: call.isForBrowser ? min(lifetime, kit.identity.sessions.idle) : lifetime,
            impersonator: impersonator
        )
        if let authenticated {
            claims.authenticated = authenticated
            claims.expires = min(claims.expires, authenticated + SessionSigner.longest)
        }
        var reply = try LoginReply.reply(claims.principal, kit)
        reply.isCreated = true
        do {
            let token = try kit.identity.signer.token(claims)
            reply.authToken = token
            reply.session = .begins(token: token)
            reply.nextPage = "/v2/accounts/\(account)?accept=text/html"
        } catch {
            throw APIError(error)
        }
        return reply
    }
}
