//  Points in time as Crossbar writes them.

import JSON

/// Seconds between 0000-01-01 and 1970-01-01: documents count from the former.
package let gregorianOffset: Int64 = 62_167_219_200

extension JSON {
    /// Unix seconds as documents count them, from 0000-01-01 on.
    package static func gregorian(_ seconds: Int64) -> JSON { .number(JSONNumber(Int(seconds + gregorianOffset))) }
}

/// Returns Unix seconds as `YYYY-MM-DDTHH:MM:SSZ`. Source: RFC 3339; the calendar is Hinnant's days_from_civil.
package func timestamp(_ seconds: Int64) -> String {
    let (days, second) = seconds.quotientAndRemainderDown(86_400)
    let shifted = days + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainderDown(146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    var text: [UInt8] = []
    text.reserveCapacity(20)
    append(year, 4, "-", to: &text)
    append(month, 2, "-", to: &text)
    append(day, 2, "T", to: &text)
    append(second / 3_600, 2, ":", to: &text)
    append(second / 60 % 60, 2, ":", to: &text)
    append(second % 60, 2, "Z", to: &text)
    return String(decoding: text, as: UTF8.self)
}

/// Appends a number that is not negative, with zeros before it up to a width, and what stands behind it.
private func append(_ number: Int64, _ width: Int, _ end: Unicode.Scalar, to text: inout [UInt8]) {
    var place: Int64 = 1
    for _ in 1..<width { place *= 10 }
    while number / place > 9 { place *= 10 }
    while place > 0 {
        text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / place % 10))
        place /= 10
    }
    text.append(UInt8(ascii: end))
}

extension Int64 {
    /// Division that rounds toward minus infinity, so that the remainder is never negative.
    fileprivate func quotientAndRemainderDown(_ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
