//  About how long the text of a value is, without writing it.

extension JSON {
    /// Whether its text has more bytes than a limit, about. Cost: what the limit allows, whatever the size.
    package func isLarger(than limit: Int) -> Bool {
        var budget = limit
        return !fits(&budget)
    }

    private func fits(_ budget: inout Int) -> Bool {
        switch self {
        case .null, .bool: budget -= 4
        case .number(let number): budget -= number.text.utf8.count
        case .string(let text): budget -= text.utf8.count + 2
        case .array(let elements):
            for element in elements where !element.fits(&budget) { return false }
            budget -= 2
        case .object(let members):
            for (key, value) in members {
                budget -= key.utf8.count + 3
                guard value.fits(&budget) else { return false }
            }
            budget -= 2
        }
        return budget >= 0
    }
}
