//  Codes that change every half minute. Source: RFC 6238 over RFC 4226.

import Bytes
import Crypto

/// The generator of a user's codes: what an authenticator application and the server both know.
///
/// HMAC-SHA-1, six digits and thirty seconds, because these are what every application takes.
package struct OneTimeCode: Sendable {
    /// Seconds for which a code is valid.
    static let period: Int64 = 30
    static let digits = 6
    /// How many steps the clocks may be apart, to either side.
    static let window: Int64 = 1

    /// Twenty bytes. Source: RFC 4226 §4, R6.
    package let secret: [UInt8]

    package init(secret: [UInt8]) { self.secret = secret }

    /// A new one.
    package init() { secret = randomBytes(20) }

    /// The code at a time, in Unix seconds.
    package func code(at time: Int64) -> String {
        Self.code(Insecure.SHA1.self, secret: secret, counter: max(0, time) / Self.period, digits: Self.digits)
    }

    /// Returns the step that a code is of, if it is one of now and later than the last one that was accepted.
    ///
    /// All steps of the window are computed and compared in constant time, whichever it is.
    ///
    /// - Parameters:
    ///   - last: the step of the last accepted code; a code of it or of one before was used up.
    ///   - now: Unix seconds.
    package func step(of code: String, after last: Int64, now: Int64) -> Int64? {
        let given = Array(code.utf8)
        let current = max(0, now) / Self.period
        var found: Int64?
        for step in max(0, current - Self.window)...(current + Self.window) {
            let expected = Self.code(Insecure.SHA1.self, secret: secret, counter: step, digits: Self.digits)
            if equalInConstantTime(given, Array(expected.utf8)), step > last { found = step }
        }
        return found
    }

    /// Source: RFC 4226 §5.3.
    static func code<Hash: HashFunction>(_: Hash.Type, secret: [UInt8], counter: Int64, digits: Int) -> String {
        let message = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        let digest = Array(HMAC<Hash>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(digest[digest.count - 1] & 15)
        let number = digest[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { product, _ in product * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// What an authenticator application reads, by hand or from a picture.
    ///
    /// Source: Google Authenticator's "Key Uri Format", which the others read too.
    ///
    /// - Parameters:
    ///   - issuer: the installation's name to a person.
    ///   - account: whose codes these are: user and account.
    package func uri(issuer: String, account: String) -> String {
        let label = Self.escaped(issuer) + ":" + Self.escaped(account)
        return "otpauth://totp/\(label)?secret=\(Base32.encode(secret))&issuer=\(Self.escaped(issuer))"
            + "&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period)"
    }

    /// Source: RFC 3986 §2.3, everything but the unreserved characters.
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            escaped += isPlain ? String(character) : "%" + hexadecimal([byte]).uppercased()
        }
    }
}
