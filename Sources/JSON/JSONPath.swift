//  The way from a JSON value to one inside it.

/// Keys of objects and 0-based decimal indices of arrays, from the outside in.
///
/// As text the elements are joined with `.`, and a `.` inside an element is `%2E`: `emails.0`, `hosts.a%2Eb`.
package struct JSONPath: Hashable, Sendable {
    package var elements: [String]

    package init(elements: [String] = []) {
        self.elements = elements
    }

    /// Reads the text form; the empty text is the way to the value itself.
    package init(_ text: String) {
        guard !text.isEmpty else {
            self.init()
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        self.init(elements: parts.map(JSONPath.unescaped))
    }

    package var isEmpty: Bool { elements.isEmpty }

    /// The way one step further, to a member.
    package func appending(_ key: String) -> JSONPath { JSONPath(elements: elements + [key]) }

    /// The way one step further, to an element of an array.
    package func appending(_ index: Int) -> JSONPath { appending(String(index)) }

    private static func unescaped(_ element: Substring) -> String {
        guard element.contains("%") else { return String(element) }
        var text = ""
        var rest = element
        while let percent = rest.firstIndex(of: "%") {
            text += rest[..<percent]
            let tail = rest[percent...]
            if tail.hasPrefix("%2E") || tail.hasPrefix("%2e") {
                text += "."
                rest = tail.dropFirst(3)
            } else {
                text += "%"
                rest = tail.dropFirst()
            }
        }
        return text + rest
    }

    private static func escaped(_ element: String) -> String {
        element.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "%2E")
    }
}

extension JSONPath: CustomStringConvertible {
    package var description: String { elements.map(JSONPath.escaped).joined(separator: ".") }
}

extension JSONPath: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

extension JSON {
    /// The value at the end of a path, or nil when the path leads nowhere.
    package func value(at path: JSONPath) -> JSON? {
        var value = self
        for element in path.elements {
            switch value {
            case .object(let members):
                guard let next = members[element] else { return nil }
                value = next
            case .array(let elements):
                guard let index = arrayIndex(element), index < elements.count else { return nil }
                value = elements[index]
            case .null, .bool, .number, .string:
                return nil
            }
        }
        return value
    }

    package subscript(path path: JSONPath) -> JSON? { value(at: path) }

    /// Puts a value at the end of a path, or removes what stands there when the value is nil.
    ///
    /// Objects are made on the way where there is none, also in place of a scalar. In an array the index must exist,
    /// or be its count, which appends.
    ///
    /// - Returns: false, and nothing is changed, when an index of the path does not fit or the path has more than
    ///   `maximumDepth` elements.
    @discardableResult
    package mutating func set(_ newValue: JSON?, at path: JSONPath) -> Bool {
        guard path.elements.count <= JSON.maximumDepth else { return false }
        return set(newValue, at: path.elements[...])
    }

    private mutating func set(_ newValue: JSON?, at path: ArraySlice<String>) -> Bool {
        guard let element = path.first else {
            self = newValue ?? .null
            return true
        }
        let rest = path.dropFirst()
        guard case .array(var elements) = self else { return setMember(element, newValue, at: rest) }
        guard let index = arrayIndex(element), index <= elements.count else { return false }
        if index < elements.count {
            if rest.isEmpty, newValue == nil {
                elements.remove(at: index)
            } else {
                guard elements[index].set(newValue, at: rest) else { return false }
            }
        } else if newValue != nil {
            var appended = JSON.null
            guard appended.set(newValue, at: rest) else { return false }
            elements.append(appended)
        }
        self = .array(elements)
        return true
    }

    private mutating func setMember(_ key: String, _ newValue: JSON?, at rest: ArraySlice<String>) -> Bool {
        if rest.isEmpty || (newValue == nil && self[key] == nil) {
            if newValue != nil || object != nil { self[key] = newValue }
            return true
        }
        var member = self[key] ?? .null
        guard member.set(newValue, at: rest) else { return false }
        self[key] = member
        return true
    }
}

/// Returns the index that a path element means in an array: decimal digits without a leading zero.
private func arrayIndex(_ element: String) -> Int? {
    guard let index = Int(element), index >= 0, String(index) == element else { return nil }
    return index
}
