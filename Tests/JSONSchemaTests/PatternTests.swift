//  Regular expressions: what they match, what is refused, and at what cost.

import JSONSchema
import Testing

@Suite struct PatternTests {
    /// Pattern, texts that match, texts that do not.
    static let table: [(String, [String], [String])] = [
        ("", ["", "a"], []),
        ("abc", ["abc", "xabcx"], ["ab", "ABC"]),
        ("^abc$", ["abc"], ["abcd", "xabc", "abc\n"]),
        ("^a*$", ["", "aaa"], ["b"]),
        ("^a+?b??$", ["a", "ab"], ["b"]),
        ("^(a|bc|)d$", ["ad", "bcd", "d"], ["abcd"]),
        ("^(?:ab){2,3}$", ["abab", "ababab"], ["ab", "abababab"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]),
        ("^a{2,}$", ["aa", "aaaa"], ["a"]),
        ("^a{,2}$", ["a{,2}"], ["a"]),
        ("^a{x$", ["a{x"], ["a"]),
        ("^.$", ["a", "é", "😀"], ["", "ab", "\n", "\u{2028}"]),
        ("^[a-cx]+$", ["abcx"], ["d", "-"]),
        ("^[^a-c]$", ["d", "😀"], ["a"]),
        ("[]", [], ["", "]"]),
        ("^[a-]+$", ["a-"], ["b"]),
        ("^[\\w-]+$", ["a-1_"], ["é", "."]),
        ("^[\\w-.]+$", ["a-."], ["~"]),
        ("^[.\\w_-]+$", ["a.b-c_d"], ["a b", "a@b"]),
        ("^[^\\s]*$", ["", "abc"], ["a b", "\u{A0}"]),
        ("^[[:alnum:]_]+$", ["aZ9_"], ["-", ":", "é"]),
        ("^[^[:space:]x]$", ["a"], [" ", "x"]),
        ("^[\\D]$", ["a", "é"], ["1"]),
        ("^[\\d\\D]$", ["a", "1"], [""]),
        ("[\\{]{2}domain[\\}]{2}", ["x{{domain}}y"], ["{domain}"]),
        ("^\\x41\\u0042\\u{1F600}\\cI\\0$", ["AB😀\t\0"], ["AB"]),
        ("\\bfoo\\b", ["a foo b", "foo"], ["afoo", "foob"]),
        ("\\Bo", ["foo"], ["o"]),
        ("^\\p{Lu}\\P{Lu}$", ["Éa"], ["aÉ"]),
        ("^\\S+@\\S+$", ["a@b"], ["a b"]),
        ("^https?://", ["http://x", "https://x"], ["ftp://x", " http://x"]),
        ("^(a*)*$", ["", "aaa"], ["b"]),
        ("^(a|b|ab)*c$", ["ababc", "c"], ["abab"]),
        ("(^|x)a", ["a", "xa"], ["ba"]),
    ]

    @Test(arguments: table)
    func aPatternMatchesWhatItSays(source: String, matching: [String], others: [String]) throws {
        let pattern = try Pattern(source)
        for text in matching { #expect(pattern.matches(text), "\(text)") }
        for text in others { #expect(!pattern.matches(text), "\(text)") }
    }

    static let refused: [(String, PatternError)] = [
        ("(", .malformed(at: 0)), (")", .malformed(at: 0)), ("a)", .malformed(at: 1)), ("[", .malformed(at: 0)),
        ("[b-a]", .malformed(at: 1)), ("*", .malformed(at: 0)), ("a**", .malformed(at: 2)), ("^*", .malformed(at: 0)),
        ("a{2,1}", .malformed(at: 1)), ("\\", .malformed(at: 1)), ("\\y", .malformed(at: 0)),
        ("\\u12", .malformed(at: 0)),
        ("\\ud800", .malformed(at: 0)), ("\\p{Nope}", .malformed(at: 0)), ("\\pL", .malformed(at: 0)),
        ("[[:nope:]]", .malformed(at: 1)), ("(?P<a>b)", .malformed(at: 0)), ("\\c1", .malformed(at: 0)),
        ("(?=a)", .needsBacktracking(at: 0)), ("(?!a)", .needsBacktracking(at: 0)),
        ("a(?<=a)", .needsBacktracking(at: 1)),
        ("(a)\\1", .needsBacktracking(at: 3)), ("a{5000}", .tooLarge), ("(a{100}){100}", .tooLarge),
        ("((((){1000}){1000}){1000}){1000}", .tooLarge), (String(repeating: "(", count: 10_000), .tooLarge),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: refused)
    func whatCannotBeMatchedIsRefused(source: String, error: PatternError) {
        #expect(throws: error) { try Pattern(source) }
    }

    /// Patterns that take a backtracking matcher for ever, with a text that does it.
    static let hard: [(String, String)] = [
        ("^(a+)+$", String(repeating: "a", count: 20_000) + "b"),
        ("^(a|a)*$", String(repeating: "a", count: 20_000) + "b"),
        ("^(a|aa)+$", String(repeating: "a", count: 20_000) + "b"),
        ("(.*)*x", String(repeating: "a", count: 20_000)),
        ("^(a?){50}a{50}$", String(repeating: "a", count: 49)),
        ("^([a-zA-Z0-9]+\\s?)*$", String(repeating: "a ", count: 10_000) + "!"),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: hard)
    func noTextMakesAMatchSlow(source: String, text: String) throws {
        #expect(try !Pattern(source).matches(text))
    }
}
