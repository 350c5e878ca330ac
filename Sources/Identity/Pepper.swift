//  The key of all credentials: it is not in the data directory, so that a stolen backup is useless alone.

import Bytes
import Crypto

/// Thirty-two secret bytes.
package struct Pepper: Sendable {
    static let length = 32
    private let key: SymmetricKey
    /// Names the pepper without giving it away: 16 hexadecimal characters. Credentials carry it.
    package let id: String

    /// A new one.
    init() {
        self.init(key: SymmetricKey(size: .bits256))
    }

    /// - Returns: nil unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.init(key: SymmetricKey(data: bytes))
    }

    private init(key: SymmetricKey) {
        self.key = key
        id = hexadecimal(HMAC<SHA256>.authenticationCode(for: Array("pepper id".utf8), using: key).prefix(8))
    }

    var bytes: [UInt8] {
        key.withUnsafeBytes { Array($0) }
    }

    /// Returns HMAC-SHA256 over the purpose, a zero byte and the bytes; a purpose holds no zero byte.
    func digest(_ purpose: String, _ bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8) + [0] + bytes, using: key))
    }
}
