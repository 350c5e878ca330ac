//  The claims of a token. Source: RFC 7519 §4.

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
    /// `jti`: 32 hexadecimal characters.
    package var id: String
    package var epochs: Epochs

    package init(
        kind: TokenKind = .session,
        accountID: String,
        userID: String?,
        method: AuthenticationMethod,
        epochs: Epochs,
        issued: Int64,
        lifetime: Int64
    ) {
        self.kind = kind
        self.accountID = accountID
        self.userID = userID
        self.method = method
        self.issued = issued
        notBefore = issued
        expires = issued + max(0, min(lifetime, .max - max(0, issued)))
        id = Hex.encode(randomBytes(16))
        self.epochs = epochs
    }

    package var principal: Principal {
        Principal(accountID: accountID, userID: userID, method: method, tokenID: id, expires: expires)
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
            ("jti", .string(id)),
            (
                "epochs",
                ["system": integer(epochs.system), "account": integer(epochs.account), "user": integer(epochs.user)]
            ),
        ]
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
            let id = payload["jti"]?.string, id.utf8.count == 32,
            let epochs = payload["epochs"], epochs.object?.count == 3,
            let system = Self.integer(epochs["system"]),
            let account = Self.integer(epochs["account"]),
            let user = Self.integer(epochs["user"])
        else { throw .invalidToken(.claims) }
        let userID = payload["owner_id"]?.string
        // Nothing unknown: eleven claims with a user; only an account's API key speaks for no user.
        guard
            subject == userID ?? accountID,
            (userID == nil) == (method == .apiKey),
            members.count == (userID == nil ? 10 : 11)
        else { throw .invalidToken(.claims) }

        self.kind = kind
        self.accountID = accountID
        self.userID = userID
        self.method = method
        self.issued = Int64(issued)
        self.notBefore = Int64(notBefore)
        self.expires = Int64(expires)
        self.id = id
        self.epochs = Epochs(system: system, account: account, user: user)
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
