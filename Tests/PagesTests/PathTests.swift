//  Where a login and a form may lead.

import Testing

@testable import Pages

@Suite struct PathTests {
    static let table: [(String, Bool)] = [
        ("/", true), ("/v2/accounts/a?b=c", true), ("/docs", true), ("", false), ("//evil.example", false),
        ("/\\evil.example", false), ("https://evil.example", false), ("/\t/evil.example", false), ("/a\r\nb", false),
        ("javascript:alert(1)", false), ("/é", false), ("v2", false), ("/v2/a\\b", false),
    ]

    @Test(arguments: table)
    func onlyPathsOfOursAreFollowed(path: String, isOwn: Bool) {
        #expect(path.isOwnPath == isOwn)
    }
}
