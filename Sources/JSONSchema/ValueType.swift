//  The types that a schema can ask for.

import JSON

/// A set of the seven types of JSON Schema; a number without fraction is also an integer.
struct ValueType: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = ValueType(rawValue: 1)
    static let boolean = ValueType(rawValue: 2)
    static let integer = ValueType(rawValue: 4)
    static let number = ValueType(rawValue: 8)
    static let string = ValueType(rawValue: 16)
    static let array = ValueType(rawValue: 32)
    static let object = ValueType(rawValue: 64)

    /// The type of a name, or nil.
    static func named(_ name: String) -> ValueType? {
        switch name {
        case "null": .null
        case "boolean": .boolean
        case "integer": .integer
        case "number": .number
        case "string": .string
        case "array": .array
        case "object": .object
        default: nil
        }
    }

    func contains(valueOf value: JSON) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .number(let number): contains(.number) || (contains(.integer) && number.isInteger)
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }

    /// Returns the value of this type that a value of another stands for, or nil.
    ///
    /// Only integer, number and boolean are ever made; strings never are.
    func coerced(_ value: JSON) -> JSON? {
        switch self {
        case .integer: number(value).flatMap { JSONDecimal($0).rounded }.map { .number(JSONNumber($0)) }
        case .number: number(value).map(JSON.number)
        case .boolean:
            switch value.string {
            case "true": true
            case "false": false
            default: nil
            }
        default: nil
        }
    }

    /// A number, or the number that a string writes; a plus sign and leading zeros are allowed.
    private func number(_ value: JSON) -> JSONNumber? {
        switch value {
        case .number(let number): return number
        case .string(let text):
            let isNegative = text.hasPrefix("-")
            let digits = text.hasPrefix("+") || isNegative ? text.dropFirst() : text[...]
            let significant = digits.drop { $0 == "0" }
            // One zero stays where nothing else stands before the fraction.
            let whole =
                significant.first.map { "1"..."9" ~= $0 } == true ? significant : digits.suffix(significant.count + 1)
            return JSONNumber(text: (isNegative ? "-" : "") + whole)
        case .null, .bool, .array, .object: return nil
        }
    }
}
