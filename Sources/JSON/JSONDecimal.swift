//  The exact value of a JSON number, for comparing and dividing without rounding.

/// A decimal number without limit of digits: ± digits × 10^exponent.
///
/// Normal form: no zero digit first or last; zero has no digits, no sign and exponent 0. So two equal values are
/// equal member by member, and hashing agrees. An exponent beyond ±10^15 is cut there.
package struct JSONDecimal: Hashable, Sendable {
    package private(set) var isNegative: Bool
    /// The digits as numbers from 0 to 9, the most significant first.
    package private(set) var digits: [UInt8]
    package private(set) var exponent: Int

    private static let exponentLimit = 1_000_000_000_000_000

    package init(_ number: JSONNumber) {
        isNegative = false
        digits = []
        exponent = 0
        var afterDot = 0
        var seenDot = false
        var written = 0
        var writtenIsNegative = false
        var inExponent = false
        for byte in number.text.utf8 {
            switch byte {
            case Ascii.minus where inExponent: writtenIsNegative = true
            case Ascii.minus: isNegative = true
            case Ascii.dot: seenDot = true
            case Ascii.lowerE, Ascii.upperE: inExponent = true
            case Ascii.zero...Ascii.nine where inExponent:
                written = min(written * 10 + Int(byte - Ascii.zero), JSONDecimal.exponentLimit)
            case Ascii.zero...Ascii.nine:
                if seenDot { afterDot += 1 }
                if byte != Ascii.zero || !digits.isEmpty { digits.append(byte - Ascii.zero) }
            default: break
            }
        }
        exponent = (writtenIsNegative ? -written : written) - afterDot
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        exponent = min(max(exponent, -JSONDecimal.exponentLimit), JSONDecimal.exponentLimit)
        if digits.isEmpty {
            isNegative = false
            exponent = 0
        }
    }

    /// The value as a number; equal values give one text.
    package var number: JSONNumber {
        if let int { return JSONNumber(int) }
        let text = digits.map { String($0) }.joined()
        return JSONNumber(validText: (isNegative ? "-" : "") + text + "e" + String(exponent))
    }

    package var isZero: Bool { digits.isEmpty }
    package var isInteger: Bool { exponent >= 0 }

    /// The value, or nil when it is no integer or does not fit.
    package var int: Int? {
        guard isInteger, digits.count + exponent <= 19 else { return nil }
        var value = 0
        for position in 0..<(digits.count + exponent) {
            let digit = position < digits.count ? Int(digits[position]) : 0
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.subtractingReportingOverflow(digit)
            guard !tooLarge, !carry else { return nil }
            value = sum
        }
        // Counted downwards, because the negative side reaches one further.
        if isNegative { return value }
        let (positive, overflow) = 0.subtractingReportingOverflow(value)
        return overflow ? nil : positive
    }

    /// The integer nearest to the value, halves away from zero; nil when it does not fit.
    package var rounded: Int? {
        guard !isInteger else { return int }
        var whole = self
        let kept = max(digits.count + exponent, 0)
        let roundsUp = digits.count + exponent >= 0 && digits[kept] >= 5
        whole.digits.removeSubrange(kept...)
        whole.exponent = 0
        guard let truncated = whole.int else { return nil }
        let (value, overflow) = truncated.addingReportingOverflow(roundsUp ? (isNegative ? -1 : 1) : 0)
        return overflow ? nil : value
    }

    /// Tells whether this is an integer times `divisor`; nil when the divisor is zero or has more than 18 digits.
    ///
    /// Cost: the digits of both; the size of the exponents counts by its logarithm.
    package func isMultiple(of divisor: JSONDecimal) -> Bool? {
        guard !divisor.isZero, divisor.digits.count <= 18 else { return nil }
        guard !isZero else { return true }
        // The digits do not end with zero, so they cannot supply the factor of ten that is missing.
        guard exponent >= divisor.exponent else { return false }
        let modulus = UInt128(divisor.digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1) })
        var remainder = digits.reduce(UInt128(0)) { ($0 * 10 + UInt128($1)) % modulus }
        var power = UInt128(10) % modulus
        var left = exponent - divisor.exponent
        while left > 0 {
            if left & 1 == 1 { remainder = remainder * power % modulus }
            power = power * power % modulus
            left >>= 1
        }
        return remainder == 0
    }
}

extension JSONDecimal: Comparable {
    package static func < (left: JSONDecimal, right: JSONDecimal) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? right.magnitudePrecedes(left) : left.magnitudePrecedes(right)
    }

    private func magnitudePrecedes(_ other: JSONDecimal) -> Bool {
        guard !isZero, !other.isZero else { return isZero && !other.isZero }
        let top = digits.count + exponent
        let otherTop = other.digits.count + other.exponent
        if top != otherTop { return top < otherTop }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
