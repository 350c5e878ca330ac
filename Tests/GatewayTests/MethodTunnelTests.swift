//  The effective method.

import HTTPTypes
import Testing

@testable import Gateway

@Suite struct MethodTunnelTests {
    /// Sent method, `verb` of the query, `verb` of the envelope, and the effective method or the status of the refusal.
    static let table: [(String, String?, String?, String)] = [
        ("GET", nil, nil, "GET"), ("POST", nil, nil, "POST"), ("HEAD", nil, nil, "GET"), ("PATCH", nil, nil, "PATCH"),
        ("OPTIONS", nil, nil, "OPTIONS"),
        ("POST", "delete", nil, "DELETE"), ("POST", nil, "Put", "PUT"), ("POST", "patch", "PATCH", "PATCH"),
        ("POST", "get", nil, "GET"), ("POST", "post", nil, "POST"), ("GET", "get", nil, "GET"),
        ("POST", "put", "delete", "400"), ("POST", "bogus", nil, "405"), ("POST", "", nil, "405"),
        ("POST", "TRACE", nil, "405"), ("POST", "OPTIONS", nil, "405"),
        ("GET", "DELETE", nil, "405"), ("GET", nil, "put", "405"), ("PUT", "delete", nil, "405"),
        ("HEAD", "delete", nil, "405"), ("FOO", nil, nil, "501"), ("TRACE", "delete", nil, "501"),
    ]

    @Test(arguments: table)
    func onlyPostIsTunnelled(sent: String, query: String?, envelope: String?, expected: String) throws {
        let method = try #require(HTTPRequest.Method(sent))
        let outcome = Result { () throws(APIError) in
            try effectiveMethod(method, query: query, envelope: envelope)
        }
        switch outcome {
        case .success(let effective): #expect(effective.rawValue == expected)
        case .failure(let error): #expect(String(error.status.code) == expected)
        }
    }
}
