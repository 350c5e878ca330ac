//  The salt of one account's credentials.

import Bytes
import Crypto

/// Sixteen random bytes, made with the account and kept in its private part.
///
/// One salt serves all users of an account, because a login names the account and not the user; the user name is inside
/// the proof, so that guessing is no cheaper than with a salt for each user.
package struct AccountSalt: Sendable, Hashable {
    let bytes: [UInt8]

    /// A new one.
    package init() {
        bytes = randomBytes(16)
    }

    /// Reads what `text` printed; nil if it is anything else.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(Array(text.utf8)[...]), bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The salt of an account that does not exist: always the same for a name, and not to be told from a real one.
    init(forUnknownAccount name: String, pepper: Pepper) {
        bytes = Array(pepper.digest("salt of an unknown account", Array(name.utf8)).prefix(16))
    }

    /// The salt as 22 characters of base64url.
    package var text: String {
        String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }
}
