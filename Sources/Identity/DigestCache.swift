//  A bounded memory of what some secrets turned out to mean, which does not hold the secrets.

import Crypto
import Synchronization

/// Maps digests of secrets to values, for a time.
///
/// Two generations: what is used moves to the young one, and when that is full, the old one is forgotten as a whole. It
/// costs nothing but a dictionary's access, and keeps what was used of late. Each thread remembers for itself.
final class DigestCache<Value: Sendable>: Sendable {
    private struct Generations {
        var young: [SecretDigest: Entry] = [:]
        var old: [SecretDigest: Entry] = [:]
    }

    private struct Entry {
        var value: Value
        var expires: Int64
    }

    private final class Stripe: Sendable {
        /// Held for the dictionaries' access only.
        let generations = Mutex(Generations())
    }

    /// Entries of one generation.
    private let capacity: Int
    private let stripes = ThreadStripes { Stripe() }

    /// - Parameter limit: the largest number of entries of one thread.
    init(limit: Int) {
        capacity = max(1, limit / 2)
    }

    /// Returns what was stored for a secret, unless its time is over.
    ///
    /// - Parameter now: Unix seconds.
    func value(for key: SecretDigest, now: Int64) -> Value? {
        stripes.own.generations.withLock { generations in
            if let entry = generations.young[key] {
                if now < entry.expires { return entry.value }
                generations.young[key] = nil
                return nil
            }
            guard let entry = generations.old.removeValue(forKey: key), now < entry.expires else { return nil }
            insert(entry, for: key, into: &generations)
            return entry.value
        }
    }

    /// - Parameter expires: when the value is to be forgotten, in Unix seconds.
    func store(_ value: Value, for key: SecretDigest, expires: Int64) {
        stripes.own.generations.withLock { insert(Entry(value: value, expires: expires), for: key, into: &$0) }
    }

    var count: Int {
        stripes.all.reduce(0) { $0 + $1.generations.withLock { $0.young.count + $0.old.count } }
    }

    private func insert(_ entry: Entry, for key: SecretDigest, into generations: inout Generations) {
        if generations.young.count >= capacity && generations.young[key] == nil {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[key] = entry
    }
}

/// What a cache knows of a secret: a SHA-256 of it.
struct SecretDigest: Hashable, Sendable {
    private let bytes: [UInt8]

    /// For a secret that cannot be guessed: a token.
    init(_ secret: [UInt8]) {
        bytes = Array(SHA256.hash(data: secret))
    }

    /// For a secret that can be guessed: HMAC-SHA256 under a key that nobody knows.
    init(_ secret: [UInt8], key: SymmetricKey) {
        bytes = Array(HMAC<SHA256>.authenticationCode(for: secret, using: key))
    }
}
