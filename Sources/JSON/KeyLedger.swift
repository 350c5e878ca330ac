//  Finds keys that occur twice in one object, without building strings.

/// Where a key stands in the text, between its quotes.
struct KeySpan {
    let start: Int
    let end: Int
    let isEscaped: Bool
}

/// The keys of the objects that are open.
///
/// Each key leaves a fingerprint of its unescaped bytes; only keys with equal fingerprints are compared. A new key of
/// a small object is looked for among the ones before it. A large object sorts its keys when it ends, so that no choice
/// of keys costs more than `n log n` comparisons.
struct KeyLedger {
    private struct Entry {
        let fingerprint: UInt64
        let span: KeySpan
    }

    /// An open object: where its keys begin, and a bit for each fingerprint, modulo 64, that it has.
    private struct Frame {
        let start: Int
        var seen: UInt64 = 0
    }

    private var entries: [Entry] = []
    private var frame = Frame(start: 0)
    private var outer: [Frame] = []

    private static let smallCount = 64

    init() {
        // Room for most documents at once, instead of growing step by step.
        entries.reserveCapacity(KeyLedger.smallCount)
        outer.reserveCapacity(8)
    }

    mutating func open() {
        outer.append(frame)
        frame = Frame(start: entries.count)
    }

    /// Adds a key to the innermost object.
    @inline(__always)
    mutating func add(_ span: KeySpan, _ bytes: Span<UInt8>) throws(JSONFault) {
        let entry = Entry(fingerprint: fingerprint(of: span, in: bytes), span: span)
        let bit: UInt64 = 1 << (entry.fingerprint & 63)
        if frame.seen & bit != 0, isRepeated(entry, bytes) { throw JSONFault(.duplicateKey, at: span.start - 1) }
        frame.seen |= bit
        entries.append(entry)
    }

    /// Ends the innermost object.
    @inline(__always)
    mutating func close(_ bytes: Span<UInt8>) throws(JSONFault) {
        if entries.count - frame.start > KeyLedger.smallCount, let second = firstRepeated(bytes) {
            throw JSONFault(.duplicateKey, at: second - 1)
        }
        entries.removeLast(entries.count - frame.start)
        frame = outer.popLast() ?? Frame(start: 0)
    }

    private func isRepeated(_ entry: Entry, _ bytes: Span<UInt8>) -> Bool {
        guard entries.count - frame.start < KeyLedger.smallCount else { return false }
        for position in frame.start..<entries.count where entries[position].fingerprint == entry.fingerprint {
            if compare(entries[position].span, entry.span, bytes) == 0 { return true }
        }
        return false
    }

    /// Returns the start of the first key of the innermost object that was there before.
    private func firstRepeated(_ bytes: Span<UInt8>) -> Int? {
        // Sorted by fingerprint, then content, then place: equal keys become neighbours, the earlier first.
        let sorted = entries[frame.start...].sorted { left, right in
            if left.fingerprint != right.fingerprint { return left.fingerprint < right.fingerprint }
            let order = compare(left.span, right.span, bytes)
            return order == 0 ? left.span.start < right.span.start : order < 0
        }
        var first: Int?
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.fingerprint == right.fingerprint {
            guard compare(left.span, right.span, bytes) == 0 else { continue }
            first = min(first ?? .max, right.span.start)
        }
        return first
    }
}

/// Mixes the length, the first eight and the last eight of the bytes that a key means.
@inline(__always)
private func fingerprint(of span: KeySpan, in bytes: Span<UInt8>) -> UInt64 {
    guard !span.isEscaped, span.start &+ 8 <= bytes.count else { return fingerprintByByte(of: span, in: bytes) }
    let length = span.end &- span.start
    // Without a branch for short keys, whose first bytes are also their last.
    let mask = length >= 8 ? UInt64.max : 1 << UInt64(truncatingIfNeeded: length &* 8) &- 1
    let first = word(bytes, at: span.start) & mask
    let last = word(bytes, at: max(span.start, span.end &- 8)) & mask
    return mix(first, last, length)
}

/// The same fingerprint, read byte by byte.
private func fingerprintByByte(of span: KeySpan, in bytes: Span<UInt8>) -> UInt64 {
    var reader = UnescapingReader(span)
    var first: UInt64 = 0
    var last: UInt64 = 0
    var length = 0
    while let byte = reader.next(bytes) {
        if length < 8 { first |= UInt64(byte) << UInt64(length * 8) }
        last = last >> 8 | UInt64(byte) << 56
        length += 1
    }
    return mix(first, length < 8 ? first : last, length)
}

@inline(__always)
private func mix(_ first: UInt64, _ last: UInt64, _ length: Int) -> UInt64 {
    let product = (first &* 0x9E37_79B9_7F4A_7C15) ^ (last &* 0xC2B2_AE3D_27D4_EB4F) ^ UInt64(length)
    return product ^ product >> 29
}

/// Compares what two keys mean, byte by byte: negative, zero or positive.
private func compare(_ left: KeySpan, _ right: KeySpan, _ bytes: Span<UInt8>) -> Int {
    var leftReader = UnescapingReader(left)
    var rightReader = UnescapingReader(right)
    while true {
        switch (leftReader.next(bytes), rightReader.next(bytes)) {
        case (nil, nil): return 0
        case (nil, _): return -1
        case (_, nil): return 1
        case (let left?, let right?): if left != right { return Int(left) - Int(right) }
        }
    }
}
