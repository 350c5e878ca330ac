//  One of several for each thread, so that threads do not wait for each other.

import Glibc

/// Elements of which each thread uses its own, as far as there are enough. A cache that every request asks is one of
/// these: its lock is then hardly ever taken when it is wanted.
package struct ThreadStripes<Element: Sendable>: Sendable {
    /// Many more than there are processors, so that threads at work hardly ever share one.
    private static var count: Int { 64 }

    package let all: [Element]

    package init(_ make: () -> Element) {
        all = (0..<Self.count).map { _ in make() }
    }

    /// The calling thread's element. Threads' numbers lie a stack apart, so they are mixed (Fibonacci hashing).
    package var own: Element {
        let mixed = UInt64(pthread_self()) &* 0x9E37_79B9_7F4A_7C15
        return all[Int(mixed >> 58)]
    }
}
