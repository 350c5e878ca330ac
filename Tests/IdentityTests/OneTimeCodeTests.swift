//  Codes of the second factor.

import Crypto
import JSON
import Testing

@testable import Identity

@Suite struct OneTimeCodeTests {
    /// Time and the codes of eight digits with SHA-1, SHA-256 and SHA-512. Source: RFC 6238, appendix B.
    static let vectors: [(Int64, String, String, String)] = [
        (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    @Test(arguments: vectors)
    func theCodesAreThoseOfTheStandard(vector: (time: Int64, sha1: String, sha256: String, sha512: String)) {
        func secret(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(ascii: "0") + UInt8(($0 + 1) % 10) } }
        let counter = vector.time / 30
        func code<Hash: HashFunction>(_ hash: Hash.Type, _ length: Int) -> String {
            OneTimeCode.code(hash, secret: secret(length), counter: counter, digits: 8)
        }
        #expect(code(Insecure.SHA1.self, 20) == vector.sha1)
        #expect(code(SHA256.self, 32) == vector.sha256)
        #expect(code(SHA512.self, 64) == vector.sha512)
        #expect(OneTimeCode(secret: secret(20)).code(at: vector.time) == String(vector.sha1.suffix(6)))
    }

    @Test(arguments: [(-2, false), (-1, true), (0, true), (1, true), (2, false)])
    func aCodeIsGoodOneStepToEitherSide(steps: Int64, isGood: Bool) {
        let generator = OneTimeCode()
        let code = generator.code(at: now + 30 * steps)
        // By chance another step may have the same code; then it is good for that.
        let others = (-1...1).filter { $0 != steps }.map { generator.code(at: now + 30 * $0) }
        guard !others.contains(code) else { return }
        #expect((generator.step(of: code, after: -1, now: now) != nil) == isGood)
    }

    @Test func aCodeAndThoseBeforeItAreUsedUp() throws {
        let generator = OneTimeCode()
        let code = generator.code(at: now)
        let step = try #require(generator.step(of: code, after: -1, now: now))
        #expect(step == now / 30)
        #expect(generator.step(of: code, after: step, now: now) == nil)
        #expect(generator.step(of: generator.code(at: now - 30), after: step, now: now) == nil)
        #expect(generator.step(of: generator.code(at: now + 30), after: step, now: now) == step + 1)
    }

    @Test(arguments: ["", "0", "00000", "0000000", "abcdef", "12345\u{0}", "१२३४५६"])
    func whatIsNoCodeIsRefused(_ text: String) {
        #expect(OneTimeCode().step(of: text, after: -1, now: now) == nil)
    }

    /// Source: RFC 4648 §10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI"),
    ])
    func secretsAreSpelledInBase32(bytes: String, text: String) {
        #expect(Base32.encode(bytes.utf8) == text)
    }

    @Test func theAddressSaysAllThatAnApplicationNeeds() {
        let generator = OneTimeCode(secret: Array("12345678901234567890".utf8))
        #expect(
            generator.uri(issuer: "Jackfield", account: "ada&b@example")
                == "otpauth://totp/Jackfield:ada%26b%40example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=Jackfield&algorithm=SHA1&digits=6&period=30"
        )
    }
}

@Suite struct SecondFactorTests {
    let box: SecretBox
    let generator = OneTimeCode()
    let codes = (0..<SecondFactor.recoveryCodeCount).map { _ in RandomSecret.recoveryCode() }
    let factor: SecondFactor

    init() throws {
        box = SecretBox(pepper: try #require(Pepper(Array(0..<32))))
        factor = SecondFactor(
            sealedSecret: try box.seal(generator.secret, owner: "bob"),
            lastStep: 0,
            recoveryDigests: codes.map(\.digest)
        )
    }

    private func use(_ code: String, _ factor: inout SecondFactor, at time: Int64 = now) throws -> Bool {
        try factor.use(code, box: box, owner: "bob", now: time)
    }

    @Test func eachCodeWorksOnceAlsoWhenReadAgain() throws {
        var factor = factor
        #expect(try use(generator.code(at: now), &factor))
        #expect(try !use(generator.code(at: now), &factor))
        var read = try #require(SecondFactor(factor.json))
        #expect(read == factor)
        #expect(try !use(generator.code(at: now), &read))
        #expect(try use(generator.code(at: now + 30), &read, at: now + 30))
    }

    @Test func eachRecoveryCodeWorksOnce() throws {
        var factor = factor
        for (used, code) in codes.enumerated() {
            // As somebody types it.
            #expect(try use(" \(code.text.lowercased()) ", &factor))
            #expect(try !use(code.text, &factor))
            #expect(factor.recoveryDigests.count == codes.count - used - 1)
        }
        #expect(Set(codes.map(\.text)).count == codes.count)
        #expect(codes.allSatisfy { $0.text.filter { $0 != "-" }.count == 24 })
    }

    @Test func noSecretIsInWhatIsStored() throws {
        let text = factor.json.text()
        #expect(!text.contains(Base32.encode(generator.secret)))
        #expect(!codes.contains { text.contains($0.text) })
    }

    @Test func aSecretOpensForItsOwnerUnderItsPepperOnly() throws {
        var factor = factor
        let code = generator.code(at: now)
        #expect(throws: IdentityError.self) { try factor.use(code, box: box, owner: "rob", now: now) }
        let other = SecretBox(pepper: Pepper())
        #expect(throws: IdentityError.self) { try factor.use(code, box: other, owner: "bob", now: now) }
        factor.sealedSecret = ""
        #expect(throws: IdentityError.self) { try factor.use(code, box: box, owner: "bob", now: now) }
    }
}
