//  From what is presented to who asks.

import Foundation
import Synchronization
import Testing

@testable import Identity

@Suite struct AuthenticatorTests {
    let keys = TokenKeys()
    let directory = TestDirectory()
    let authenticator: Authenticator
    let hasher: CredentialHasher

    init() throws {
        hasher = CredentialHasher(pepper: try #require(Pepper(Array(0..<32))), parameters: lightWork)
        authenticator = Authenticator(
            verifier: TokenVerifier(keys: keys, terms: terms),
            login: PasswordLogin(hasher: hasher, directory: directory, throttle: LoginThrottle()),
            directory: directory
        )
        directory.state.withLock { state in
            state.epochs[TestDirectory.key(accountID, userID)] = Epochs(system: 1, account: 2, user: 3)
            state.epochs[TestDirectory.key(accountID, nil)] = Epochs(system: 1, account: 2, user: 0)
        }
    }

    private func presented(_ claims: Claims, statedAccount: String? = nil) throws -> PresentedToken {
        let token = try TokenSigner(keys: keys, terms: terms).token(claims)
        return PresentedToken(
            .token(Array(token.utf8)),
            source: .header,
            statedAccountID: statedAccount.map { Array($0.utf8) }
        )
    }

    @Test func nothingPresentedIsNobody() throws {
        #expect(try authenticator.authenticate(nil, from: source, now: now) == nil)
    }

    @Test func aGoodTokenIsItsPrincipal() throws {
        let made = claims()
        #expect(try authenticator.authenticate(try presented(made), from: source, now: now) == made.principal)
    }

    @Test func anExpiredTokenIsToldApart() throws {
        let presented = try presented(claims())
        #expect(throws: IdentityError.expiredToken) {
            try authenticator.authenticate(presented, from: source, now: now + 4000)
        }
    }

    static let epochs: [Epochs] = [
        Epochs(system: 2, account: 2, user: 3), Epochs(system: 1, account: 3, user: 3),
        Epochs(system: 1, account: 2, user: 4),
    ]

    @Test(arguments: epochs)
    func anEpochThatWentOnEndsTheToken(_ epochs: Epochs) throws {
        let presented = try presented(claims())
        _ = try authenticator.authenticate(presented, from: source, now: now)
        directory.state.withLock { $0.epochs[TestDirectory.key(accountID, userID)] = epochs }
        #expect(throws: IdentityError.invalidToken(.revoked)) {
            try authenticator.authenticate(presented, from: source, now: now)
        }
    }

    @Test func aDeniedTokenEndsAlone() throws {
        let made = claims()
        let first = try presented(made)
        let second = try presented(claims())
        _ = try authenticator.authenticate(first, from: source, now: now)
        directory.state.withLock { _ = $0.revoked.insert(made.id) }
        #expect(throws: IdentityError.invalidToken(.revoked)) {
            try authenticator.authenticate(first, from: source, now: now)
        }
        #expect(try authenticator.authenticate(second, from: source, now: now) != nil)
    }

    @Test func aDisabledUsersTokenEnds() throws {
        let presented = try presented(claims())
        directory.state.withLock { $0.epochs[TestDirectory.key(accountID, userID)] = nil }
        #expect(throws: IdentityError.invalidToken(.unknownPrincipal)) {
            try authenticator.authenticate(presented, from: source, now: now)
        }
    }

    @Test func aBrokenDirectoryLetsNobodyIn() throws {
        let presented = try presented(claims())
        directory.state.withLock { $0.isBroken = true }
        #expect(throws: IdentityError.directoryUnavailable("test")) {
            try authenticator.authenticate(presented, from: source, now: now)
        }
    }

    @Test func theStatedAccountMustBeTheTokens() throws {
        #expect(
            try authenticator.authenticate(presented(claims(), statedAccount: accountID), from: source, now: now) != nil
        )
        let other = try presented(claims(), statedAccount: userID)
        #expect(throws: IdentityError.invalidToken(.otherAccount)) {
            try authenticator.authenticate(other, from: source, now: now)
        }
    }

    @Test func anotherKindOfTokenOpensNothing() throws {
        let presented = try presented(claims(kind: .secondFactor))
        #expect(throws: IdentityError.invalidToken(.header)) {
            try authenticator.authenticate(presented, from: source, now: now)
        }
    }

    private func basic(_ text: String) -> PresentedToken {
        PresentedToken(.basic(Array(Data(text.utf8).base64EncodedString().utf8)), source: .authorization)
    }

    private func enrol(password: String) throws {
        let salt = try directory.salt(account: accountID) ?? AccountSalt()
        let credentials = try hasher.credentials(username: "bob", password: password, salt: salt)
        directory.state.withLock { state in
            state.salts[accountID] = salt
            state.users = [:]
            guard let epochs = state.epochs[TestDirectory.key(accountID, userID)] else { return }
            for credential in credentials {
                state.users[TestDirectory.key(accountID, credential.index)] =
                    FoundUser(id: userID, credential: credential, epochs: epochs, policy: policy)
            }
        }
    }

    /// What follows the account's id: digests of `bob:secret` by md5sum and sha1sum, and the password itself.
    static let basics = [md5, sha1, "bob:secret"]
    static let md5 = "a5ab2b88c7de2711ffcb9c24fe8a545a"
    static let sha1 = "7f2566142c156d3258af39e84aed64a2a604605d"

    @Test(arguments: basics)
    func basicCredentialsAreALogin(_ proof: String) throws {
        try enrol(password: "secret")
        let principal = try authenticator.authenticate(basic("\(accountID):\(proof)"), from: source, now: now)
        #expect(principal == Principal(accountID: accountID, userID: userID, method: .basic))
    }

    @Test func basicCredentialsAreDerivedOnceAMinute() throws {
        try enrol(password: "secret")
        let credentials = basic("\(accountID):bob:secret")
        func lookups(at time: Int64) throws -> Int {
            let before = directory.state.withLock { $0.lookups }
            _ = try authenticator.authenticate(credentials, from: source, now: time)
            return directory.state.withLock { $0.lookups } - before
        }
        #expect(try lookups(at: now) == 1)
        #expect(try lookups(at: now + 59) == 0)
        #expect(try lookups(at: now + 60) == 1)
    }

    @Test func aChangedPasswordEndsBasicCredentialsAtOnce() throws {
        try enrol(password: "secret")
        let credentials = basic("\(accountID):bob:secret")
        _ = try authenticator.authenticate(credentials, from: source, now: now)
        directory.state.withLock { $0.epochs[TestDirectory.key(accountID, userID)]?.user += 1 }
        try enrol(password: "other")
        #expect(throws: IdentityError.invalidToken(.credentials)) {
            try authenticator.authenticate(credentials, from: source, now: now)
        }
    }

    static let malformed = ["", ":", "account", "account:short", "::", "\u{0}:\u{0}"]

    @Test(arguments: malformed)
    func malformedBasicCredentialsAreRefused(_ text: String) throws {
        try enrol(password: "secret")
        #expect(throws: IdentityError.invalidToken(.credentials)) {
            try authenticator.authenticate(basic(text), from: source, now: now)
        }
        let raw = PresentedToken(.basic(Array("*\(text)".utf8)), source: .authorization)
        #expect(throws: IdentityError.invalidToken(.credentials)) {
            try authenticator.authenticate(raw, from: source, now: now)
        }
    }
}
