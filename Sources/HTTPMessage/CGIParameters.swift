//  The meta-variables of a request, in arrival order and with duplicates kept. Source: RFC 3875 §4.1.

import Glibc

/// Names and values as bytes: a value need not be valid UTF-8, and a name may come twice.
///
/// Kept in one block of memory with offsets, because a request has some thirty of them and most are never read.
package struct CGIParameters: Sendable {
    private var block: [UInt8] = []
    private var entries: [(name: Range<Int>, value: Range<Int>)] = []

    package init() {}

    /// Makes a table from text, for tests and for requests that no socket carried.
    package init(_ pairs: KeyValuePairs<String, String>) {
        for (name, value) in pairs { append(name: name.utf8, value: value.utf8) }
    }

    /// Makes room for a request's usual amount, so that reading one allocates twice and not a dozen times.
    package mutating func reserveCapacity(entries: Int, bytes: Int) {
        self.entries.reserveCapacity(entries)
        block.reserveCapacity(bytes)
    }

    package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = block.count
        block.append(contentsOf: name)
        let middle = block.count
        block.append(contentsOf: value)
        entries.append((start..<middle, middle..<block.count))
    }

    /// Appends what stands before and after the first `=`; nothing if there is none.
    package mutating func append(assignment: UnsafeRawBufferPointer) {
        guard let equals = assignment.firstIndex(of: UInt8(ascii: "=")) else { return }
        let start = block.count
        block.append(contentsOf: assignment)
        entries.append((start..<(start + equals), (start + equals + 1)..<block.count))
    }

    /// Returns the first value of a name, or nil. Cost: a scan of the names' lengths.
    package func bytes(_ name: StaticString) -> ArraySlice<UInt8>? {
        for entry in entries where matches(entry.name, name) { return block[entry.value] }
        return nil
    }

    /// Returns the first value of a name as text, or nil if there is none or it is not valid UTF-8.
    package func text(_ name: StaticString) -> String? {
        bytes(name).flatMap { String(utf8: $0) }
    }

    /// How often a name came.
    package func count(of name: StaticString) -> Int {
        entries.count { matches($0.name, name) }
    }

    private func matches(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { expected in
            block.withUnsafeBytes { block in
                guard let expected = expected.baseAddress, let start = block.baseAddress else { return true }
                return memcmp(start + range.lowerBound, expected, range.count) == 0
            }
        }
    }
}

extension String {
    /// A text of bytes, or nil if they are not valid UTF-8. It takes a tenth of what `init(validating:as:)` takes, which
    /// looks its generic types up whenever it is called.
    package init?(utf8 bytes: ArraySlice<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes.span) else { return nil }
        self.init(copying: text)
    }
}
