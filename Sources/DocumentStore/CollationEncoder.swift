//  The bytes of a collation key.
//
//  Each value begins with a tag in the order of the kinds and delimits itself, so that encodings can follow each
//  other. Byte 0 ends a sequence and is less than every byte within one; byte 255 occurs in negative numbers only,
//  never where a value begins or a string goes on, so appending it gives the upper bound of a prefix.
//
//    null, false, true   tag
//    number              tag, sign, then exponent and digits; those of a negative number complemented
//    string              tag, base letters, 0, accents, 0, capitals, 0
//    array               tag, elements, 0
//    object              tag, name and value of each member, 0

import Foundation
import JSON

struct CollationEncoder {
    private(set) var bytes: [UInt8] = []

    private enum Tag {
        static let null: UInt8 = 0x10
        static let `false`: UInt8 = 0x20
        static let `true`: UInt8 = 0x21
        static let number: UInt8 = 0x30
        static let string: UInt8 = 0x40
        static let array: UInt8 = 0x50
        static let object: UInt8 = 0x60
    }

    private static let end: UInt8 = 0x00

    /// The bounds of everything that begins with what is encoded so far.
    var range: (lower: CollationKey, upper: CollationKey) {
        (CollationKey(bytes: bytes), CollationKey(bytes: bytes + [0xFF]))
    }

    mutating func append(_ value: JSON) {
        switch value {
        case .null: bytes.append(Tag.null)
        case .bool(let value): bytes.append(value ? Tag.true : Tag.false)
        case .number(let value): append(value)
        case .string(let value): append(value)
        case .array(let elements):
            beginArray(elements)
            bytes.append(Self.end)
        case .object(let members):
            bytes.append(Tag.object)
            for (name, value) in members {
                append(name)
                append(value)
            }
            bytes.append(Self.end)
        }
    }

    /// Encodes an array up to its end, which is left open.
    mutating func beginArray(_ elements: [JSON]) {
        bytes.append(Tag.array)
        for element in elements { append(element) }
    }

    // MARK: Numbers

    private mutating func append(_ number: JSONNumber) {
        bytes.append(Tag.number)
        let decimal = JSONDecimal(number)
        guard !decimal.isZero else {
            bytes.append(2)
            return
        }
        bytes.append(decimal.isNegative ? 1 : 3)
        let start = bytes.count
        // As ± 0.d₁d₂d₃… × 10^exponent, so that the longer of two numbers with one exponent is the larger.
        appendExponent(decimal.exponent + decimal.digits.count)
        for position in stride(from: 0, to: decimal.digits.count, by: 2) {
            let second = position + 1 < decimal.digits.count ? decimal.digits[position + 1] : 0
            bytes.append(decimal.digits[position] * 10 + second + 1)
        }
        bytes.append(Self.end)
        guard decimal.isNegative else { return }
        for position in start..<bytes.count { bytes[position] = ~bytes[position] }
    }

    /// One byte for exponents that occur, nine for the others.
    private mutating func appendExponent(_ exponent: Int) {
        if let near = Int8(exactly: exponent), abs(exponent) < 100 {
            bytes.append(UInt8(bitPattern: near) ^ 0x80)
            return
        }
        bytes.append(exponent < 0 ? 0x01 : 0xFE)
        let ordered = UInt64(bitPattern: Int64(exponent)) ^ (1 << 63)
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: ordered >> shift)) }
    }

    // MARK: Strings

    private mutating func append(_ text: String) {
        let marks = beginString(text)
        bytes.append(Self.end)
        bytes.append(contentsOf: marks.accents)
        bytes.append(Self.end)
        bytes.append(contentsOf: marks.capitals)
        bytes.append(Self.end)
    }

    /// Encodes the base letters of a string, whose end is left open, and returns what distinguishes it further.
    @discardableResult
    mutating func beginString(_ text: String) -> (accents: [UInt8], capitals: [UInt8]) {
        bytes.append(Tag.string)
        var accents = MarkSequence()
        var capitals = MarkSequence()
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else {
            appendASCII(text, &capitals)
            return ([], capitals.bytes)
        }
        for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
            if combiningDiacriticalMarks.contains(scalar) {
                accents.mark(scalar)
                continue
            }
            accents.skip()
            if scalar.isASCII {
                appendASCII(String(scalar), &capitals)
                continue
            }
            let lowercase = scalar.properties.lowercaseMapping
            for small in lowercase.unicodeScalars {
                // The capital of a base letter may be an accented small one.
                if combiningDiacriticalMarks.contains(small) { continue }
                if small.isASCII {
                    bytes.append(asciiWeights[Int(small.value)])
                } else {
                    bytes.append(contentsOf: Array(String(small).utf8))
                }
            }
            if lowercase.unicodeScalars.elementsEqual(CollectionOfOne(scalar)) {
                capitals.skip()
            } else {
                capitals.mark(scalar)
            }
        }
        return (accents.bytes, capitals.bytes)
    }

    private mutating func appendASCII(_ text: String, _ capitals: inout MarkSequence) {
        for byte in text.utf8 {
            bytes.append(asciiWeights[Int(byte)])
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
                capitals.mark(Unicode.Scalar(byte))
            } else {
                capitals.skip()
            }
        }
    }
}

/// Where the scalars of a string differ from the plain ones: 1 for a plain scalar, 2 and the scalar for another.
///
/// Plain ones at the end are left out, so that a plain string has no bytes and comes first.
private struct MarkSequence {
    private(set) var bytes: [UInt8] = []
    private var plain = 0

    mutating func skip() { plain += 1 }

    mutating func mark(_ scalar: Unicode.Scalar) {
        bytes.append(contentsOf: repeatElement(1, count: plain))
        plain = 0
        bytes.append(2)
        bytes.append(contentsOf: Array(String(scalar).utf8))
    }
}

/// The accents of Latin, Greek and Cyrillic letters after canonical decomposition.
private let combiningDiacriticalMarks: ClosedRange<Unicode.Scalar> = "\u{300}"..."\u{36F}"

/// The place of each ASCII character, letters without regard to case: never 0 or 1, and less than any byte of a
/// character beyond ASCII.
///
/// Source: Apache CouchDB, "Views Collation", the order of the printable characters.
private let asciiWeights: [UInt8] = {
    var weights = [UInt8](repeating: 2, count: 128)
    var weight: UInt8 = 2
    let controls = Array(UInt8(0)..<32) + [127]
    let printable = " `^_-,;:!?.'\"()[]{}@*/\\&#%+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
    for character in controls + Array(printable.utf8) {
        weights[Int(character)] = weight
        weight += 1
    }
    for capital in UInt8(ascii: "A")...UInt8(ascii: "Z") { weights[Int(capital)] = weights[Int(capital | 0x20)] }
    return weights
}()
