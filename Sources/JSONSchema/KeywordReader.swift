//  Reads the values of the keywords of one schema.

import JSON

/// The keywords of one schema, and what is wrong with their values.
struct KeywordReader {
    let schema: LocatedSchema
    private(set) var problems: [(keyword: String, reason: SchemaError.Reason)] = []

    init(_ schema: LocatedSchema) {
        self.schema = schema
    }

    var source: JSON { schema.source }

    mutating func report(_ keyword: String, _ reason: SchemaError.Reason) {
        problems.append((keyword, reason))
    }

    /// Reads a keyword with a function that returns nil for a value of the wrong form.
    private mutating func read<Value>(_ keyword: String, _ expected: String, _ convert: (JSON) -> Value?) -> Value? {
        guard let value = source[keyword] else { return nil }
        if let converted = convert(value) { return converted }
        report(keyword, .malformed(keyword: keyword, expected: expected))
        return nil
    }

    mutating func string(_ keyword: String) -> String? {
        read(keyword, "a string") { $0.string }
    }

    mutating func flag(_ keyword: String) -> Bool {
        read(keyword, "a boolean") { $0.bool } ?? false
    }

    mutating func object(_ keyword: String) -> JSONObject? {
        read(keyword, "an object") { $0.object }
    }

    mutating func number(_ keyword: String) -> JSONNumber? {
        read(keyword, "a number") { if case .number(let number) = $0 { number } else { nil } }
    }

    /// A number of characters, elements or members.
    mutating func count(_ keyword: String) -> Int? {
        read(keyword, "an integer that is not negative") { $0.int.flatMap { $0 >= 0 ? $0 : nil } }
    }

    mutating func names(_ keyword: String) -> [String]? {
        read(keyword, "a list of names, at least one") { value in
            guard let names = value.array?.compactMap(\.string), !names.isEmpty else { return nil }
            return names.count == value.array?.count ? names : nil
        }
    }

    /// A list of schemas with the steps that lead to each of them.
    mutating func schemas(_ keyword: String) -> [(steps: [String], source: JSON)]? {
        let list = read(keyword, "a list of schemas, at least one") { $0.array.flatMap { $0.isEmpty ? nil : $0 } }
        return list?.enumerated().map { ([keyword, String($0)], $1) }
    }

    /// A divisor: greater than zero, and with no more digits than can be divided by exactly.
    private mutating func divisor(_ keyword: String) -> (JSONDecimal, JSONNumber)? {
        guard let number = number(keyword) else { return nil }
        let decimal = JSONDecimal(number)
        guard decimal > JSONDecimal(0), decimal.isMultiple(of: decimal) != nil else {
            report(keyword, .malformed(keyword: keyword, expected: "greater than zero and of at most 18 digits"))
            return nil
        }
        return (decimal, number)
    }

    /// One type or several, and their names joined for people.
    private mutating func types(_ keyword: String) -> (ValueType, String)? {
        let names = read(keyword, "the name of a type or a list of names") { value -> [String]? in
            let list = value.array ?? [value]
            let names = list.compactMap(\.string)
            return names.isEmpty || names.count != list.count ? nil : names
        }
        guard let names else { return nil }
        var types = ValueType()
        for name in names {
            // Draft 3 has this name for all types.
            if name == "any" { return nil }
            if let type = ValueType.named(name) {
                types.insert(type)
            } else {
                report(keyword, .unknownType(name))
            }
        }
        return (types, names.joined(separator: ", "))
    }

    mutating func pattern(_ source: String, keyword: String) -> Pattern? {
        do {
            return try Pattern(source)
        } catch {
            report(keyword, .pattern(source, error))
            return nil
        }
    }

    mutating func typeKeywords() -> [Keyword] {
        guard let (types, text) = types("type") else { return [] }
        return [.type(types, text: text)]
    }

    mutating func valueKeywords() -> [Keyword] {
        guard let list = read("enum", "a list of values", \.array) else { return [] }
        return [.values(Set(list.map(comparable)), listed: .array(list))]
    }

    mutating func numberKeywords() -> [Keyword] {
        var keywords: [Keyword] = []
        let isMinimumExclusive = flag("exclusiveMinimum")
        if let number = number("minimum") {
            keywords.append(.minimum(JSONDecimal(number), isExclusive: isMinimumExclusive, number))
        }
        let isMaximumExclusive = flag("exclusiveMaximum")
        if let number = number("maximum") {
            keywords.append(.maximum(JSONDecimal(number), isExclusive: isMaximumExclusive, number))
        }
        if let (divisor, _) = divisor("multipleOf") { keywords.append(.multipleOf(divisor)) }
        return keywords
    }

    mutating func stringKeywords(_ dialect: SchemaDialect) -> [Keyword] {
        var keywords: [Keyword] = []
        if let count = count("minLength") { keywords.append(.minLength(count)) }
        if let count = count("maxLength") { keywords.append(.maxLength(count)) }
        if let source = string("pattern"), let pattern = pattern(source, keyword: "pattern") {
            keywords.append(.pattern(pattern))
        }
        if let name = string("format"), let format = Format(name, checksAll: dialect.checksAllFormats) {
            keywords.append(.format(format, name: name))
        }
        return keywords
    }

    /// The keywords of draft 3 and of Kazoo, in the schema of this name.
    mutating func extensionKeywords(schemaName: String) -> [Keyword] {
        var keywords: [Keyword] = []
        if let (types, text) = types("disallow") { keywords.append(.disallow(types, text: text)) }
        if let (divisor, number) = divisor("divisibleBy") { keywords.append(.divisibleBy(divisor, number)) }
        if flag("kazoo-regexp") { keywords.append(.regularExpression) }
        // Which check is meant goes by the names of the schema and of the property.
        if flag("kazoo-validation"), let property = schema.location.pointer.last {
            switch "\(schemaName).\(property)" {
            case "callflows.action.data": keywords.append(.moduleData(prefix: "callflows."))
            case "callflows.action.module": keywords.append(.moduleName(prefix: "callflows."))
            case "metaflow.data": keywords.append(.moduleData(prefix: "metaflows."))
            case "metaflow.module": keywords.append(.moduleName(prefix: "metaflows."))
            case let name: keywords.append(.marked(name: name))
            }
        }
        return keywords
    }
}

/// Returns a value in which equal numbers have equal texts, so that `==` and hashing compare values.
///
/// Source: JSON Schema draft 4, core, §3.6.
func comparable(_ value: JSON) -> JSON {
    switch value {
    case .null, .bool, .string: value
    case .number(let number): .number(JSONDecimal(number).number)
    case .array(let elements): .array(elements.map(comparable))
    case .object(let members): .object(JSONObject(members.map { ($0.key, comparable($0.value)) }))
    }
}
