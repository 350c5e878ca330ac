//  How long to wait before the next try, longer each time and never for all at the same moment.

/// Delays that double up to a limit; each is drawn at random from its upper half.
package struct Backoff: Sendable {
    private let first: Int
    private let limit: Int
    private var next: Int

    /// - Parameters:
    ///   - first: milliseconds.
    ///   - limit: milliseconds.
    package init(first: Int = 100, limit: Int = 30_000) {
        self.first = max(1, first)
        self.limit = max(self.first, limit)
        next = self.first
    }

    /// The next delay in milliseconds.
    package mutating func delay() -> Int {
        defer { next = min(limit, next * 2) }
        return Int.random(in: (next + 1) / 2...next)
    }

    package mutating func reset() { next = first }
}
