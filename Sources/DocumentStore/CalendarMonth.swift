//  A month of the Gregorian calendar in UTC.

package struct CalendarMonth: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let year: Int
    /// 1 to 12.
    package let month: Int

    /// Returns nil unless `month` is one and the year has four digits.
    package init?(year: Int, month: Int) {
        guard (0...9999).contains(year), (1...12).contains(month) else { return nil }
        self.year = year
        self.month = month
    }

    /// The month of a time in Unix seconds; times before year 0 and after year 9999 count to these.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    package init(containing time: Int64) {
        let clamped = min(max(time, -62_167_219_200), 253_402_300_799)
        let days = (clamped - (clamped % 86_400 + 86_400) % 86_400) / 86_400 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let day = days - era * 146_097
        let yearOfEra = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Reads `202611`.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 6, let number = Int(text), number >= 0 else { return nil }
        self.init(year: number / 100, month: number % 100)
    }

    /// The month that lies `count` months before, the first month of year 0 at the earliest.
    package func earlier(by count: Int) -> CalendarMonth {
        let number = max(0, year * 12 + month - 1 - min(max(0, count), 1_000_000))
        return CalendarMonth(year: number / 12, month: number % 12 + 1) ?? self
    }

    /// `202611`.
    package var description: String {
        let number = String(year * 100 + month)
        return String(repeating: "0", count: 6 - number.utf8.count) + number
    }

    package static func < (left: CalendarMonth, right: CalendarMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}
