//  Secrets that nobody can guess: API keys, recovery codes, reset ids.

import Bytes
import Crypto

/// A secret of our own making with more than 112 random bits, which a plain hash may therefore stand for at rest.
/// Source: OWASP ASVS 5, 6.5.2.
package struct RandomSecret: Sendable {
    package let text: String

    /// An account's API key: 64 characters, as Crossbar's, of which 54 are hexadecimal; the first ones tell scanners
    /// of leaked secrets what they found.
    package static func apiKey() -> RandomSecret {
        RandomSecret(text: "jackfield_" + hexadecimal(randomBytes(27)))
    }

    /// What resets a forgotten password: 64 hexadecimal characters.
    package static func resetID() -> RandomSecret { RandomSecret(text: hexadecimal(randomBytes(32))) }

    /// What stands in for a lost second factor: 24 characters of base32, 120 bits, in groups of six.
    package static func recoveryCode() -> RandomSecret {
        let text = Array(Base32.encode(randomBytes(15)))
        let groups = stride(from: 0, to: text.count, by: 6).map { String(text[$0..<min($0 + 6, text.count)]) }
        return RandomSecret(text: groups.joined(separator: "-"))
    }

    package var digest: String { Self.digest(of: text) }

    /// What is stored in the place of such a secret: its SHA-256 as 64 hexadecimal characters.
    package static func digest(of text: String) -> String { hexadecimal(SHA256.hash(data: Array(text.utf8))) }
}
