//  Which documents of a list a client wants to see. Source: Crossbar's filters.

import DocumentStore
import Gateway
import JSON

/// The conditions of a query; all of them must hold. Private fields count as missing.
package struct Filter: Sendable {
    private enum Condition: Sendable {
        case equal(JSONPath, Wanted)
        case notEqual(JSONPath, Wanted)
        case hasKey(JSONPath)
        case keyMissing(JSONPath)
        case hasValue(JSONPath)
        case valueMissing(JSONPath)
        case created(from: Int64?, to: Int64?)
        case modified(from: Int64?, to: Int64?)
        /// A time that is no number: nothing matches.
        case impossible
    }

    /// What a field's text is compared with.
    private struct Wanted: Sendable {
        /// The value as it was sent.
        let text: String
        /// Further texts that are as good, if it is JSON: the elements of an array, or a quoted text.
        let choices: [JSON]

        init(_ text: String) {
            self.text = text
            switch try? JSON(parsing: text) {
            case .array(let elements)?: choices = elements
            case .string(let quoted)?: choices = [.string(quoted)]
            default: choices = []
            }
        }

        func contains(_ text: String) -> Bool {
            JSON.string(text) == .string(self.text) || choices.contains(.string(text))
        }
    }

    private let conditions: [Condition]

    /// - Parameter besides: names that mean something else to the endpoint.
    package init(_ query: QueryParameters, besides: Set<String> = []) {
        conditions = query.pairs.compactMap {
            besides.contains($0.name) ? nil : Self.condition($0.name, $0.value ?? "true")
        }
    }

    package var isEmpty: Bool { conditions.isEmpty }

    /// Whether a document fulfils every condition.
    ///
    /// - Parameters:
    ///   - created: Unix seconds.
    ///   - modified: Unix seconds.
    package func matches(_ document: JSON, created: Int64, modified: Int64) -> Bool {
        conditions.allSatisfy { holds($0, document, created: created, modified: modified) }
    }

    private static func condition(_ name: String, _ value: String) -> Condition? {
        switch name {
        case "has_key": return .hasKey(JSONPath(value))
        case "key_missing": return .keyMissing(JSONPath(value))
        case "has_value": return .hasValue(JSONPath(value))
        case "value_missing": return .valueMissing(JSONPath(value))
        case "created_from": return gregorian(value).map { .created(from: $0, to: nil) } ?? .impossible
        case "created_to": return gregorian(value).map { .created(from: nil, to: $0) } ?? .impossible
        case "modified_from": return gregorian(value).map { .modified(from: $0, to: nil) } ?? .impossible
        case "modified_to": return gregorian(value).map { .modified(from: nil, to: $0) } ?? .impossible
        default: break
        }
        if name.hasPrefix("filter_not_") {
            return .notEqual(JSONPath(String(name.dropFirst(11))), Wanted(value))
        }
        if name.hasPrefix("filter_") { return .equal(JSONPath(String(name.dropFirst(7))), Wanted(value)) }
        return nil
    }

    /// A time as documents count it, in Unix seconds.
    private static func gregorian(_ text: String) -> Int64? {
        guard let seconds = Int64(text) else { return nil }
        let (unix, overflow) = seconds.subtractingReportingOverflow(gregorianOffset)
        return overflow ? nil : unix
    }

    private func holds(_ condition: Condition, _ document: JSON, created: Int64, modified: Int64) -> Bool {
        switch condition {
        case .equal(let path, let wanted): return wanted.contains(text(value(path, document)))
        case .notEqual(let path, let wanted): return !wanted.contains(text(value(path, document)))
        case .hasKey(let path): return value(path, document) != nil
        case .keyMissing(let path): return value(path, document) == nil
        case .hasValue(let path): return !isEmpty(value(path, document))
        case .valueMissing(let path): return isEmpty(value(path, document))
        case .created(let from, let to): return lies(created, from, to)
        case .modified(let from, let to): return lies(modified, from, to)
        case .impossible: return false
        }
    }

    private func lies(_ time: Int64, _ from: Int64?, _ to: Int64?) -> Bool {
        from.map { $0 <= time } ?? true && to.map { time <= $0 } ?? true
    }

    /// The value at a path in which arrays count from 1.
    private func value(_ path: JSONPath, _ document: JSON) -> JSON? {
        guard let first = path.elements.first, !isPrivate(first) else { return nil }
        var value: JSON? = document
        for element in path.elements {
            switch value {
            case .object(let members)?: value = members[element]
            case .array(let elements)?:
                guard let position = Int(element), position >= 1, position <= elements.count else { return nil }
                value = elements[position - 1]
            default: return nil
            }
        }
        return value
    }

    /// A value as the text that it is compared by.
    private func text(_ value: JSON?) -> String {
        switch value {
        case nil: ""
        case .null?: "null"
        case .object?: value?.text() ?? ""
        case .array(let elements)?: elements.map { text($0) }.joined()
        case .some(let scalar): scalar.controlText ?? ""
        }
    }

    private func isEmpty(_ value: JSON?) -> Bool {
        switch value {
        case nil, .null?: true
        case .bool?: false
        case .string(let text)?: ["", "0", "NULL", "undefined"].contains(text)
        case .number(let number)?: number.double == 0
        case .array(let elements)?: elements.isEmpty
        case .object(let members)?: members.isEmpty
        }
    }
}
