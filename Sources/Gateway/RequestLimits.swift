//  How many requests that nobody answers for a client may send. Source: Crossbar's token buckets.

import Identity
import Synchronization

/// A bucket of tokens for each source and account, as Crossbar counts them: what comes with a bad token or with
/// credentials takes some, and the envelope says how many are left.
///
/// A request with a good token takes none: who sent it is known, and the front end limits the rest.
package final class RequestLimits: Sendable {
    package struct Settings: Sendable {
        /// Crossbar's 100 at once and 10 a second.
        package var rate = Rate(burst: 100, perSecond: 10)
        /// What a request costs: 0 to `rate.burst`; 0 switches the limit off.
        package var cost = 1.0
        /// How many buckets are remembered, at some 200 bytes each: 100 to 1,000,000.
        package var memory = 20_000

        package init() {}
    }

    /// What the envelope says of it.
    package struct Count: Sendable, Equatable {
        /// What such a request costs, taken or not.
        package var consumed: Int
        package var remaining: Int
    }

    private struct Place: Hashable {
        var source: ClientSource
        var account: String
    }

    private let settings: Settings
    /// Held for the table's access only.
    private let buckets: Mutex<BoundedTable<Place, TokenBucket>>

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        buckets = Mutex(BoundedTable(limit: settings.memory))
    }

    /// Returns how many tokens are left, without taking any.
    func count(_ source: ClientSource, account: String?, now: Int64) -> Count {
        let left = buckets.withLock { buckets in
            let place = Place(source: source, account: account ?? "no_account")
            // A bucket that nobody took from is full, and need not be remembered.
            var bucket = buckets.value(for: place)
            return bucket?.remaining(settings.rate, now: now) ?? settings.rate.burst
        }
        return Count(consumed: Int(settings.cost), remaining: Int(left))
    }

    /// Takes what a request costs.
    ///
    /// - Throws: `.tooManyRequests`.
    func take(_ source: ClientSource, account: String?, now: Int64) throws(APIError) {
        let wait = buckets.withLock { buckets -> Int? in
            let place = Place(source: source, account: account ?? "no_account")
            var bucket = buckets.value(for: place) ?? TokenBucket(settings.rate, now: now)
            let wait = bucket.take(settings.cost, settings.rate, now: now)
            buckets.store(bucket, for: place)
            return wait
        }
        if let wait { throw .tooManyRequests(retryAfter: wait) }
    }
}
