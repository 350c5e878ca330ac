//  The keys that sign tokens, and their life: next, active, verify-only, gone.

import Bytes
import Crypto
import Foundation
import JSON

/// A set with exactly one active key. Rotation makes the next key the active one, and keeps the one before for as long
/// as a token that it signed may live:
/// ```
/// next ──rotate──► active ──rotate──► verify-only ──its time──► gone
/// ```
/// The next key is accepted before it signs, because another process may have read the rotated set earlier.
package struct TokenKeys: Sendable {
    package enum State: String, Sendable, Hashable {
        case next
        case active
        case verifyOnly = "verify-only"
    }

    /// One Ed25519 key.
    package struct Key: Sendable {
        /// The header's `kid`: 16 hexadecimal characters of the public key's digest.
        package let id: String
        package fileprivate(set) var state: State
        /// When a verify-only key stops being accepted, in Unix seconds.
        package fileprivate(set) var retires: Int64?
        let secret: Curve25519.Signing.PrivateKey

        fileprivate init(state: State, retires: Int64? = nil, secret: Curve25519.Signing.PrivateKey) {
            id = hexadecimal(SHA256.hash(data: secret.publicKey.rawRepresentation).prefix(8))
            self.state = state
            self.retires = retires
            self.secret = secret
        }
    }

    /// How long a key is still accepted after it stopped signing, in seconds: twice the longest life of a token, so
    /// that a process which has not read the new set yet does no harm.
    package static let overlap: Int64 = 86_400

    package private(set) var keys: [Key]
    /// The one that signs.
    package private(set) var active: Key

    /// A new set: an active key and the next.
    package init() {
        active = Key(state: .active, secret: .init())
        keys = [active, Key(state: .next, secret: .init())]
    }

    /// Makes the next key the active one, makes a new next, and forgets those whose time is over.
    ///
    /// - Parameter now: Unix seconds.
    package mutating func rotate(now: Int64) {
        let promoted = keys.first { $0.state == .next } ?? Key(state: .next, secret: .init())
        var rotated = keys.filter { $0.state == .verifyOnly && $0.retires ?? 0 > now }
        rotated.append(Key(state: .verifyOnly, retires: now + Self.overlap, secret: active.secret))
        active = Key(state: .active, secret: promoted.secret)
        rotated.append(active)
        rotated.append(Key(state: .next, secret: .init()))
        keys = rotated
    }
}

extension TokenKeys {
    /// Reads what `json` gives.
    ///
    /// - Returns: nil unless there are well-formed keys, and exactly one is active.
    init?(_ json: JSON) {
        guard let entries = json["keys"]?.array else { return nil }
        var keys: [Key] = []
        for entry in entries {
            guard
                let state = entry["state"]?.string.flatMap(State.init(rawValue:)),
                let seed = entry["seed"]?.string.flatMap({ Base64URL.decode(Array($0.utf8)[...]) }),
                let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            else { return nil }
            keys.append(Key(state: state, retires: entry["retires"]?.int.map(Int64.init), secret: secret))
        }
        let active = keys.filter { $0.state == .active }
        guard active.count == 1 else { return nil }
        self.active = active[0]
        self.keys = keys
    }

    /// The whole set, secrets and all: for the key file only.
    var json: JSON {
        [
            "keys": .array(
                keys.map { key in
                    [
                        "id": .string(key.id),
                        "state": .string(key.state.rawValue),
                        "retires": key.retires.map { .number(JSONNumber(Int($0))) } ?? .null,
                        "seed": .string(
                            String(decoding: Base64URL.encode(key.secret.rawRepresentation), as: UTF8.self)
                        ),
                    ]
                }
            )
        ]
    }
}
