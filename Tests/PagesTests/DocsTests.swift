//  What the documentation says of fields.

import Testing

@testable import Pages

@Suite struct DocsTests {
    static let table: [(String?, String?, String?)] = [
        (nil, nil, nil), ("1", nil, "at least 1 character"), (nil, "128", "at most 128 characters"),
        ("32", "32", "exactly 32 characters"), ("1", "1", "exactly 1 character"), ("5", "32", "5 to 32 characters"),
    ]

    @Test(arguments: table)
    func lengthsAreWords(least: String?, most: String?, words: String?) {
        #expect(DocsPage.length(least: least, most: most) == words)
    }
}
