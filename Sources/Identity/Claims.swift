//  The claims of a token. Source: RFC 7519 §4.

import Bytes
import JSON

/// What a token says. Times are Unix seconds.
package struct Claims: Sendable, Hashable {
    package var kind: TokenKind
    package var accountID: String
    /// Nil for tokens of an account's API key alone.
    package var userID: String?
    package var method: AuthenticationMethod
    package var issued: Int64
    package var notBefore: Int64
    package var expires: Int64
    /// `auth_time`: when the login was that this token goes back to; a token that is made from another keeps it.
    package var authenticated: Int64
    /// `jti`: 32 hexadecimal characters.
    package var id: String
    package var epochs: Epochs
    /// Who acts as the user, if it is somebody else.
    package var impersonator: Impersonator?

    package init(
        kind: TokenKind = .session,
        accountID: String,
        userID: String?,
        method: AuthenticationMethod,
        epochs: Epochs,
        issued: Int64,
        lifetime: Int64,
        impersonator: Impersonator? = nil
    ) {
        self.kind = kind
        self.accountID = accountID
        self.userID = userID
        self.method = method
        self.issued = issued
        notBefore = issued
        authenticated = issued
        expires = issued + max(0, min(lifetime, .max - max(0, issued)))
        id = hexadecimal(randomBytes(16))
        self.epochs = epochs
        self.impersonator = impersonator
    }

    package var principal: Principal {
        Principal(
            accountID: accountID,
            userID: userID,
            method: method,
            tokenID: id,
            expires: expires,
            authenticated: authenticated,
            impersonator: impersonator
        )
    }
}

extension Claims {
    /// The payload: every claim, each of which the verifier demands.
    func payload(_ terms: TokenTerms) -> JSON {
        var members: [(String, JSON)] = [
            ("iss", .string(terms.issuer)),
            ("aud", .string(terms.audience)),
            ("sub", .string(userID ?? accountID)),
            ("account_id", .string(accountID)),
        ]
        if let userID { members.append(("owner_id", .string(userID))) }
        members += [
            ("method", .string(method.rawValue)),
            ("iat", integer(Int(issued))),
            ("nbf", integer(Int(notBefore))),
            ("exp", integer(Int(expires))),
            ("auth_time", integer(Int(authenticated))),
            ("jti", .string(id)),
            ("epochs", json(epochs)),
        ]
        if let impersonator {
            members += [
                ("original_account_id", .string(impersonator.accountID)),
                ("original_owner_id", .string(impersonator.userID)),
                ("original_epochs", json(impersonator.epochs)),
            ]
        }
        return .object(JSONObject(members))
    }

    /// Reads a payload whose signature is right; times are not looked at.
    ///
    /// - Throws: `.invalidToken` with `.claims`, `.issuer` or `.audience`.
    init(payload bytes: [UInt8], kind: TokenKind, terms: TokenTerms) throws(IdentityError) {
        guard let payload = try? JSON(parsing: bytes), let members = payload.object else {
            throw .invalidToken(.claims)
        }
        guard payload["iss"]?.string == terms.issuer else { throw .invalidToken(.issuer) }
        guard payload["aud"]?.string == terms.audience else { throw .invalidToken(.audience) }
        guard
            let accountID = payload["account_id"]?.string,
            let subject = payload["sub"]?.string,
            let method = payload["method"]?.string.flatMap(AuthenticationMethod.init(rawValue:)),
            let issued = Self.integer(payload["iat"]),
            let notBefore = Self.integer(payload["nbf"]),
            let expires = Self.integer(payload["exp"]),
            let authenticated = Self.integer(payload["auth_time"]),
            let id = payload["jti"]?.string, id.utf8.count == 32,
            let epochs = Self.epochs(payload["epochs"])
        else { throw .invalidToken(.claims) }
        let userID = payload["owner_id"]?.string
        var impersonator: Impersonator?
        if let account = payload["original_account_id"]?.string, let user = payload["original_owner_id"]?.string,
            let epochs = Self.epochs(payload["original_epochs"])
        {
            impersonator = Impersonator(accountID: account, userID: user, epochs: epochs)
        }
        // Nothing unknown: eleven claims, one more of a user, three more of an impersonator; only an account's API key
        // speaks for no user.
        guard
            subject == userID ?? accountID,
            (userID == nil) == (method == .apiKey),
            members.count == 11 + (userID == nil ? 0 : 1) + (impersonator == nil ? 0 : 3)
        else { throw .invalidToken(.claims) }

        self.kind = kind
        self.accountID = accountID
        self.userID = userID
        self.method = method
        self.issued = Int64(issued)
        self.notBefore = Int64(notBefore)
        self.expires = Int64(expires)
        self.authenticated = Int64(authenticated)
        self.id = id
        self.epochs = epochs
        self.impersonator = impersonator
    }

    private func json(_ epochs: Epochs) -> JSON {
        ["system": integer(epochs.system), "account": integer(epochs.account), "user": integer(epochs.user)]
    }

    private static func epochs(_ json: JSON?) -> Epochs? {
        guard let json, json.object?.count == 3, let system = integer(json["system"]),
            let account = integer(json["account"]), let user = integer(json["user"])
        else { return nil }
        return Epochs(system: system, account: account, user: user)
    }

    private func integer(_ value: Int) -> JSON {
        .number(JSONNumber(value))
    }

    /// A whole number as we print it, small enough that no later sum overflows.
    private static func integer(_ json: JSON?) -> Int? {
        guard
            case .number(let number) = json,
            let value = number.int, (0..<(1 << 53)).contains(value), number.text == String(value)
        else { return nil }
        return value
    }
}
