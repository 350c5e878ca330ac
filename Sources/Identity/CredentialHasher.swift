//  From a proof to a credential, at a price.

import CSodium

/// Derives credentials. Every derivation goes through the gate: there is no other way to Argon2id.
package struct CredentialHasher: Sendable {
    private let pepper: Pepper
    private let parameters: Argon2Parameters
    private let former: [Argon2Parameters]
    private let gate: LoginGate

    /// - Parameters:
    ///   - parameters: what new credentials are derived with.
    ///   - former: what credentials may still be derived with; they are wrapped anew when their users log in, and as
    ///     long as there are any, each login costs as many derivations more.
    package init(
        pepper: Pepper,
        parameters: Argon2Parameters = .standard,
        former: [Argon2Parameters] = [],
        gate: LoginGate = LoginGate()
    ) {
        precondition(sodium_init() >= 0, "libsodium cannot start")
        precondition(parameters.passes >= 1 && parameters.memory >= 8)
        self.pepper = pepper
        self.parameters = parameters
        self.former = former
        self.gate = gate
    }

    /// Derives the credentials that one proof may have: one with the parameters of now, and one with each of the former.
    /// Cost: a derivation each, 50 to 120 ms with the standard parameters.
    ///
    /// - Throws: `.busy`, `.cryptography`.
    package func derive(_ proof: LoginProof, salt: AccountSalt) throws(IdentityError) -> [Credential] {
        try gate.withTurn { () throws(IdentityError) in
            var credentials: [Credential] = []
            for parameters in [parameters] + former {
                credentials.append(try derivation(proof, salt, parameters))
            }
            return credentials
        }
    }

    /// Returns the credentials that a proof gives with the parameters of now: of every method if the proof is the
    /// password, else of its own.
    ///
    /// - Throws: `.busy`, `.cryptography`.
    package func renewed(_ proof: LoginProof, salt: AccountSalt) throws(IdentityError) -> [Credential] {
        guard case .password(let password, let username) = proof else {
            return try gate.withTurn { () throws(IdentityError) in [try derivation(proof, salt, parameters)] }
        }
        return try credentials(username: username, password: password, salt: salt)
    }

    /// Whether a credential is derived with the parameters of now.
    package func isCurrent(_ credential: Credential) -> Bool { credential.parameters == parameters }

    /// Derives the credentials of a new password, one for each method. Cost: three derivations in one turn.
    ///
    /// - Parameters:
    ///   - username: as it stands in the user's document; its case is ignored.
    /// - Throws: `.busy`, `.cryptography`.
    package func credentials(
        username: String,
        password: String,
        salt: AccountSalt
    ) throws(IdentityError) -> [Credential] {
        let proofs = LoginProof.all(username: username, password: password)
        return try gate.withTurn { () throws(IdentityError) in
            var credentials: [Credential] = []
            for proof in proofs { credentials.append(try derivation(proof, salt, parameters)) }
            return credentials
        }
    }

    /// The salt to use for an account that does not exist, so that the answer costs as much as for one that does.
    package func saltForUnknownAccount(_ name: String) -> AccountSalt {
        AccountSalt(forUnknownAccount: name, pepper: pepper)
    }

    private func derivation(
        _ proof: LoginProof,
        _ salt: AccountSalt,
        _ parameters: Argon2Parameters
    ) throws(IdentityError) -> Credential {
        let secret = pepper.digest(proof.method.rawValue, proof.bytes)
        let derived = try argon2id(secret, salt: salt.bytes, parameters: parameters)
        return Credential(method: proof.method, derived: derived, parameters: parameters, pepperID: pepper.id)
    }
}
