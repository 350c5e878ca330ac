//  Argon2id, version 1.3, with one lane. Source: RFC 9106, through libsodium's crypto_pwhash.

import CSodium

/// How much work one derivation is.
package struct Argon2Parameters: Sendable, Hashable {
    /// Memory in KiB; at least 8.
    package var memory: Int
    /// Passes over the memory; at least 1.
    package var passes: Int

    package init(memory: Int, passes: Int) {
        self.memory = memory
        self.passes = passes
    }

    /// 46 MiB and one pass: the first choice of OWASP ASVS 5, appendix C; 50 to 120 ms on one core.
    package static let standard = Argon2Parameters(memory: 47_104, passes: 1)
}

/// Returns the first 32 bytes that Argon2id derives.
///
/// - Parameters:
///   - secret: what is guessed at; here always the output of a keyed hash.
///   - salt: 16 bytes.
/// - Throws: `.cryptography` if there is no memory for it.
func argon2id(_ secret: [UInt8], salt: [UInt8], parameters: Argon2Parameters) throws(IdentityError) -> [UInt8] {
    precondition(salt.count == Int(crypto_pwhash_SALTBYTES), "a salt has 16 bytes")
    var derived = [UInt8](repeating: 0, count: 32)
    let result = crypto_pwhash(
        &derived,
        UInt64(derived.count),
        secret.map(CChar.init(bitPattern:)),
        UInt64(secret.count),
        salt,
        UInt64(parameters.passes),
        parameters.memory * 1024,
        crypto_pwhash_ALG_ARGON2ID13
    )
    guard result == 0 else { throw .cryptography("Argon2id with \(parameters.memory) KiB of memory failed") }
    return derived
}

/// Compares two secrets in a time that depends on their lengths only.
func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && sodium_memcmp(left, right, left.count) == 0
}
