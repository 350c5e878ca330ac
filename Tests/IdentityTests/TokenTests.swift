//  Tokens of ours: what they say, how long they live, which key signs them.

import JSON
import Testing

@testable import Identity

@Suite struct TokenTests {
    @Test func aTokenSaysWhatItWasMadeFor() throws {
        let keys = TokenKeys()
        let made = claims()
        let token = try TokenSigner(keys: keys, terms: terms).token(made)
        let read = try TokenVerifier(keys: keys, terms: terms).verify(Array(token.utf8), now: now)
        #expect(read == made)
        #expect(
            read.principal
                == Principal(
                    accountID: accountID,
                    userID: userID,
                    method: .user,
                    tokenID: made.id,
                    expires: now + 3600,
                    authenticated: now
                )
        )
        #expect(token.utf8.count < 1024)
    }

    @Test func anAccountsKeySpeaksForNoUser() throws {
        let keys = TokenKeys()
        let made = claims(user: nil, method: .apiKey)
        let token = try TokenSigner(keys: keys, terms: terms).token(made)
        #expect(try TokenVerifier(keys: keys, terms: terms).verify(Array(token.utf8), now: now) == made)
    }

    @Test func aUsersMethodNeedsAUser() throws {
        let keys = TokenKeys()
        let token = try TokenSigner(keys: keys, terms: terms).token(claims(user: nil, method: .user))
        #expect(throws: IdentityError.invalidToken(.claims)) {
            try TokenVerifier(keys: keys, terms: terms).verify(Array(token.utf8), now: now)
        }
    }

    @Test func noTwoTokensAreAlike() throws {
        let signer = TokenSigner(keys: TokenKeys(), terms: terms)
        let tokens = try (0..<100).map { _ in try signer.token(claims()) }
        #expect(Set(tokens).count == 100)
    }

    /// Seconds after the token was made, and whether it is good, expired or early.
    static let moments: [(Int64, IdentityError?)] = [
        (-31, .invalidToken(.notYetValid)), (-30, nil), (0, nil), (3599, nil), (3600, nil), (3629, nil),
        (3630, .expiredToken), (3631, .expiredToken), (1_000_000, .expiredToken),
    ]

    @Test(arguments: moments, [true, false])
    func lastsUntilItsTimeAndTheSkew(moment: (Int64, IdentityError?), isRemembered: Bool) throws {
        let keys = TokenKeys()
        let token = Array(try TokenSigner(keys: keys, terms: terms).token(claims()).utf8)
        let verifier = TokenVerifier(keys: keys, terms: terms)
        if isRemembered { _ = try verifier.verify(token, now: now) }
        let outcome: IdentityError?
        do {
            _ = try verifier.verify(token, now: now + moment.0)
            outcome = nil
        } catch {
            outcome = error
        }
        #expect(outcome == moment.1)
    }

    @Test func noTokenLivesLongerThanTheTermsAllow() throws {
        let keys = TokenKeys()
        let token = try TokenSigner(keys: keys, terms: terms).token(claims(lifetime: .max))
        let read = try TokenVerifier(keys: keys, terms: terms).verify(Array(token.utf8), now: now)
        #expect(read.expires == now + 43_200)
    }

    @Test(arguments: TokenKind.allCases, TokenKind.allCases)
    func oneKindIsNeverAnother(made: TokenKind, wanted: TokenKind) throws {
        let keys = TokenKeys()
        let token = Array(try TokenSigner(keys: keys, terms: terms).token(claims(kind: made)).utf8)
        let verifier = TokenVerifier(keys: keys, terms: terms)
        _ = try verifier.verify(token, kind: made, now: now)
        // Also when the token is remembered as the kind that it is.
        #expect(((try? verifier.verify(token, kind: wanted, now: now)) != nil) == (made == wanted))
    }
}

@Suite struct TokenKeysTests {
    @Test func rotationOverlaps() throws {
        var keys = TokenKeys()
        let old = Array(try TokenSigner(keys: keys, terms: terms).token(claims(lifetime: 43_200)).utf8)
        let firstActive = keys.active.id
        let firstNext = try #require(keys.keys.first { $0.state == .next }).id

        keys.rotate(now: now)
        #expect(keys.active.id == firstNext)
        #expect(keys.keys.map(\.state) == [.verifyOnly, .active, .next])
        let verifier = TokenVerifier(keys: keys, terms: terms)
        let new = Array(try TokenSigner(keys: keys, terms: terms).token(claims()).utf8)
        #expect(try verifier.verify(old, now: now).accountID == accountID)
        #expect(try verifier.verify(new, now: now).accountID == accountID)

        // The day of overlap ends: the key is refused, remembered token or not, and the next rotation forgets it.
        let end = now + TokenKeys.overlap
        #expect(throws: IdentityError.invalidToken(.retiredKey)) { try verifier.verify(old, now: end) }
        keys.rotate(now: end)
        #expect(!keys.keys.contains { $0.id == firstActive })
        #expect(throws: IdentityError.invalidToken(.header)) {
            try TokenVerifier(keys: keys, terms: terms).verify(old, now: now)
        }
    }

    @Test func theNextKeyIsAcceptedBeforeItSignsHere() throws {
        let here = TokenKeys()
        var there = here
        there.rotate(now: now)
        let token = Array(try TokenSigner(keys: there, terms: terms).token(claims()).utf8)
        #expect(try TokenVerifier(keys: here, terms: terms).verify(token, now: now).accountID == accountID)
    }

    @Test func theFormInTheFileComesBack() throws {
        var keys = TokenKeys()
        keys.rotate(now: now)
        let read = try #require(TokenKeys(try JSON(parsing: keys.json.bytes())))
        #expect(read.keys.map(\.id) == keys.keys.map(\.id))
        #expect(read.keys.map(\.state) == keys.keys.map(\.state))
        #expect(read.keys.map(\.retires) == keys.keys.map(\.retires))
        #expect(read.active.id == keys.active.id)
    }

    static let damaged: [JSON] = [
        [:], ["keys": []], ["keys": [["state": "active", "seed": "AA"]]],
        ["keys": [["state": "asleep", "seed": .string(String(repeating: "A", count: 43))]]],
        ["keys": [["state": "next", "seed": .string(String(repeating: "A", count: 43))]]],
        [
            "keys": [
                ["state": "active", "seed": .string(String(repeating: "A", count: 43))],
                ["state": "active", "seed": .string(String(repeating: "A", count: 43))],
            ]
        ],
    ]

    @Test(arguments: damaged)
    func aDamagedSetIsRefused(_ json: JSON) {
        #expect(TokenKeys(json) == nil)
    }
}
