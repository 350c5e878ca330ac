//  Signatures that open one path until a certain second.

import Crypto
import Foundation

/// Signs paths with a key that only the server has, so that a link can be told from a guess.
package struct PathSigner: Sendable {
    private let key: SymmetricKey

    package init(pepper: Pepper) { key = SymmetricKey(data: pepper.digest("link to a file", [])) }

    /// The signature of a path: 43 characters of base64url.
    ///
    /// - Parameter expires: the last Unix second at which it holds.
    package func signature(of path: String, expires: Int64) -> String {
        // A decimal number has no line break, so no two pairs are one text.
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(expires)\n\(path)".utf8), using: key)
        return String(decoding: Base64URL.encode(code), as: UTF8.self)
    }

    /// Whether a text is the signature, compared in constant time.
    package func isSignature(_ text: String, of path: String, expires: Int64) -> Bool {
        equalInConstantTime(Array(text.utf8), Array(signature(of: path, expires: expires).utf8))
    }
}
