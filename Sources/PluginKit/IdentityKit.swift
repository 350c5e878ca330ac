//  What makes and checks credentials and tokens, put together.

import DocumentStore
import Gateway
import Identity
import JSON

/// Everything about who may log in and how, shared by all plugins.
package struct IdentityKit: Sendable {
    package let hasher: CredentialHasher
    package let login: PasswordLogin
    package let signer: TokenSigner
    package let authenticator: Authenticator
    package let sessions: SessionSigner
    package let paths: PathSigner
    package let box: SecretBox
    package let throttle: LoginThrottle
    package let attempts: LoginAttempts
    package let notices: NoticeSpool
    package let settings: IdentitySettings
}

/// How an installation treats logins: what an operator may want otherwise.
package struct IdentitySettings: Sendable {
    /// The work of one password derivation.
    package var derivation = Argon2Parameters.standard
    /// What credentials may still be derived with.
    package var formerDerivations: [Argon2Parameters] = []
    /// How many logins may wait for their turn: 1 to 1,000.
    package var loginQueue = 16
    package var throttle = ThrottleSettings()
    package var requests = RequestLimits.Settings()
    /// What logins demand in every account.
    package var policy = SecurityPolicy.Defaults()
    /// How long a browser's session lasts without a request, in seconds: 60 to 43,200.
    package var sessionIdle: Int64 = 1_800
    /// How long the id in a letter about a forgotten password is good, in seconds: 300 to 86,400.
    package var recoveryLifetime: Int64 = 3_600
    /// How long after one such letter there is no other, in seconds: 60 to 86,400.
    package var recoveryPause: Int64 = 300

    package init() {}
}

extension IdentityKit {
    /// - Parameters:
    ///   - notices: where what a person is to be told by mail is put.
    ///   - directory: where accounts and users are looked up.
    init(
        keys: KeySet,
        issuer: String,
        directory: Directory,
        records: any RecordStore,
        notices: NoticeSpool,
        settings: IdentitySettings
    ) {
        let terms = TokenTerms(issuer: issuer, audience: "jackfield")
        let hasher = CredentialHasher(
            pepper: keys.pepper,
            parameters: settings.derivation,
            former: settings.formerDerivations,
            gate: LoginGate(queue: settings.loginQueue)
        )
        let attempts = LoginAttempts(records)
        let throttle = LoginThrottle(settings: settings.throttle, history: attempts)
        let login = PasswordLogin(hasher: hasher, directory: directory, throttle: throttle)
        let signer = TokenSigner(keys: keys.tokens, terms: terms)
        self.init(
            hasher: hasher,
            login: login,
            signer: signer,
            authenticator: Authenticator(
                verifier: TokenVerifier(keys: keys.tokens, terms: terms),
                login: login,
                directory: directory
            ),
            sessions: SessionSigner(signer: signer, pepper: keys.pepper, idle: settings.sessionIdle),
            paths: PathSigner(pepper: keys.pepper),
            box: SecretBox(pepper: keys.pepper),
            throttle: throttle,
            attempts: attempts,
            notices: notices,
            settings: settings
        )
    }

    /// Returns a new API key of an account, to be shown, and what is stored of it.
    package func makeAPIKey(for account: String) throws(APIError) -> (text: String, stored: StoredAPIKey) {
        let key = RandomSecret.apiKey()
        do {
            let sealed = try box.seal(Array(key.text.utf8), owner: StoredAPIKey.owner(account))
            return (key.text, StoredAPIKey(digest: key.digest, sealed: sealed))
        } catch {
            throw APIError(error)
        }
    }

    /// Returns an account's API key as it was shown first.
    package func apiKey(_ stored: StoredAPIKey, of account: String) throws(APIError) -> String {
        do {
            return String(decoding: try box.open(stored.sealed, owner: StoredAPIKey.owner(account)), as: UTF8.self)
        } catch {
            throw APIError(error)
        }
    }
}

/// An account's API key at rest: a digest, by which it is found, and the key itself, sealed, because Crossbar's clients
/// read it again.
package struct StoredAPIKey: Sendable, Equatable {
    package var digest: String
    package var sealed: String

    package init(digest: String, sealed: String) {
        self.digest = digest
        self.sealed = sealed
    }

    package init?(_ json: JSON?) {
        guard let digest = json?["digest"]?.string, let sealed = json?["sealed"]?.string else { return nil }
        self.init(digest: digest, sealed: sealed)
    }

    var json: JSON { ["digest": .string(digest), "sealed": .string(sealed)] }

    /// The unique key by which a login finds the account.
    package static func lookupKey(digest: String) -> UniqueKey {
        UniqueKey(scope: .system, name: "api_key", value: digest)
    }

    fileprivate static func owner(_ account: String) -> String { "API key of \(account)" }
}
