//  How often something may happen: in a burst, and in the long run.

/// A limit: so much at once, and so much more with every second.
package struct Rate: Sendable, Hashable {
    /// How much may happen at once; at least 1.
    package var burst: Double
    /// How much more may happen with every second; more than 0.
    package var perSecond: Double

    package init(burst: Double, perSecond: Double) {
        self.burst = burst
        self.perSecond = perSecond
    }
}

/// What is left of a limit.
package struct TokenBucket: Sendable {
    private var level: Double
    /// Unix seconds.
    private var time: Int64

    /// A full one.
    package init(_ rate: Rate, now: Int64) {
        level = rate.burst
        time = now
    }

    /// How much is left.
    package mutating func remaining(_ rate: Rate, now: Int64) -> Double {
        if now > time {
            level = min(rate.burst, level + Double(now - time) * rate.perSecond)
            time = now
        }
        return level
    }

    /// Takes an amount, if there is as much.
    ///
    /// - Returns: nil if it was taken; else the seconds until it could be, at least 1.
    package mutating func take(_ amount: Double, _ rate: Rate, now: Int64) -> Int? {
        let left = remaining(rate, now: now)
        if left >= amount {
            level -= amount
            return nil
        }
        return max(1, Int(((min(amount, rate.burst) - left) / rate.perSecond).rounded(.up)))
    }

    /// Gives back what was taken for something that turned out to be harmless.
    package mutating func giveBack(_ amount: Double, _ rate: Rate) {
        level = min(rate.burst, level + amount)
    }
}
