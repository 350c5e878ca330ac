//  Crossbar's wire contract, rule by rule, against the whole server in process.

import Testing

@Suite struct ContractTests {
    @Test(arguments: Rule.all)
    func theRuleHolds(rule: Rule) throws { try rule.holds(World()) }

    /// How many rules each section of the contract has.
    static let sections: [(section: String, rules: Int)] = [
        ("0", 5), ("1.1", 7), ("1.2", 5), ("1.3", 8), ("1.4", 7), ("1.5", 4), ("1.6", 6), ("2.1", 5), ("2.2", 7),
        ("2.3", 7), ("2.4", 2), ("2.5", 2), ("3.1", 6), ("3.2", 4), ("3.3", 10), ("3.4", 3), ("3.5", 6), ("3.6", 3),
        ("4.1", 5), ("4.2", 7), ("4.3", 4), ("5.1", 9), ("5.2", 4), ("5.3", 5), ("5.4", 12), ("5.5", 35), ("5.6", 2),
        ("6.1", 5), ("6.2", 7), ("6.3", 4), ("6.4", 7), ("6.5", 3), ("6.6", 1), ("6.7", 6), ("7", 18), ("8.1", 6),
        ("8.2", 3), ("8.3", 4), ("8.4", 13), ("8.5", 5), ("8.6", 6), ("8.7", 1), ("9.1", 6), ("9.2", 6), ("9.3", 10),
        ("9.4", 7), ("9.5", 4), ("9.6", 3), ("9.7", 1),
        ("9.8", 5), ("9.9", 2), ("9.10", 5), ("9.11", 5), ("9.12", 10), ("9.13", 6), ("10.1", 3), ("10.2", 6),
        ("10.3", 6),
    ]

    @Test(arguments: sections)
    func everyRuleHasARowOrAReasonWhyItHasNone(section: String, rules: Int) {
        let covered = Set(Rule.all.flatMap(\.numbers))
        for rule in 1...rules {
            let number = "\(section).\(rule)"
            #expect(covered.contains(number) != (Rule.elsewhere[number] != nil), "\(number)")
        }
    }
}
