//  Logging in.

import JSON
import Synchronization
import Testing

@testable import Identity

@Suite struct PasswordLoginTests {
    let hasher: CredentialHasher
    let directory = TestDirectory()
    let login: PasswordLogin

    init() throws {
        hasher = CredentialHasher(pepper: try #require(Pepper(Array(0..<32))), parameters: lightWork)
        login = PasswordLogin(hasher: hasher, directory: directory, throttle: LoginThrottle())
        let salt = AccountSalt()
        let epochs = Epochs(system: 1, account: 2, user: 3)
        let credentials = try hasher.credentials(username: "bob", password: "secret", salt: salt)
        directory.state.withLock { state in
            state.salts[accountID] = salt
            for credential in credentials {
                state.users[TestDirectory.key(accountID, credential.index)] =
                    FoundUser(id: userID, credential: credential, epochs: epochs, policy: policy)
            }
        }
    }

    /// Digests of `bob:secret` by md5sum and sha1sum.
    static let proofs: [(LoginProof, Bool)] = [
        (.md5("a5ab2b88c7de2711ffcb9c24fe8a545a"), true),
        (.sha("7f2566142c156d3258af39e84aed64a2a604605d"), true),
        (.md5("7f2566142c156d3258af39e84aed64a2a604605d"), false),
        (.sha("a5ab2b88c7de2711ffcb9c24fe8a545a"), false),
        (.password("secret", username: "bob"), true),
        (.password("secret", username: "BOB"), true),
        (.password("Secret", username: "bob"), false),
        (.password("secret", username: "rob"), false),
        (.password("", username: ""), false),
        (.md5(""), false),
    ]

    @Test(arguments: proofs)
    func onlyTheRightProofFindsTheUser(proof: LoginProof, isRight: Bool) throws {
        #expect(try login.user(of: proof, attempt())?.id == (isRight ? userID : nil))
    }

    @Test func aVerifierThatDiffersIsNoLogin() throws {
        let proof = LoginProof.password("secret", username: "bob")
        let salt = try #require(try directory.salt(account: accountID))
        let index = try #require(hasher.derive(proof, salt: salt).first).index
        directory.state.withLock { state in
            guard let user = state.users[TestDirectory.key(accountID, index)] else { return }
            var json = user.credential.json
            json["verifier"] = "AAAAAAAAAAAAAAAAAAAAAA"
            guard let other = Credential(json) else { return }
            state.users[TestDirectory.key(accountID, index)]?.credential = other
        }
        #expect(try login.user(of: proof, attempt()) == nil)
    }

    @Test func anUnknownAccountCostsTheSameDerivation() throws {
        let proof = LoginProof.password("secret", username: "bob")
        let before = directory.state.withLock { $0.lookups }
        #expect(try login.user(of: proof, attempt(in: "nobody")) == nil)
        // The lookup by the derived index happened, so the derivation did.
        #expect(directory.state.withLock { $0.lookups } == before + 1)
    }

    @Test func theSaltOfAnUnknownAccountIsStableAndSecret() throws {
        #expect(hasher.saltForUnknownAccount("x") == hasher.saltForUnknownAccount("x"))
        #expect(hasher.saltForUnknownAccount("x") != hasher.saltForUnknownAccount("y"))
        let other = CredentialHasher(pepper: Pepper(), parameters: lightWork)
        #expect(hasher.saltForUnknownAccount("x") != other.saltForUnknownAccount("x"))
    }

    @Test func aBrokenDirectoryIsNoWrongPassword() throws {
        directory.state.withLock { $0.isBroken = true }
        #expect(throws: IdentityError.directoryUnavailable("test")) {
            try login.user(of: .md5("x"), attempt())
        }
    }
}
