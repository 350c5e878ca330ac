//  A JSON number, kept as its text.

/// A number as it was written: `1.0`, `1e2`, `-0` and integers of 25 digits come back as they came.
///
/// Equality is that of the text; `isEqual(to:)` and `compare(_:_:)` of `JSONDecimal` compare values.
package struct JSONNumber: Hashable, Sendable {
    /// The text, by the grammar of RFC 8259 §6.
    package let text: String

    package init(_ value: Int) {
        text = String(value)
    }

    /// Returns nil for a value that JSON cannot write: infinity or not a number.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = String(describing: value)
    }

    /// Returns nil unless the whole text is a number by RFC 8259 §6.
    package init?(text: String) {
        let bytes = Array(text.utf8)
        guard numberEnd(in: bytes.span, from: 0) == bytes.count else { return nil }
        self.text = text
    }

    /// A number whose text is known to follow the grammar.
    init(validText text: String) {
        self.text = text
    }

    /// The exact value, or nil when it is no integer or does not fit: `1.0` is 1, `1e2` is 100, `1.5` is nil.
    package var int: Int? {
        if let value = Int(text) { return value }
        return JSONDecimal(self).int
    }

    /// The nearest double, or nil when the number is beyond the range of doubles.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// Whether the value is an integer of any size: `1.0` and `1e2` are.
    package var isInteger: Bool {
        if text.utf8.allSatisfy({ $0 != Ascii.dot && $0 != Ascii.lowerE && $0 != Ascii.upperE }) { return true }
        return JSONDecimal(self).isInteger
    }
}

extension JSONNumber: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self.init(value) }
}

extension JSONNumber: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) {
        precondition(value.isFinite, "JSON has no infinity")
        text = String(describing: value)
    }
}

extension JSONNumber: CustomStringConvertible {
    package var description: String { text }
}

/// Returns the offset after the number that begins at `start`, or nil when none does.
///
/// Source: RFC 8259 §6.
func numberEnd(in bytes: Span<UInt8>, from start: Int) -> Int? {
    let end = bytes.count
    var offset = start
    if offset < end, bytes[offset] == Ascii.minus { offset += 1 }
    guard offset < end else { return nil }
    if bytes[offset] == Ascii.zero {
        offset += 1
    } else {
        guard let next = digitsEnd(in: bytes, from: offset) else { return nil }
        offset = next
    }
    if offset < end, bytes[offset] == Ascii.dot {
        guard let next = digitsEnd(in: bytes, from: offset + 1) else { return nil }
        offset = next
    }
    if offset < end, bytes[offset] | 0x20 == Ascii.lowerE {
        offset += 1
        if offset < end, bytes[offset] == Ascii.plus || bytes[offset] == Ascii.minus { offset += 1 }
        guard let next = digitsEnd(in: bytes, from: offset) else { return nil }
        offset = next
    }
    return offset
}

/// Returns the offset after the digits that begin at `start`, or nil when there is none.
@inline(__always)
private func digitsEnd(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var offset = start
    while offset < bytes.count, bytes[offset] &- Ascii.zero < 10 { offset += 1 }
    return offset > start ? offset : nil
}
