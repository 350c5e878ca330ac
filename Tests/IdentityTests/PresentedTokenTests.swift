//  Where a token comes from. Source: Crossbar's order of places.

import HTTPMessage
import Testing

@testable import Identity

@Suite struct PresentedTokenTests {
    struct Row: Sendable {
        var header: String?
        var query: String?
        var envelope: String?
        var authorization: String?
        var expected: PresentedToken?
    }

    private static func token(_ text: String, _ source: PresentedToken.Source) -> PresentedToken {
        PresentedToken(.token(Array(text.utf8)), source: source)
    }

    static let rows: [Row] = [
        Row(expected: nil),
        Row(header: "h", expected: token("h", .header)),
        Row(query: "q", expected: token("q", .query)),
        Row(envelope: "e", expected: token("e", .envelope)),
        Row(authorization: "Bearer a", expected: token("a", .authorization)),
        Row(header: "h", query: "q", envelope: "e", authorization: "Bearer a", expected: token("h", .header)),
        Row(query: "q", envelope: "e", authorization: "Bearer a", expected: token("q", .query)),
        Row(envelope: "e", authorization: "Bearer a", expected: token("e", .envelope)),
        Row(header: "", query: "q", expected: token("q", .query)),
        Row(header: "undefined", query: "q", expected: token("q", .query)),
        Row(header: "undefined", authorization: "Bearer a", expected: token("a", .authorization)),
        Row(
            header: "",
            query: "undefined",
            envelope: "",
            authorization: "Bearer a",
            expected: token("a", .authorization)
        ),
        Row(header: "", query: "", envelope: "", authorization: "", expected: nil),
        Row(header: "junk", authorization: "Bearer a", expected: token("junk", .header)),
        Row(authorization: "bearer a", expected: token("a", .authorization)),
        Row(authorization: "BEARER   a", expected: token("a", .authorization)),
        Row(authorization: "Bearer", expected: nil),
        Row(authorization: "Bearer ", expected: nil),
        Row(authorization: "Bearer undefined", expected: nil),
        Row(authorization: "Digest a", expected: nil),
        Row(authorization: "a", expected: nil),
        Row(
            authorization: "Basic YTpi",
            expected: PresentedToken(.basic(Array("YTpi".utf8)), source: .authorization)
        ),
    ]

    @Test(arguments: rows)
    func theFirstPlaceThatHoldsAnythingDecides(_ row: Row) throws {
        var parameters = CGIParameters()
        if let header = row.header { parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: header.utf8) }
        if let field = row.authorization { parameters.append(name: "HTTP_AUTHORIZATION".utf8, value: field.utf8) }
        let presented = try presentedToken(parameters: parameters, query: row.query, envelope: row.envelope)
        #expect(presented == row.expected)
    }

    @Test(arguments: [
        ("HTTP_X_AUTH_TOKEN", "X-Auth-Token"), ("HTTP_AUTHORIZATION", "Authorization"),
        ("HTTP_X_AUTH_ACCOUNT_ID", "X-Auth-Account-ID"),
    ])
    func aFieldThatCameTwiceIsAnError(variable: String, field: String) {
        var parameters = CGIParameters()
        for value in ["", "x"] { parameters.append(name: variable.utf8, value: value.utf8) }
        #expect(throws: IdentityError.duplicateField(field)) {
            try presentedToken(parameters: parameters, query: nil, envelope: nil)
        }
    }

    @Test func bytesThatAreNoTextAreKept() throws {
        var parameters = CGIParameters()
        parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: [0xff])
        let presented = try presentedToken(parameters: parameters, query: nil, envelope: nil)
        #expect(presented?.content == .token([0xff]))
    }

    /// The field, and the session that it carries.
    static let cookies: [(String, String?)] = [
        ("__Host-jackfield=t", "t"), ("a=b; __Host-jackfield=t; c=d", "t"), ("a=b;__Host-jackfield=t", "t"),
        ("__Host-jackfield=", nil), ("jackfield=t", nil), ("x__Host-jackfield=t", nil), ("__host-jackfield=t", nil),
        ("", nil), (";;", nil), ("__Host-jackfield=a=b", "a=b"),
    ]

    @Test(arguments: cookies)
    func aCookieCarriesASession(field: String, token: String?) throws {
        let presented = try sessionCookie(parameters: CGIParameters(["HTTP_COOKIE": field]))
        #expect(presented == token.map { Self.token($0, .cookie) })
    }

    @Test func aCookieThatCameTwiceIsAnError() {
        #expect(throws: IdentityError.duplicateField("Cookie")) {
            try sessionCookie(parameters: CGIParameters(["HTTP_COOKIE": "__Host-jackfield=a; __Host-jackfield=b"]))
        }
    }
}
