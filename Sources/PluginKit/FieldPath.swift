//  A place in a document, or several: `username`, `sip.username`, `numbers[]`, `member.numbers[]`, `flow.**.pin`.

import Gateway
import JSON
import JSONSchema

/// A path in which `[]` stands for every element of an array, and `**` for everything below, however deep.
package struct FieldPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Step: Hashable, Sendable {
        case member(String)
        case everyElement
        case anyDepth
    }

    package let description: String
    private let steps: [Step]

    package init(_ text: String) {
        description = text
        steps = text.split(separator: ".").flatMap { part -> [Step] in
            if part == "**" { return [.anyDepth] }
            return part.hasSuffix("[]") ? [.member(String(part.dropLast(2))), .everyElement] : [.member(String(part))]
        }
    }

    package init(stringLiteral text: String) { self.init(text) }

    /// The top-level field that the path begins with.
    var field: String {
        guard case .member(let name)? = steps.first else { return "" }
        return name
    }

    /// The one place that the path means, or nil if it may mean several.
    var place: JSONPath? {
        var names: [String] = []
        for step in steps {
            guard case .member(let name) = step else { return nil }
            names.append(name)
        }
        return JSONPath(elements: names)
    }

    /// Whether a schema knows such a place; of what is at any depth it knows where that begins.
    func isDescribed(by shape: SchemaShape?) -> Bool {
        var shape = shape
        for step in steps {
            switch step {
            case .member(let name): shape = shape?.member(name)
            case .everyElement: shape = shape?.items
            case .anyDepth: return shape != nil
            }
        }
        return shape != nil
    }

    /// The scalars at the path as text, each with where it stands; a missing or empty one is left out.
    func texts(in fields: JSONObject) -> [(path: JSONPath, text: String)] {
        values(.object(fields), steps[...], JSONPath()).compactMap { path, value in
            guard let text = value.controlText, !text.isEmpty else { return nil }
            return (path, text)
        }
    }

    /// The values at the path, each with where it stands.
    func values(in fields: JSONObject) -> [(path: JSONPath, value: JSON)] {
        values(.object(fields), steps[...], JSONPath())
    }

    /// The fields with what `transform` makes of each value at the path; nil takes it away. Cost: one pass over what the
    /// path goes through.
    func map(_ fields: JSONObject, _ transform: (JSON) -> JSON?) -> JSONObject {
        mapped(.object(fields), steps[...], transform)?.object ?? fields
    }

    private func mapped(_ value: JSON, _ steps: ArraySlice<Step>, _ transform: (JSON) -> JSON?) -> JSON? {
        guard let step = steps.first else { return transform(value) }
        switch step {
        case .member(let name):
            guard case .object(var members) = value, let member = members[name] else { return value }
            members[name] = mapped(member, steps.dropFirst(), transform)
            return .object(members)
        case .everyElement:
            guard let elements = value.array else { return value }
            return .array(elements.compactMap { mapped($0, steps.dropFirst(), transform) })
        case .anyDepth:
            var value = value
            switch value {
            case .object(var members):
                for (name, member) in members { members[name] = mapped(member, steps, transform) }
                value = .object(members)
            case .array(let elements): value = .array(elements.compactMap { mapped($0, steps, transform) })
            case .null, .bool, .number, .string: return value
            }
            return mapped(value, steps.dropFirst(), transform)
        }
    }

    private func values(_ value: JSON, _ steps: ArraySlice<Step>, _ path: JSONPath) -> [(path: JSONPath, value: JSON)] {
        guard let step = steps.first else { return [(path, value)] }
        switch step {
        case .member(let name):
            guard let member = value.object?[name] else { return [] }
            return values(member, steps.dropFirst(), path.appending(name))
        case .everyElement:
            return (value.array ?? []).enumerated().flatMap { index, element in
                values(element, steps.dropFirst(), path.appending(index))
            }
        case .anyDepth:
            let here = values(value, steps.dropFirst(), path)
            switch value {
            case .object(let members):
                return here + members.flatMap { values($0.value, steps, path.appending($0.key)) }
            case .array(let elements):
                return here + elements.enumerated().flatMap { values($0.element, steps, path.appending($0.offset)) }
            case .null, .bool, .number, .string: return here
            }
        }
    }
}

extension JSONObject {
    /// Puts a value at a path, or removes what is there.
    package mutating func set(_ value: JSON?, at path: JSONPath) {
        var whole = JSON.object(self)
        if whole.set(value, at: path) { self = whole.object ?? self }
    }
}
