//  From segments to modules and their arguments.

import Testing

@testable import Gateway

@Suite struct NounTests {
    static let table: [([String], [Noun]?)] = [
        (["accounts", "A", "devices", "D"], [Noun("accounts", ["A"]), Noun("devices", ["D"])]),
        (["accounts", "A", "users", "U", "photo"], [Noun("accounts", ["A"]), Noun("users", ["U", "photo"])]),
        (["accounts", "A", "users", "devices"], [Noun("accounts", ["A"]), Noun("users"), Noun("devices")]),
        (["schemas", "users"], [Noun("schemas", ["users"])]),
        (["accounts", "", "users"], [Noun("accounts", [""]), Noun("users")]),
        (["nosuch", "accounts"], nil), (["Accounts"], nil), ([], nil),
        (["own", "x"], [Noun("own", ["x"])]),
    ]

    @Test(arguments: table)
    func wordsAreModulesOrArguments(segments: [String], nouns: [Noun]?) {
        #expect(Vocabulary(registered: ["own"]).nouns(of: segments) == nouns)
    }
}
