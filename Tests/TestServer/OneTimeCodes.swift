//  The generator of a second factor, as an authenticator application has it.

import Identity

extension OneTimeCode {
    /// As an authenticator application reads it.
    package init(base32 text: String) throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        for character in text {
            let digit = try alphabet.firstIndex(of: character).orSurprise("no base32: \(text)")
            bits = bits << 5 | digit
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
                bits &= (1 << count) - 1
            }
        }
        self.init(secret: bytes)
    }
}
