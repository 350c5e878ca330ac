//  A place in a document, or several: `username`, `sip.username`, `numbers[]`, `member.numbers[]`.

import Gateway
import JSON

/// A path in which `[]` stands for every element of an array.
package struct FieldPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Step: Hashable, Sendable {
        case member(String)
        case everyElement
    }

    package let description: String
    private let steps: [Step]

    package init(_ text: String) {
        description = text
        steps = text.split(separator: ".").flatMap { part -> [Step] in
            part.hasSuffix("[]") ? [.member(String(part.dropLast(2))), .everyElement] : [.member(String(part))]
        }
    }

    package init(stringLiteral text: String) { self.init(text) }

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

    /// The fields with what `transform` makes of each value at the path. Cost: one pass over what the path goes through.
    func map(_ fields: JSONObject, _ transform: (JSON) -> JSON) -> JSONObject {
        mapped(.object(fields), steps[...], transform).object ?? fields
    }

    private func mapped(_ value: JSON, _ steps: ArraySlice<Step>, _ transform: (JSON) -> JSON) -> JSON {
        guard let step = steps.first else { return transform(value) }
        switch step {
        case .member(let name):
            guard case .object(var members) = value, let member = members[name] else { return value }
            members[name] = mapped(member, steps.dropFirst(), transform)
            return .object(members)
        case .everyElement:
            guard let elements = value.array else { return value }
            return .array(elements.map { mapped($0, steps.dropFirst(), transform) })
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
