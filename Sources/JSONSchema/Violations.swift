//  What is wrong with a document, in the form in which Crossbar's clients read it.

import JSON

/// The rules that a document breaks, by path and rule.
///
/// As JSON: `{"<path>": {"<rule>": {"message": …, "target": …, "cause": …, "value": …}}}`. Paths are those of
/// `JSONPath`. Several rules of one path stand together; of two violations of one rule at one path the first stays.
///
/// What is told stays in proportion to what was asked: a value larger than `valueLimit` is left out, and after
/// `countLimit` paths nothing more is added.
package struct Violations: Equatable, Sendable {
    /// The largest value that is repeated, in bytes, about.
    static let valueLimit = 4_096
    /// How many paths are told of.
    static let countLimit = 100

    private var paths = JSONObject()

    package init() {}

    package var isEmpty: Bool { paths.isEmpty }

    /// The form on the wire: the `data` of an answer with status 400.
    package var json: JSON { .object(paths) }

    /// Adds a broken rule.
    ///
    /// - Parameters:
    ///   - path: the way to the value that breaks it, or to where a missing one should be.
    ///   - rule: the rule's name on the wire, such as `required` or `unique`.
    ///   - message: a sentence for people.
    ///   - target: what the rule asks for.
    ///   - cause: what broke it, where rules of business say so.
    ///   - value: the value that broke it.
    ///   - more: further members that a rule has, such as `format`.
    package mutating func add(
        path: JSONPath,
        rule: String,
        message: String,
        target: JSON? = nil,
        cause: JSON? = nil,
        value: JSON? = nil,
        more: [(String, JSON)] = []
    ) {
        var details: JSONObject = ["message": .string(message)]
        details["target"] = target
        details["cause"] = cause
        details["value"] = value.flatMap { $0.isLarger(than: Self.valueLimit) ? nil : $0 }
        for (key, value) in more { details[key] = value }
        add(path: path.description, rule: rule, .object(details))
    }

    /// Adds the violations of another check.
    ///
    /// - Parameter place: where what was checked stands; empty for the whole.
    package mutating func merge(_ other: Violations, at place: JSONPath = JSONPath()) {
        let prefix = place.description
        for (path, rules) in other.paths {
            let whole = prefix.isEmpty ? path : "\(prefix).\(path)"
            for (rule, details) in rules.object ?? [:] { add(path: whole, rule: rule, details) }
        }
    }

    private mutating func add(path: String, rule: String, _ details: JSON) {
        guard paths.count < Self.countLimit || paths[path] != nil else { return }
        var rules = paths[path] ?? [:]
        if rules[rule] == nil { rules[rule] = details }
        paths[path] = rules
    }
}
