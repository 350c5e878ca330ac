//  The secrets of an installation, and the files they are in.

import JSON

/// The pepper and the token keys.
///
/// ```
/// keys/            0700
///   pepper         0600  32 bytes; may be elsewhere, and should be: a backup without it tells nothing
///   tokens.json    0600  the token keys with their states
/// ```
package struct KeySet: Sendable {
    package let pepper: Pepper
    package private(set) var tokens: TokenKeys
    private let tokensPath: String

    /// Makes the secrets of a new installation; they are on disk when this returns.
    ///
    /// - Parameters:
    ///   - directory: is made if it is not there.
    ///   - pepperPath: where the pepper is to be, if not in the directory. A pepper that is there is used, because an
    ///     operator may have brought it.
    /// - Throws: `.keyFile`; also if there are token keys already.
    package static func create(in directory: String, pepperPath: String? = nil) throws(IdentityError) -> KeySet {
        try KeyFile.makeDirectory(directory)
        let pepperPath = pepperPath ?? Self.pepperPath(directory)
        if !KeyFile.exists(pepperPath) { try KeyFile.write(Pepper().bytes, to: pepperPath, isReplacing: false) }
        try KeyFile.write(TokenKeys().json.bytes(), to: tokensPath(directory), isReplacing: false)
        return try load(from: directory, pepperPath: pepperPath)
    }

    /// Reads the secrets. It never makes any: a new pepper in the place of a lost one would end every login silently.
    ///
    /// - Throws: `.keyFile`.
    package static func load(from directory: String, pepperPath: String? = nil) throws(IdentityError) -> KeySet {
        let pepperPath = pepperPath ?? Self.pepperPath(directory)
        guard let pepper = Pepper(try KeyFile.read(pepperPath)) else {
            throw .keyFile(path: pepperPath, reason: "expected \(Pepper.length) bytes")
        }
        let tokensPath = tokensPath(directory)
        guard let json = try? JSON(parsing: try KeyFile.read(tokensPath)), let tokens = TokenKeys(json) else {
            throw .keyFile(path: tokensPath, reason: "expected token keys, one of them active")
        }
        return KeySet(pepper: pepper, tokens: tokens, tokensPath: tokensPath)
    }

    /// Whether `create` was done here.
    package static func exists(in directory: String) -> Bool {
        KeyFile.exists(tokensPath(directory))
    }

    /// Rotates the token keys; the new set is on disk when this returns.
    ///
    /// - Parameter now: Unix seconds.
    /// - Throws: `.keyFile`; then nothing changed.
    package mutating func rotate(now: Int64) throws(IdentityError) {
        var rotated = tokens
        rotated.rotate(now: now)
        try KeyFile.write(rotated.json.bytes(), to: tokensPath, isReplacing: true)
        tokens = rotated
    }

    private static func pepperPath(_ directory: String) -> String { directory + "/pepper" }
    private static func tokensPath(_ directory: String) -> String { directory + "/tokens.json" }
}
