//  Points in time as Crossbar writes them.

/// Seconds between 0000-01-01 and 1970-01-01: documents count from the former.
package let gregorianOffset: Int64 = 62_167_219_200

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
    return [
        padded(year, 4), "-", padded(month, 2), "-", padded(day, 2), "T",
        padded(second / 3_600, 2), ":", padded(second / 60 % 60, 2), ":", padded(second % 60, 2), "Z",
    ].joined()
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

extension Int64 {
    /// Division that rounds toward minus infinity, so that the remainder is never negative.
    fileprivate func quotientAndRemainderDown(_ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
