//  A list key as bytes whose order is the order of the values: CouchDB's collation where it shows.

import JSON

/// An encoded key: comparing the bytes compares the values.
///
/// null < false < true < numbers < strings < arrays < objects. Numbers compare exactly, whatever their size. Strings
/// compare first without regard to case and accents, then by accents, then lower case before upper. Arrays compare
/// element by element, objects member by member in the order of their text, and the shorter comes first. Two values
/// that compare equal, such as `1` and `1.0`, have one key.
///
/// Source: Apache CouchDB, "Views Collation".
package struct CollationKey: Hashable, Sendable, Comparable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    package init(_ value: JSON) {
        var encoder = CollationEncoder()
        encoder.append(value)
        bytes = encoder.bytes
    }

    /// The key of an array: rows are ordered by the first element, then the second, and so on.
    package init(_ values: [JSON]) { self.init(.array(values)) }

    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    package static func < (left: CollationKey, right: CollationKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Returns the bounds of all array keys that begin with `elements`: `lower` is inclusive, `upper` exclusive.
    package static func prefixRange(_ elements: [JSON]) -> (lower: CollationKey, upper: CollationKey) {
        var encoder = CollationEncoder()
        encoder.beginArray(elements)
        return encoder.range
    }

    /// Returns the bounds of all array keys that begin with `elements`, followed by a string that starts with `text`
    /// without regard to case and accents: `lower` is inclusive, `upper` exclusive.
    package static func prefixRange(
        _ elements: [JSON],
        thenStringStartingWith text: String
    ) -> (lower: CollationKey, upper: CollationKey) {
        var encoder = CollationEncoder()
        encoder.beginArray(elements)
        encoder.beginString(text)
        return encoder.range
    }
}
