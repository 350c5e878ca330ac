//  Secrets that the server itself must read again, at rest: AES-256-GCM. Source: NIST SP 800-38D, through swift-crypto.

import Crypto
import Foundation

/// Seals small secrets under a key that is derived from the pepper, so that the data directory alone gives none away.
///
/// What a secret belongs to is sealed with it: a sealed secret that is moved to another document does not open.
package struct SecretBox: Sendable {
    private let key: SymmetricKey

    package init(pepper: Pepper) {
        key = SymmetricKey(data: pepper.digest("secret box", []))
    }

    /// - Parameter owner: what the secret belongs to; the same words open it.
    /// - Throws: `.cryptography`.
    package func seal(_ secret: [UInt8], owner: String) throws(IdentityError) -> String {
        guard let box = try? AES.GCM.seal(secret, using: key, authenticating: Array(owner.utf8)).combined else {
            throw .cryptography("AES-GCM could not seal")
        }
        return String(decoding: Base64URL.encode(box), as: UTF8.self)
    }

    /// - Throws: `.cryptography` for what was sealed for another owner, under another pepper, or is damaged.
    package func open(_ sealed: String, owner: String) throws(IdentityError) -> [UInt8] {
        guard let bytes = Base64URL.decode(Array(sealed.utf8)[...]),
            let box = try? AES.GCM.SealedBox(combined: bytes),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Array(owner.utf8))
        else { throw .cryptography("a sealed secret does not open") }
        return Array(secret)
    }

    /// A secret that follows from what it belongs to, so that it need not be stored before it is used: 32 bytes.
    package func derived(for owner: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("derived".utf8) + [0] + Array(owner.utf8), using: key))
    }
}
