//  A JSON value.

import Glibc

/// A JSON value that keeps what the text said: the digits of numbers and the order of members.
///
/// Two values are equal when their texts mean the same characters: strings and keys are compared scalar by scalar
/// (never by canonical equivalence, as Swift's strings are), numbers by their text, objects without regard to order.
///
/// Source: RFC 8259.
package enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// How deep arrays and objects may nest; `[[]]` is two levels.
    package static let maximumDepth = 64
}

extension JSON {
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number as an integer, or nil when it is none: `1.0` and `1e2` are integers, `1.5` is not.
    package var int: Int? {
        if case .number(let value) = self { value.int } else { nil }
    }

    package var double: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of an object, or nil.
    ///
    /// Setting on a value that is not an object makes it one; setting nil removes the member.
    package subscript(key: String) -> JSON? {
        get { object?[key] }
        set {
            var members = object ?? JSONObject()
            // Let go of the members, so that changing them copies nothing.
            self = .null
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element of an array, or nil when there is none.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSON: Hashable {
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): sameScalars(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null:
            hasher.combine(0 as UInt8)
        case .bool(let value):
            hasher.combine(1 as UInt8)
            hasher.combine(value)
        case .number(let value):
            hasher.combine(2 as UInt8)
            hasher.combine(value)
        case .string(let value):
            hasher.combine(3 as UInt8)
            hashScalars(value, into: &hasher)
        case .array(let value):
            hasher.combine(4 as UInt8)
            hasher.combine(value)
        case .object(let value):
            hasher.combine(5 as UInt8)
            hasher.combine(value)
        }
    }
}

/// Tells whether two strings have the same scalars; `==` would also take `é` and `e` with an accent for one.
package func sameScalars(_ left: String, _ right: String) -> Bool {
    let left = left.utf8
    let right = right.utf8
    let count = left.count
    guard count == right.count else { return false }
    let fast = left.withContiguousStorageIfAvailable { left in
        right.withContiguousStorageIfAvailable { right in
            guard let left = left.baseAddress, let right = right.baseAddress else { return true }
            return memcmp(left, right, count) == 0
        }
    }
    return (fast ?? nil) ?? left.elementsEqual(right)
}

/// Feeds the scalars of a string to a hasher, in agreement with `sameScalars`.
package func hashScalars(_ text: String, into hasher: inout Hasher) {
    let fed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    if fed == nil {
        for byte in text.utf8 { hasher.combine(byte) }
    }
    hasher.combine(text.utf8.count)
}

// There is no nil literal for null on purpose: `isThere ? value : nil` would then give null where an optional is meant.

extension JSON: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .number(JSONNumber(floatLiteral: value)) }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
    /// An object with its members in this order; of two members with one key the later value stays.
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

extension JSON: CustomStringConvertible {
    package var description: String { text() }
}
