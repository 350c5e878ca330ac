//  From a proof to a credential, at a price.

import CSodium

/// Derives credentials. Every derivation goes through the gate: there is no other way to Argon2id.
package struct CredentialHasher: Sendable {
    private let pepper: Pepper
    private let parameters: Argon2Parameters
    private let gate: LoginGate

    package init(pepper: Pepper, parameters: Argon2Parameters = .standard, gate: LoginGate = LoginGate()) {
        precondition(sodium_init() >= 0, "libsodium cannot start")
        precondition(parameters.passes >= 1 && parameters.memory >= 8)
        self.pepper = pepper
        self.parameters = parameters
        self.gate = gate
    }

    /// Derives the credential of one proof. Cost: one derivation, 50 to 120 ms with the standard parameters.
    ///
    /// - Throws: `.busy`, `.cryptography`.
    package func derive(_ proof: LoginProof, salt: AccountSalt) throws(IdentityError) -> Credential {
        try gate.withTurn { () throws(IdentityError) in try derivation(proof, salt) }
    }

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
            for proof in proofs { credentials.append(try derivation(proof, salt)) }
            return credentials
        }
    }

    /// The salt to use for an account that does not exist, so that the answer costs as much as for one that does.
    package func saltForUnknownAccount(_ name: String) -> AccountSalt {
        AccountSalt(forUnknownAccount: name, pepper: pepper)
    }

    private func derivation(_ proof: LoginProof, _ salt: AccountSalt) throws(IdentityError) -> Credential {
        let secret = pepper.digest(proof.method.rawValue, proof.bytes)
        let derived = try argon2id(secret, salt: salt.bytes, parameters: parameters)
        return Credential(method: proof.method, derived: derived, parameters: parameters, pepperID: pepper.id)
    }
}
