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
/// a small object is looked up among the ones before it. A large object sorts its keys when it ends, so that no choice
/// of keys costs more than `n log n` comparisons.
struct KeyLedger {
    private var fingerprints: [UInt64] = []
    private var spans: [KeySpan] = []
    /// For each open object, how many keys the objects around it have.
    private var starts: [Int] = []

    private static let smallCount = 64

    mutating func open() {
        starts.append(spans.count)
    }

    /// Adds a key to the innermost object.
    @inline(__always)
    mutating func add(_ span: KeySpan, _ bytes: Span<UInt8>) throws(JSONFault) {
        let fingerprint = fingerprint(of: span, in: bytes)
        let start = starts.last ?? 0
        let count = fingerprints.count
        if count - start < KeyLedger.smallCount {
            // One pass without a branch for each key: a hit is rare.
            var isHit = false
            for position in start..<count { isHit = fingerprints[position] == fingerprint || isHit }
            if isHit, isRepeated(span, fingerprint, since: start, bytes) {
                throw JSONFault(.duplicateKey, at: span.start - 1)
            }
        }
        fingerprints.append(fingerprint)
        spans.append(span)
    }

    /// Ends the innermost object.
    @inline(__always)
    mutating func close(_ bytes: Span<UInt8>) throws(JSONFault) {
        guard let start = starts.popLast() else { return }
        if spans.count - start > KeyLedger.smallCount, let second = firstRepeated(since: start, bytes) {
            throw JSONFault(.duplicateKey, at: second - 1)
        }
        fingerprints.removeSubrange(start...)
        spans.removeSubrange(start...)
    }

    private func isRepeated(_ span: KeySpan, _ fingerprint: UInt64, since start: Int, _ bytes: Span<UInt8>) -> Bool {
        for position in start..<spans.count where fingerprints[position] == fingerprint {
            if compare(spans[position], span, bytes) == 0 { return true }
        }
        return false
    }

    /// Returns the start of the first key of the innermost object that was there before.
    private func firstRepeated(since start: Int, _ bytes: Span<UInt8>) -> Int? {
        // Sorted by fingerprint, then content, then place: equal keys become neighbours, the earlier first.
        let places = (start..<spans.count).sorted { left, right in
            if fingerprints[left] != fingerprints[right] { return fingerprints[left] < fingerprints[right] }
            let order = compare(spans[left], spans[right], bytes)
            return order == 0 ? left < right : order < 0
        }
        var first: Int?
        for (left, right) in zip(places, places.dropFirst()) where fingerprints[left] == fingerprints[right] {
            guard compare(spans[left], spans[right], bytes) == 0 else { continue }
            first = min(first ?? .max, spans[right].start)
        }
        return first
    }
}

/// Mixes the length, the first eight and the last eight of the bytes that a key means.
@inline(__always)
private func fingerprint(of span: KeySpan, in bytes: Span<UInt8>) -> UInt64 {
    if span.isEscaped { return fingerprintOfEscaped(span, in: bytes) }
    let length = span.end - span.start
    let first: UInt64
    let last: UInt64
    if length >= 8 {
        first = load(bytes, at: span.start)
        last = load(bytes, at: span.end - 8)
    } else if span.start + 8 <= bytes.count {
        first = load(bytes, at: span.start) & (1 << UInt64(length * 8) - 1)
        last = first
    } else {
        return fingerprintOfEscaped(span, in: bytes)
    }
    return mix(first, last, length)
}

/// The same fingerprint, read byte by byte.
private func fingerprintOfEscaped(_ span: KeySpan, in bytes: Span<UInt8>) -> UInt64 {
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

@inline(__always)
private func load(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
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
