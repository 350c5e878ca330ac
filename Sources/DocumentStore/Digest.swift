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
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
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
