//  Checks one document against compiled schemas.

import JSON

/// One validation of one document.
struct Validation {
    private let schemas: CompiledSchemas
    private var options: ValidationOptions
    private let document: JSON
    private(set) var violations = Violations()
    private var path = JSONPath()
    /// The object whose member is being checked.
    private var container = JSONObject()

    init(_ schemas: CompiledSchemas, _ options: ValidationOptions, document: JSON) {
        self.schemas = schemas
        self.options = options
        self.document = document
    }

    /// Checks a value at the current path; returns what it becomes, or nil when it stays as it is.
    mutating func check(_ value: JSON, by node: NodeID) -> JSON? {
        var changed: JSON?
        for keyword in schemas.nodes[node].keywords {
            if let new = check(changed ?? value, by: keyword) { changed = new }
        }
        return changed
    }

    private mutating func check(_ value: JSON, by keyword: Keyword) -> JSON? {
        switch keyword {
        case .type(let type, let text):
            return checkType(of: value, type, text)
        case .disallow(let type, let text):
            if type.contains(valueOf: value) {
                add("disallow", "Value is disallowed by \(text)", target: .string(text), value: value)
            }
        case .values(let values, let listed):
            if !values.contains(comparable(value)) {
                add("enum", "Value not found in enumerated list of values", target: listed, value: value)
            }
        case .reference(let node):
            return check(value, by: node)
        case .allOf(let nodes):
            return nodes.reduce(nil) { changed, node in check(changed ?? value, by: node) ?? changed }
        case .anyOf(let nodes):
            return checkAny(value, nodes)
        case .oneOf(let nodes):
            return checkOne(value, nodes)
        case .not(let node):
            if probe(value, by: node).isValid { fail("not_schema_valid", value) }
        case .regularExpression, .moduleData, .moduleName, .marked:
            return checkExtension(value, keyword)
        default:
            switch value {
            case .null, .bool: break
            case .number(let number): check(number, by: keyword)
            case .string(let text): check(text, by: keyword)
            case .array(let elements): return check(elements, by: keyword).map(JSON.array)
            case .object(let members): return check(members, by: keyword)
            }
        }
        return nil
    }

    private mutating func checkType(of value: JSON, _ type: ValueType, _ text: String) -> JSON? {
        if type.contains(valueOf: value) { return nil }
        if options.coercesTypes, let coerced = type.coerced(value) { return coerced }
        add("type", "Value did not match type(s): \(text)", target: .string(text), value: value)
        return nil
    }

    // MARK: Numbers and strings

    private mutating func check(_ number: JSONNumber, by keyword: Keyword) {
        let value = JSON.number(number)
        switch keyword {
        case .minimum(let bound, let isExclusive, let written):
            let decimal = JSONDecimal(number)
            if decimal < bound || (isExclusive && decimal == bound) {
                add("minimum", "Value must be at least \(written)", target: .number(written), value: value)
            }
        case .maximum(let bound, let isExclusive, let written):
            let decimal = JSONDecimal(number)
            if decimal > bound || (isExclusive && decimal == bound) {
                add("maximum", "Value must be at most \(written)", target: .number(written), value: value)
            }
        case .multipleOf(let divisor):
            if JSONDecimal(number).isMultiple(of: divisor) != true { fail("not_multiple_of", value) }
        case .divisibleBy(let divisor, let written):
            if JSONDecimal(number).isMultiple(of: divisor) != true {
                add("divisibleBy", "Value not divisible by \(written)", target: .string(written.text), value: value)
            }
        default:
            break
        }
    }

    private mutating func check(_ text: String, by keyword: Keyword) {
        let value = JSON.string(text)
        switch keyword {
        case .minLength(let count):
            // Characters are Unicode scalars, and no text has more of them than bytes.
            if text.utf8.count < count || text.unicodeScalars.count < count {
                let message = "String must be at least \(count) characters"
                add("minLength", message, target: .number(JSONNumber(count)), cause: value, value: value)
            }
        case .maxLength(let count):
            if text.utf8.count > count, text.unicodeScalars.count > count {
                let message = "String must not be more than \(count) characters"
                add("maxLength", message, target: .number(JSONNumber(count)), cause: value, value: value)
            }
        case .pattern(let pattern):
            if !pattern.matches(text) {
                let message = "Failed to match pattern '\(pattern.source)'"
                add("pattern", message, target: .string(pattern.source), value: value)
            }
        case .format(let format, let name):
            if !format.matches(text) {
                let message = "Field is not in the correct format"
                add("wrong_format", message, value: value, more: [("format", .string(name))])
            }
        default:
            break
        }
    }

    // MARK: Arrays

    private mutating func check(_ elements: [JSON], by keyword: Keyword) -> [JSON]? {
        switch keyword {
        case .items(let nodes, let others):
            return checkElements(elements, nodes, others)
        case .minItems(let count):
            if elements.count < count {
                let message = "The list must have at least \(count) items"
                add("minItems", message, target: .number(JSONNumber(count)), value: .array(elements))
            }
        case .maxItems(let count):
            if elements.count > count {
                let message = "The list is more than \(count) items"
                add("maxItems", message, target: .number(JSONNumber(count)), value: .array(elements))
            }
        case .uniqueItems:
            if Set(elements.map(comparable)).count < elements.count {
                add("uniqueItems", "List of items is not unique", value: .array(elements))
            }
        default:
            break
        }
        return nil
    }

    private mutating func checkElements(_ elements: [JSON], _ nodes: [NodeID], _ others: Keyword.Others) -> [JSON]? {
        var changed: [JSON]?
        for (position, element) in elements.enumerated() {
            let node: NodeID
            if position < nodes.count {
                node = nodes[position]
            } else {
                guard case .schema(let other) = others else { break }
                node = other
            }
            guard let new = checkInside(String(position), element, by: node) else { continue }
            var copy = changed ?? elements
            changed = nil
            copy[position] = new
            changed = copy
        }
        if case .forbidden = others, elements.count > nodes.count {
            let message = "Strict checking of data is enabled; only include schema-defined items"
            add("additionalItems", message, value: .array(elements))
        }
        return changed
    }

    /// Checks a value one step further down the path.
    private mutating func checkInside(_ step: String, _ value: JSON, by node: NodeID) -> JSON? {
        path.elements.append(step)
        defer { path.elements.removeLast() }
        return check(value, by: node)
    }

    // MARK: Objects

    private mutating func check(_ object: JSONObject, by keyword: Keyword) -> JSON? {
        switch keyword {
        case .members(let members):
            return checkMembers(object, members).map(JSON.object)
        case .required(let names):
            for name in names where object[name] == nil {
                let message = "Field is required but missing"
                add("required", message, value: .object(object), at: path.appending(name))
            }
        case .minProperties(let count):
            if object.count < count {
                let message = "The object must have at least \(count) keys"
                add("minProperties", message, target: .number(JSONNumber(count)), value: .object(object))
            }
        case .maxProperties(let count):
            if object.count > count { fail("too_many_properties", .object(object)) }
        case .propertyDependency(let name, let needed):
            if object[name] != nil, needed.contains(where: { object[$0] == nil }) {
                add("dependencies", "Dependencies were not validated", value: .object(object))
            }
        case .schemaDependency(let name, let node):
            if object[name] != nil { return check(.object(object), by: node) }
        default:
            break
        }
        return nil
    }

    private mutating func checkMembers(_ object: JSONObject, _ members: Keyword.Members) -> JSONObject? {
        let outer = container
        container = object
        defer { container = outer }
        var changed: JSONObject?
        func set(_ key: String, _ value: JSON) {
            var copy = changed ?? object
            changed = nil
            copy[key] = value
            changed = copy
        }

        for property in members.properties {
            guard let value = object[property.key] else { continue }
            if let new = checkInside(property.key, value, by: property.node) { set(property.key, new) }
        }
        if !members.coversAll {
            for (key, value) in object {
                for (pattern, node) in members.patterns where pattern.matches(key) {
                    if let new = checkInside(key, (changed ?? object)[key] ?? value, by: node) { set(key, new) }
                }
                guard !members.covers(key) else { continue }
                switch members.others {
                case .allowed: break
                case .forbidden:
                    let message = "Strict checking of data is enabled; only include schema-defined properties"
                    add("additionalProperties", message, value: .object(object), at: path.appending(key))
                case .schema(let node):
                    if let new = checkInside(key, value, by: node) { set(key, new) }
                }
            }
        }
        guard options.fillsDefaults else { return changed }
        for property in members.properties where object[property.key] == nil {
            if let fill = property.fill { set(property.key, fill) }
        }
        return changed
    }

    // MARK: Choices

    /// Checks a value without keeping what is wrong with it, and without coercing anything.
    private mutating func probe(_ value: JSON, by node: NodeID) -> (isValid: Bool, changed: JSON?) {
        let outer = (violations, options.coercesTypes)
        violations = Violations()
        options.coercesTypes = false
        defer { (violations, options.coercesTypes) = outer }
        let changed = check(value, by: node)
        return (violations.isEmpty, changed)
    }

    private mutating func checkAny(_ value: JSON, _ nodes: [NodeID]) -> JSON? {
        for node in nodes {
            let choice = probe(value, by: node)
            if choice.isValid { return choice.changed }
        }
        fail("any_schemas_not_valid", value)
        return nil
    }

    private mutating func checkOne(_ value: JSON, _ nodes: [NodeID]) -> JSON? {
        var valid: JSON??
        for node in nodes {
            let choice = probe(value, by: node)
            guard choice.isValid else { continue }
            guard valid == nil else {
                fail("more_than_one_schema_valid", value)
                return nil
            }
            valid = .some(choice.changed)
        }
        if valid == nil { fail("not_one_schema_valid", value) }
        return valid ?? nil
    }

    // MARK: Extensions

    private mutating func checkExtension(_ value: JSON, _ keyword: Keyword) -> JSON? {
        switch keyword {
        case .regularExpression:
            guard let text = value.string else { break }
            do { _ = try Pattern(text) } catch { addError("invalid regular expression: '\(text)'", value) }
        case .moduleName(let prefix):
            guard let module = value.string, schemas.roots[prefix + module] == nil else { break }
            addError("unable to find \(prefix.dropLast(2)) schema for module \(module)", value)
        case .moduleData(let prefix):
            guard let module = container["module"]?.string, let node = schemas.roots[prefix + module] else { break }
            return check(value, by: node)
        case .marked(let name):
            let marked = ValidationOptions.MarkedValue(name: name, value: value, document: document)
            if let message = options.check?(marked) { addError(message, value) }
        default:
            break
        }
        return nil
    }

    // MARK: Violations

    private mutating func addError(_ message: String, _ value: JSON) {
        add("error", message, value: value)
    }

    /// Adds a violation of a rule that has no words of its own.
    private mutating func fail(_ rule: String, _ value: JSON) {
        add(rule, "failed to validate", value: value)
    }

    private mutating func add(
        _ rule: String,
        _ message: String,
        target: JSON? = nil,
        cause: JSON? = nil,
        value: JSON,
        more: [(String, JSON)] = [],
        at place: JSONPath? = nil
    ) {
        let path = place ?? path
        violations.add(path: path, rule: rule, message: message, target: target, cause: cause, value: value, more: more)
    }
}

extension Keyword.Members {
    /// Whether no member needs to be looked at but those of `properties`.
    fileprivate var coversAll: Bool {
        guard patterns.isEmpty, case .allowed = others else { return false }
        return true
    }

    /// Whether a member has a schema of its own.
    fileprivate func covers(_ key: String) -> Bool {
        keys.contains(JSONKey(key)) || patterns.contains { $0.pattern.matches(key) }
    }
}
