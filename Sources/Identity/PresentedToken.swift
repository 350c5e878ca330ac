//  Where a request carries its proof of identity.

import HTTPMessage

/// What a request presents, before anybody looked whether it is good.
package struct PresentedToken: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case token([UInt8])
        /// The credentials of the `Basic` scheme, still in base64.
        case basic([UInt8])
    }

    package enum Source: String, Sendable, Hashable {
        /// The field `X-Auth-Token`.
        case header
        /// `auth_token` in the query.
        case query
        /// `auth_token` beside the envelope's `data`.
        case envelope
        /// The field `Authorization`.
        case authorization
        /// The cookie `__Host-jackfield`. A browser sends it without being asked to: a change needs a second proof.
        case cookie
    }

    package var content: Content
    package var source: Source
    /// The account that the field `X-Auth-Account-ID` says the token is of, if it came.
    package var statedAccountID: [UInt8]?

    package init(_ content: Content, source: Source, statedAccountID: [UInt8]? = nil) {
        self.content = content
        self.source = source
        self.statedAccountID = statedAccountID
    }
}

/// Returns what a request presents, or nil if it presents nothing.
///
/// The first place that holds anything decides: `X-Auth-Token`, `auth_token` in the query, `auth_token` in the envelope,
/// `Authorization`. Empty values and the text `undefined`, which old browsers' interfaces send, are nothing. So is an
/// `Authorization` of any scheme but `Bearer` and `Basic`.
///
/// - Throws: `.duplicateField` if one of the fields came twice, since nobody can say which was meant.
package func presentedToken(
    parameters: CGIParameters,
    query: String?,
    envelope: String?
) throws(IdentityError) -> PresentedToken? {
    let header = try singleField("HTTP_X_AUTH_TOKEN", "X-Auth-Token", in: parameters)
    let authorization = try singleField("HTTP_AUTHORIZATION", "Authorization", in: parameters)
    let account = try singleField("HTTP_X_AUTH_ACCOUNT_ID", "X-Auth-Account-ID", in: parameters)

    let places: [(PresentedToken.Source, [UInt8]?)] = [
        (.header, header), (.query, query.map { Array($0.utf8) }), (.envelope, envelope.map { Array($0.utf8) }),
    ]
    for (source, token) in places {
        guard let token, isMeant(token) else { continue }
        return PresentedToken(.token(token), source: source, statedAccountID: account)
    }
    guard let authorization, let content = authorizationContent(authorization) else { return nil }
    return PresentedToken(content, source: .authorization, statedAccountID: account)
}

/// Returns the session that a request's cookie carries, or nil.
///
/// It counts only where `presentedToken(parameters:query:envelope:)` found nothing.
///
/// - Throws: `.duplicateField` if the cookie came twice.
package func sessionCookie(parameters: CGIParameters) throws(IdentityError) -> PresentedToken? {
    guard let field = try singleField("HTTP_COOKIE", "Cookie", in: parameters) else { return nil }
    let name = Array("__Host-jackfield=".utf8)
    var found: [UInt8]?
    for pair in field.split(separator: UInt8(ascii: ";")) {
        let pair = pair.drop { $0 == UInt8(ascii: " ") }
        guard pair.starts(with: name) else { continue }
        guard found == nil else { throw .duplicateField("Cookie") }
        found = Array(pair.dropFirst(name.count))
    }
    guard let found, isMeant(found) else { return nil }
    return PresentedToken(.token(found), source: .cookie)
}

private func singleField(
    _ variable: StaticString,
    _ name: String,
    in parameters: CGIParameters
) throws(IdentityError) -> [UInt8]? {
    guard parameters.count(of: variable) <= 1 else { throw .duplicateField(name) }
    return parameters.bytes(variable).map(Array.init)
}

private func isMeant(_ token: [UInt8]) -> Bool {
    !token.isEmpty && !token.elementsEqual("undefined".utf8)
}

/// Source: RFC 9110 §11.4; a scheme's name has no case.
private func authorizationContent(_ field: [UInt8]) -> PresentedToken.Content? {
    guard let space = field.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let credentials = Array(field[space...].drop { $0 == UInt8(ascii: " ") })
    guard isMeant(credentials) else { return nil }
    switch String(decoding: field[..<space], as: UTF8.self).lowercased() {
    case "bearer": return .token(credentials)
    case "basic": return .basic(credentials)
    default: return nil
    }
}
