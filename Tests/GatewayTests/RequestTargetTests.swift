//  Reading request targets.

import HTTPTypes
import Testing

@testable import Gateway

@Suite struct RequestTargetTests {
    /// The target as sent, and its segments.
    static let paths: [(String, [String])] = [
        ("/", []), ("/v2", ["v2"]), ("/v2/accounts/", ["v2", "accounts"]), ("/v2/accounts///", ["v2", "accounts"]),
        ("/v2//accounts", ["v2", "", "accounts"]), ("/v2/a%2Fb", ["v2", "a/b"]), ("/v2/a+b", ["v2", "a+b"]),
        ("/v2/%C3%A9?x=1", ["v2", "é"]), ("/v2?/accounts", ["v2"]),
    ]

    @Test(arguments: paths)
    func aPathIsSplitBeforeItIsDecoded(target: String, segments: [String]) throws {
        #expect(try RequestTarget(Array(target.utf8)).segments == segments)
    }

    /// The target as sent, and its path as answers repeat it.
    static let repeated: [(String, String)] = [
        ("/", "/"), ("/v2/accounts///", "/v2/accounts"), ("/v2//a?b=/c", "/v2//a"),
        ("/v2/a%2fb%7E+é", "/v2/a%2Fb~%2B%C3%A9"),
    ]

    @Test(arguments: repeated)
    func aPathIsRepeatedInOneWay(target: String, path: String) throws {
        #expect(try RequestTarget(Array(target.utf8)).path == path)
    }

    static let malformed: [[UInt8]] = [
        Array("".utf8), Array("v2".utf8), Array("*".utf8), Array("/v2/%".utf8), Array("/v2/%4".utf8),
        Array("/v2/%zz".utf8), Array("/v2/%00".utf8), Array("/v2?a=%00".utf8), Array("/v2?a=%f".utf8),
        Array("/v2/".utf8) + [0xff], Array("/v2/%ff".utf8), Array("/v2/%c0%af".utf8),
    ]

    @Test(arguments: malformed)
    func aMalformedTargetIsRefused(target: [UInt8]) {
        let error = #expect(throws: APIError.self) { _ = try RequestTarget(target) }
        #expect(error?.status.code == 400)
    }

    /// The query, a name, and its value.
    static let values: [(String, String, String?)] = [
        ("a=1&a=2", "a", "1"), ("a", "a", "true"), ("a=", "a", ""), ("b=1", "a", nil), ("a=x+y%2Bz", "a", "x y+z"),
        ("a=1=2", "a", "1=2"), ("&&a=1&", "a", "1"), ("%61=1", "a", "1"),
    ]

    @Test(arguments: values)
    func theFirstValueOfANameCounts(query: String, name: String, value: String?) throws {
        #expect(try RequestTarget(Array("/?\(query)".utf8)).query[name] == value)
    }

    @Test func aQueryOfAThousandParametersIsRead() throws {
        let query = (0..<1_000).map { "p\($0)=\($0)" }.joined(separator: "&")
        #expect(try RequestTarget(Array("/?\(query)".utf8)).query["p999"] == "999")
    }
}
