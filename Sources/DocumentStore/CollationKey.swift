//  A list key as bytes whose order is the order of the values: CouchDB's collation where it shows.

import JSON

/// An encoded key: comparing the bytes compares the values.
///
/// null < false < true < numbers < strings (without regard to case first, then by code point) < arrays < objects.
package struct CollationKey: Hashable, Sendable, Comparable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package static func < (left: CollationKey, right: CollationKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
