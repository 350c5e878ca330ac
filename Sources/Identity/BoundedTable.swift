//  A dictionary that never grows beyond a bound.

/// Two generations: what is used moves to the young one, and when that is full, the old one is forgotten as a whole.
package struct BoundedTable<Key: Hashable, Value> {
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter limit: the largest number of entries.
    package init(limit: Int) { capacity = max(1, limit / 2) }

    package var count: Int { young.count + old.count }

    /// Returns the value of a key, and remembers that it was used.
    package mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    package mutating func store(_ value: Value, for key: Key) {
        old[key] = nil
        insert(value, for: key)
    }

    package mutating func remove(_ key: Key) {
        old[key] = nil
        young[key] = nil
    }

    private mutating func insert(_ value: Value, for key: Key) {
        if young.count >= capacity && young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
