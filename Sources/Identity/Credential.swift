//  A credential at rest: what is stored instead of a password.

import Bytes
import JSON

/// One derived credential: `Argon2id(HMAC-SHA256(pepper, method ‖ 0 ‖ proof), salt of the account)`, cut in two.
///
/// The derivation is deterministic within an account, so its first half is a lookup key: one derivation answers a login,
/// whether or not the user exists. The second half never leaves the user's document and confirms what was found.
package struct Credential: Sendable {
    package let method: LoginMethod
    /// The lookup key: 32 hexadecimal characters. Unique within an account.
    package let index: String
    /// Confirms: 16 bytes.
    let verifier: [UInt8]
    package let parameters: Argon2Parameters
    /// The pepper that went in.
    package let pepperID: String

    init(method: LoginMethod, derived: [UInt8], parameters: Argon2Parameters, pepperID: String) {
        self.method = method
        index = hexadecimal(derived.prefix(16))
        verifier = Array(derived.dropFirst(16))
        self.parameters = parameters
        self.pepperID = pepperID
    }

    /// Reads the private part of a user's document.
    ///
    /// - Returns: nil unless it is what `json` gives.
    package init?(_ json: JSON) {
        guard
            let method = json["method"]?.string.flatMap(LoginMethod.init(rawValue:)),
            let index = json["index"]?.string, index.utf8.count == 32,
            let verifier = json["verifier"]?.string.flatMap({ Base64URL.decode(Array($0.utf8)[...]) }),
            verifier.count == 16,
            let memory = json["memory_kib"]?.int,
            let passes = json["passes"]?.int,
            let pepperID = json["pepper_id"]?.string
        else { return nil }
        self.method = method
        self.index = index
        self.verifier = verifier
        parameters = Argon2Parameters(memory: memory, passes: passes)
        self.pepperID = pepperID
    }

    /// The form in the private part of a user's document.
    package var json: JSON {
        [
            "method": .string(method.rawValue),
            "index": .string(index),
            "verifier": .string(String(decoding: Base64URL.encode(verifier), as: UTF8.self)),
            "kdf": "argon2id",
            "memory_kib": .number(JSONNumber(parameters.memory)),
            "passes": .number(JSONNumber(parameters.passes)),
            "pepper_id": .string(pepperID),
        ]
    }
}

extension Credential: Equatable {
    /// Compares in constant time: one side is a secret, and the other comes from whoever wants to know it.
    package static func == (left: Credential, right: Credential) -> Bool {
        left.method == right.method
            && equalInConstantTime(Array(left.index.utf8) + left.verifier, Array(right.index.utf8) + right.verifier)
    }
}
