//  What follows from declarations alone, worked out at its first use.

import Synchronization

/// Values by key, each kept once it is made.
final class Kept<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// Held for the dictionary access only: two threads may make the same value.
    private let values = Mutex<[Key: Value]>([:])

    func value(_ key: Key, _ make: () -> Value) -> Value {
        if let known = values.withLock({ $0[key] }) { return known }
        let value = make()
        values.withLock { $0[key] = value }
        return value
    }
}
