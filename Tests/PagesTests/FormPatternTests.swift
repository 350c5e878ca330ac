//  Patterns of schemas as browsers compile them: with the `v` flag, from end to end.

import Testing

@testable import Pages

@Suite struct FormPatternTests {
    static let table: [(String, String?)] = [
        ("^([+@.\\w_-]+)$", "([+@.\\w_\\-]+)"),
        ("^[.\\w-]+$", "[.\\w\\-]+"),
        ("^[0-9*#]{1,40}$", "[0-9*#]{1,40}"),
        ("^[a-zA-Z0-9]{32}$", "[a-zA-Z0-9]{32}"),
        ("[0-9]", ".*(?:[0-9]).*"),
        ("^a|b$", ".*(?:^a|b$).*"),
        ("^[(){}/|[]$", "[\\(\\)\\{\\}\\/\\|\\[]"),
        ("^[^a-c]$", "[^a-c]"),
        ("^[-a]$", "[\\-a]"),
        ("^[a--]$", "[a-\\-]"),
        ("^[a", nil), ("(?<=a)b", nil), ("a\\", nil),
    ]

    @Test(arguments: table)
    func aPatternMeansTheSameInABrowser(pattern: String, attribute: String?) {
        #expect(FormPattern.attribute(pattern) == attribute)
    }
}
