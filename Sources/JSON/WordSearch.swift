//  Finds bytes eight at a time.

/// Eight bytes looked at together; a mark is the high bit of a byte that is meant.
///
/// Of the marks in one word the lowest is always right; those above it may be false.
enum Word {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Marks the bytes that equal `byte`.
    @inline(__always)
    static func marks(_ word: UInt64, equalTo byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highBits
    }

    /// Marks the bytes below 0x20.
    @inline(__always)
    static func marksOfControls(_ word: UInt64) -> UInt64 {
        (word &- ones &* 0x20) & ~word & highBits
    }
}

/// Returns the eight bytes at an offset, the first one lowest.
@inline(__always)
func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// Returns the offset of the first byte at or after `start` that is marked, or the count.
@inline(__always)
func firstOffset(in bytes: Span<UInt8>, from start: Int, markedBy marks: (UInt64) -> UInt64) -> Int {
    var offset = start
    while offset <= bytes.count &- 8 {
        let found = marks(word(bytes, at: offset))
        if found != 0 { return offset &+ found.trailingZeroBitCount / 8 }
        offset &+= 8
    }
    guard offset < bytes.count else { return offset }
    if offset > start {
        // The last eight bytes once more as a whole; those that were looked at have no marks.
        let last = bytes.count &- 8
        let found = marks(word(bytes, at: last))
        return found == 0 ? bytes.count : last &+ found.trailingZeroBitCount / 8
    }
    // Fewer than eight bytes, filled up with bytes that nothing looks for.
    var short = Word.ones &* UInt64(UInt8(ascii: "a"))
    for position in stride(from: bytes.count &- 1, through: offset, by: -1) {
        short = short << 8 | UInt64(bytes[position])
    }
    let found = marks(short)
    return found == 0 ? bytes.count : offset &+ found.trailingZeroBitCount / 8
}
