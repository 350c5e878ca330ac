//  Credentials at rest.

import Bytes
import CSodium
import JSON
import Testing

@testable import Identity

@Suite struct CredentialTests {
    static let salt = AccountSalt("MDEyMzQ1Njc4OWFiY2RlZg")  // 0123456789abcdef

    /// Made with the reference implementation: `argon2 SALT -id -t PASSES -k MEMORY -p 1 -l 32 -r`.
    static let argon2: [(passes: Int, memory: Int, derived: String)] = [
        (1, 47_104, "b2895c2973eaa3f93bdb05bcbe5168ee31fbe6048dcb90dbf8715a6c7ec2e386"),
        (1, 8, "05b6ca8f8038b683887ad4916533858b49cb52040126c134f4c6e9d8711b8c09"),
        (2, 19_456, "2b5dc4054886ec957ef59c73b661c54dd6fb274590b278f657c6d96aac8fa6d1"),
        (3, 64, "6164c739a04e17de34a80bee65c6a58f4b8a240cbf5652f4a79e35ae02b7c616"),
    ]

    @Test(arguments: argon2)
    func derivesWhatTheReferenceImplementationDerives(row: (passes: Int, memory: Int, derived: String)) throws {
        try #require(sodium_init() >= 0)
        let derived = try argon2id(
            Array("password".utf8),
            salt: Array("somesaltsomesalt".utf8),
            parameters: Argon2Parameters(memory: row.memory, passes: row.passes)
        )
        #expect(hexadecimal(derived) == row.derived)
    }

    /// HMAC-SHA256 by Python's `hmac`, then the reference implementation with 64 KiB and one pass; the pepper is the
    /// bytes 0 to 31, the user `bob`, the password `secret`.
    static let known: [(method: LoginMethod, derived: String)] = [
        (.md5, "c0a1207d1ff6440e1b9ac416f73dccf6a88570f6db02dd97604480911a7b61f5"),
        (.sha, "da197f1a9efba47eabfdd1b23707983caef74228e6250a363f5f2191d97c2b89"),
        (.password, "160d97a023b6d28d7bf115b84c3376995905910bf42b80acf27796f619e13b00"),
    ]

    @Test func theWholeDerivationIsAsWritten() throws {
        let salt = try #require(Self.salt)
        let pepper = try #require(Pepper(Array(0..<32)))
        let hasher = CredentialHasher(pepper: pepper, parameters: Argon2Parameters(memory: 64, passes: 1))
        let credentials = try hasher.credentials(username: "BOB", password: "secret", salt: salt)
        #expect(credentials.map(\.method) == Self.known.map(\.method))
        for (credential, known) in zip(credentials, Self.known) {
            #expect(credential.index + hexadecimal(credential.verifier) == known.derived)
            #expect(credential.pepperID == "39900f0c27a435a8")
        }
    }

    @Test func everyInputCounts() throws {
        let salt = try #require(Self.salt)
        let proof = LoginProof.password("secret", username: "bob")
        func derive(
            pepper: UInt8 = 1,
            parameters: Argon2Parameters = lightWork,
            salt: AccountSalt = salt,
            proof: LoginProof = proof
        ) throws -> String {
            let pepper = try #require(Pepper([UInt8](repeating: pepper, count: 32)))
            let hasher = CredentialHasher(pepper: pepper, parameters: parameters)
            return try #require(hasher.derive(proof, salt: salt).first).index
        }
        let same = try derive()
        #expect(try derive() == same)
        let others = [
            try derive(pepper: 2),
            try derive(parameters: Argon2Parameters(memory: 8, passes: 2)),
            try derive(parameters: Argon2Parameters(memory: 16, passes: 1)),
            try derive(salt: AccountSalt()),
            try derive(proof: .password("Secret", username: "bob")),
            try derive(proof: .password("secret", username: "rob")),
            try derive(proof: .md5("secret")),
            try derive(proof: .sha("secret")),
        ]
        #expect(Set(others + [same]).count == others.count + 1)
    }

    @Test func oneCharacterInTwoSpellingsIsOnePassword() throws {
        #expect(
            LoginProof.password("caf\u{e9}", username: "bob").bytes
                == LoginProof.password("cafe\u{301}", username: "bob").bytes
        )
    }

    @Test func nameAndPasswordCannotBeCutElsewhere() {
        #expect(
            LoginProof.password("b:c", username: "a").bytes != LoginProof.password("c", username: "a:b").bytes
        )
    }

    @Test func theFormInTheDocumentComesBack() throws {
        let salt = try #require(Self.salt)
        let hasher = CredentialHasher(pepper: try #require(Pepper(Array(0..<32))), parameters: lightWork)
        let credential = try #require(hasher.derive(.md5("x"), salt: salt).first)
        let read = try #require(Credential(try JSON(parsing: credential.json.bytes())))
        #expect(read == credential)
        #expect(read.parameters == lightWork)
        #expect(read.pepperID == credential.pepperID)
    }

    @Test(arguments: ["method", "index", "verifier", "memory_kib", "passes", "pepper_id"])
    func aDamagedFormIsRefused(_ member: String) throws {
        let salt = try #require(Self.salt)
        let hasher = CredentialHasher(pepper: try #require(Pepper(Array(0..<32))), parameters: lightWork)
        var json = try #require(hasher.derive(.md5("x"), salt: salt).first).json
        json[member] = false
        #expect(Credential(json) == nil)
        json[member] = nil
        #expect(Credential(json) == nil)
    }

    @Test(arguments: [0, 7, 15])
    func everyByteOfTheVerifierCounts(_ position: Int) {
        let derived = [UInt8](repeating: 7, count: 32)
        var other = derived
        other[16 + position] ^= 0x80
        func credential(_ derived: [UInt8]) -> Credential {
            Credential(method: .md5, derived: derived, parameters: lightWork, pepperID: "p")
        }
        #expect(credential(derived) == credential(derived))
        #expect(credential(derived) != credential(other))
        #expect(credential(derived).index == credential(other).index)
    }

    @Test func secretsOfDifferentLengthsDiffer() {
        #expect(!equalInConstantTime([1, 2], [1]))
        #expect(!equalInConstantTime([], [1]))
        #expect(equalInConstantTime([], []))
        #expect(equalInConstantTime([1, 2], [1, 2]))
        #expect(!equalInConstantTime([0, 2], [1, 2]))
    }

    @Test func aSaltComesBackFromItsText() throws {
        let salt = AccountSalt()
        #expect(AccountSalt(salt.text) == salt)
        #expect(salt.text.utf8.count == 22)
        #expect(AccountSalt("") == nil)
        #expect(AccountSalt(salt.text + "AA") == nil)
        #expect(AccountSalt() != salt)
    }
}
