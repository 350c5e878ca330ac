//  Tokens that are not ours. Source: RFC 8725 §2, and the ways in which other libraries were fooled.

import Bytes
import Crypto
import Foundation
import JSON
import Testing

@testable import Identity

/// One way to forge a token, and what the verifier must find wrong with it.
struct Forgery: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var flaw: TokenFlaw
    var make: @Sendable (Forge) throws -> [UInt8]

    init(_ name: String, _ flaw: TokenFlaw, _ make: @escaping @Sendable (Forge) throws -> [UInt8]) {
        testDescription = name
        self.flaw = flaw
        self.make = make
    }
}

/// The forger's tools. It even has the signing key, to test that a signature is not enough.
struct Forge: Sendable {
    let keys: TokenKeys
    let signer: TokenSigner

    init(keys: TokenKeys) {
        self.keys = keys
        signer = TokenSigner(keys: keys, terms: terms)
    }

    func good() throws -> [UInt8] { Array(try signer.token(claims()).utf8) }

    /// A token with the right signature over any header and payload.
    func signed(header: String, payload: String) throws -> [UInt8] {
        try signed(header: Base64URL.encode(header.utf8), payload: Base64URL.encode(payload.utf8))
    }

    func signed(header: [UInt8], payload: [UInt8]) throws -> [UInt8] {
        Array(try signer.sign(header + Array(".".utf8) + payload).utf8)
    }

    var header: String { #"{"alg":"EdDSA","typ":"jackfield+jwt","kid":"\#(keys.active.id)"}"# }
    var payload: JSON { claims().payload(terms) }

    func withHeader(_ header: String) throws -> [UInt8] {
        try signed(header: header, payload: payload.text())
    }

    /// A token whose header has other members than ours.
    func withHeader(adding members: String) throws -> [UInt8] {
        try withHeader(header.dropLast() + "," + members + "}")
    }

    func withPayload(_ text: String) throws -> [UInt8] {
        try signed(header: header, payload: text)
    }

    /// A token with one claim changed, or removed if `value` is nil.
    func with(_ claim: String, _ value: JSON?) throws -> [UInt8] {
        var payload = payload
        payload[claim] = value
        return try withPayload(payload.text())
    }

    func with(number claim: String, _ text: String) throws -> [UInt8] {
        try with(claim, .number(try #require(JSONNumber(text: text))))
    }

    func segments(_ token: [UInt8]) -> [[UInt8]] {
        token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
    }

    func joined(_ segments: [[UInt8]]) -> [UInt8] {
        Array(segments.joined(separator: [UInt8(ascii: ".")]))
    }

    /// A good token with one segment changed.
    func changing(_ segment: Int, _ change: ([UInt8]) -> [UInt8]) throws -> [UInt8] {
        var segments = segments(try good())
        segments[segment] = change(segments[segment])
        return joined(segments)
    }
}

@Suite struct ForgedTokenTests {
    static let keys = TokenKeys()

    static let headers: [Forgery] = [
        Forgery("alg none", .encoding) { forge in
            forge.joined([Base64URL.encode(forge.header.utf8), forge.segments(try forge.good())[1], []])
        },
        Forgery("alg none, said", .header) { forge in
            try forge.withHeader(#"{"alg":"none","typ":"jackfield+jwt","kid":"\#(forge.keys.active.id)"}"#)
        },
        Forgery("alg nOnE", .header) { forge in
            try forge.withHeader(#"{"alg":"nOnE","typ":"jackfield+jwt","kid":"\#(forge.keys.active.id)"}"#)
        },
        Forgery("HS256 with the public key as the secret", .header) { forge in
            let header = #"{"alg":"HS256","typ":"jackfield+jwt","kid":"\#(forge.keys.active.id)"}"#
            let input = forge.joined([
                Base64URL.encode(header.utf8), Base64URL.encode(forge.payload.bytes()),
            ])
            let key = SymmetricKey(data: forge.keys.active.secret.publicKey.rawRepresentation)
            let code = HMAC<SHA256>.authenticationCode(for: input, using: key)
            return input + Array(".".utf8) + Base64URL.encode(code)
        },
        Forgery("our header, HS256's signature", .encoding) { forge in
            let key = SymmetricKey(data: forge.keys.active.secret.publicKey.rawRepresentation)
            return try forge.changing(2) { _ in
                Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array("any".utf8), using: key))
            }
        },
        Forgery("ES256", .header) { forge in
            try forge.withHeader(#"{"alg":"ES256","typ":"jackfield+jwt","kid":"\#(forge.keys.active.id)"}"#)
        },
        Forgery("kid unknown", .header) { forge in
            try forge.withHeader(#"{"alg":"EdDSA","typ":"jackfield+jwt","kid":"0000000000000000"}"#)
        },
        Forgery("kid missing", .header) { try $0.withHeader(#"{"alg":"EdDSA","typ":"jackfield+jwt"}"#) },
        Forgery("kid an array", .header) { forge in
            try forge.withHeader(#"{"alg":"EdDSA","typ":"jackfield+jwt","kid":["\#(forge.keys.active.id)"]}"#)
        },
        Forgery("kid a path", .header) {
            try $0.withHeader(#"{"alg":"EdDSA","typ":"jackfield+jwt","kid":"../../dev/null"}"#)
        },
        Forgery("kid a query", .header) {
            try $0.withHeader(#"{"alg":"EdDSA","typ":"jackfield+jwt","kid":"' or '1'='1"}"#)
        },
        Forgery("a key of its own in jwk", .header) {
            try $0.withHeader(adding: #""jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}"#)
        },
        Forgery("a place of keys in jku", .header) { try $0.withHeader(adding: #""jku":"https://evil.example/""#) },
        Forgery("x5u", .header) { try $0.withHeader(adding: #""x5u":"https://evil.example/""#) },
        Forgery("x5c", .header) { try $0.withHeader(adding: #""x5c":["AA"]"#) },
        Forgery("crit", .header) { try $0.withHeader(adding: #""crit":["exp"]"#) },
        Forgery("zip", .header) { try $0.withHeader(adding: #""zip":"DEF""#) },
        Forgery("b64", .header) { try $0.withHeader(adding: #""b64":false"#) },
        Forgery("the algorithm twice", .header) { try $0.withHeader(adding: #""alg":"none""#) },
        Forgery("the header's members in another order", .header) { forge in
            try forge.withHeader(#"{"typ":"jackfield+jwt","alg":"EdDSA","kid":"\#(forge.keys.active.id)"}"#)
        },
        Forgery("a space in the header", .header) { try $0.withHeader(" " + $0.header) },
        Forgery("typ JWT", .header) { forge in
            try forge.withHeader(#"{"alg":"EdDSA","typ":"JWT","kid":"\#(forge.keys.active.id)"}"#)
        },
        Forgery("a token of the first factor", .header) { forge in
            Array(try forge.signer.token(claims(kind: .secondFactor)).utf8)
        },
    ]

    static let shapes: [Forgery] = [
        Forgery("nothing", .segments) { _ in [] },
        Forgery("two dots", .header) { _ in Array("..".utf8) },
        Forgery("two segments", .segments) { forge in
            forge.joined(Array(forge.segments(try forge.good()).prefix(2)))
        },
        Forgery("four segments", .segments) { try $0.good() + Array(".AAAA".utf8) },
        Forgery("five segments, as an encrypted token has", .segments) { _ in Array("a.b.c.d.e".utf8) },
        Forgery("an empty payload", .signature) { try $0.changing(1) { _ in [] } },
        Forgery("an empty signature", .encoding) { try $0.changing(2) { _ in [] } },
        Forgery("padding", .encoding) { try $0.changing(2) { $0 + Array("==".utf8) } },
        Forgery("a bit behind the signature's end", .encoding) { forge in
            try forge.changing(2) { signature in
                // 64 bytes leave four bits of the last digit unused: A, Q, g and w are what encoding prints.
                signature.dropLast() + [signature.last.map { $0 + 1 } ?? 0]
            }
        },
        Forgery("the other alphabet", .encoding) { try $0.changing(2) { Array("+/".utf8) + $0.dropFirst(2) } },
        Forgery("a line break at the end", .encoding) { try $0.good() + Array("\n".utf8) },
        Forgery("a space in the payload's segment", .encoding) { try $0.changing(1) { $0 + Array(" ".utf8) } },
        Forgery("a zero byte at the end", .encoding) { try $0.good() + [0] },
        Forgery("not UTF-8", .encoding) { try $0.changing(1) { $0 + [0xff, 0xfe] } },
        Forgery("a byte too many for a signature", .encoding) { try $0.changing(2) { $0 + Array("AA".utf8) } },
        Forgery("another payload under a good signature", .signature) { forge in
            try forge.changing(1) { _ in Base64URL.encode(forge.payload.bytes()) }
        },
        Forgery("another key's signature", .signature) { forge in
            let input = forge.joined(Array(forge.segments(try forge.good()).prefix(2)))
            let signature = try Curve25519.Signing.PrivateKey().signature(for: input)
            return input + Array(".".utf8) + Base64URL.encode(signature)
        },
        Forgery("ten megabytes", .tooLong) { _ in [UInt8](repeating: UInt8(ascii: "A"), count: 10_000_000) },
        Forgery("4097 bytes", .tooLong) { _ in [UInt8](repeating: UInt8(ascii: "."), count: 4097) },
    ]

    static let payloads: [Forgery] = [
        Forgery("the payload no object", .claims) { try $0.withPayload("[]") },
        Forgery("the payload empty", .claims) { try $0.withPayload("") },
        Forgery("the payload not UTF-8", .claims) { forge in
            try forge.signed(
                header: Base64URL.encode(forge.header.utf8),
                payload: Base64URL.encode([0x22, 0xff, 0x22])
            )
        },
        Forgery("the payload very deep", .claims) { try $0.withPayload(String(repeating: "[", count: 2000)) },
        Forgery("exp twice", .claims) { forge in
            try forge.withPayload(forge.payload.text().dropLast() + #","exp":9999999999}"#)
        },
        Forgery("exp a real number", .claims) { try $0.with(number: "exp", "\(now + 60).0") },
        Forgery("exp with an exponent", .claims) { try $0.with(number: "exp", "18e8") },
        Forgery("exp a string", .claims) { try $0.with("exp", .string("\(now + 60)")) },
        Forgery("exp negative", .claims) { try $0.with(number: "exp", "-1") },
        Forgery("exp 2^63", .claims) { try $0.with(number: "exp", "9223372036854775808") },
        Forgery("exp the largest integer", .claims) { try $0.with(number: "exp", "9223372036854775807") },
        Forgery("exp too far away", .lifetime) { try $0.with(number: "exp", "\(now + 43_201)") },
        Forgery("nbf in the future", .notYetValid) { try $0.with(number: "nbf", "\(now + 31)") },
        Forgery("iat in the future", .notYetValid) { try $0.with(number: "iat", "\(now + 31)") },
        Forgery("another issuer", .issuer) { try $0.with("iss", "kazoo") },
        Forgery("another audience", .audience) { try $0.with("aud", "other api") },
        Forgery("a list of audiences", .audience) { try $0.with("aud", ["test api"]) },
        Forgery("another tenant's account", .claims) { forge in
            // With the subject that fits a user, and then with the method of an account's key.
            try forge.with("owner_id", nil)
        },
        Forgery("a subject that is not the user", .claims) { try $0.with("sub", .string(accountID)) },
        Forgery("a method that nobody has", .claims) { try $0.with("method", "cb_super_auth") },
        Forgery("a claim to act as somebody", .claims) { try $0.with("as", ["account_id": "x", "owner_id": "y"]) },
        Forgery("a claim that nobody knows", .claims) { try $0.with("admin", true) },
        Forgery("an epoch too many", .claims) {
            try $0.with("epochs", ["system": 1, "account": 2, "user": 3, "other": 4])
        },
        Forgery("an epoch that is text", .claims) { try $0.with("epochs", ["system": 1, "account": 2, "user": "3"]) },
        Forgery("half an impersonator", .claims) { try $0.with("original_account_id", .string(accountID)) },
        Forgery("an impersonator without epochs", .claims) { forge in
            try forge.with("original_owner_id", .string(userID))
        },
        Forgery("a login in text", .claims) { try $0.with("auth_time", "1800000000") },
        Forgery("an id of another length", .claims) { try $0.with("jti", "1") },
    ]

    @Test(arguments: headers + shapes + payloads)
    func isRefused(_ forgery: Forgery) throws {
        let forge = Forge(keys: Self.keys)
        let verifier = TokenVerifier(keys: Self.keys, terms: terms)
        let token = try forgery.make(forge)
        #expect(throws: IdentityError.invalidToken(forgery.flaw)) { try verifier.verify(token, now: now) }
    }

    @Test(arguments: [
        "iss", "aud", "sub", "account_id", "owner_id", "method", "iat", "nbf", "exp", "auth_time", "jti", "epochs",
    ])
    func everyClaimIsRequired(_ claim: String) throws {
        let token = try Forge(keys: Self.keys).with(claim, nil)
        let verifier = TokenVerifier(keys: Self.keys, terms: terms)
        #expect {
            try verifier.verify(token, now: now)
        } throws: { error in
            guard case .invalidToken(let flaw) = error as? IdentityError else { return false }
            return [.claims, .issuer, .audience].contains(flaw)
        }
    }

    @Test func theToolsMakeGoodTokensToo() throws {
        let forge = Forge(keys: Self.keys)
        let verifier = TokenVerifier(keys: Self.keys, terms: terms)
        let good = try forge.withHeader(forge.header)
        #expect(try verifier.verify(good, now: now).accountID == accountID)
    }

    /// A token has 6 bits a character; none of them may be changed without notice.
    @Test func noSingleCharacterMayChange() throws {
        let token = try Forge(keys: Self.keys).good()
        let verifier = TokenVerifier(keys: Self.keys, terms: terms)
        for position in token.indices {
            var changed = token
            changed[position] = changed[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: IdentityError.self) { try verifier.verify(changed, now: now) }
        }
    }

    @Test func randomBytesAreRefused() {
        let verifier = TokenVerifier(keys: Self.keys, terms: terms)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let bytes = randomBytes(Int.random(in: 0...200, using: &generator))
            #expect(throws: IdentityError.self) { try verifier.verify(bytes, now: now) }
        }
    }
}
