//  Random bytes, digests and their hexadecimal text.

import Crypto

/// Returns cryptographically random bytes.
package func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    // Eight at a time: each call of the generator is one of the kernel.
    while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
    return Array(bytes.prefix(count))
}

/// Returns bytes as lowercase hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
        text.append(hexadecimalDigit(byte >> 4))
        text.append(hexadecimalDigit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
}

/// Returns the SHA-256 of a text in UTF-8 as 64 hexadecimal digits.
package func digest(of text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }

/// The 32 digits of a revision: half of a SHA-256 over the previous revision and the parts of the content.
func revisionDigest(previous: String, content: [[UInt8]]) -> String {
    var hash = SHA256()
    hash.update(data: Array(previous.utf8))
    for part in content {
        hash.update(data: [0])
        hash.update(data: part)
    }
    return hexadecimal(hash.finalize().prefix(16))
}
