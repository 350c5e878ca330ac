//  A checksum that tells stored bytes from damaged ones.

/// 64 bits over numbers and bytes, eight bytes a step.
///
/// Each step is reversible, so that damage within one word of eight bytes always shows; other damage shows but for
/// one case in 2^64. It is no protection against forgery.
package struct Checksum {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value = (value << 31) | (value >> 33)
    }

    package mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    package mutating func add(_ buffer: UnsafeRawBufferPointer) {
        add(UInt64(buffer.count))
        let whole = buffer.count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            add(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        guard whole < buffer.count else { return }
        var rest: UInt64 = 0
        for byte in buffer[whole...] { rest = rest << 8 | UInt64(byte) }
        add(rest)
    }

    /// As SQLite stores it.
    package var integer: Int64 { Int64(bitPattern: value) }
}
