//  What the tests of Identity share: one set of keys, one moment, a directory in memory.

import Crypto
import Foundation
import JSON
import Synchronization

@testable import Identity

/// The moment at which tests happen, in Unix seconds.
let now: Int64 = 1_800_000_000

let terms = TokenTerms(issuer: "test installation", audience: "test api")

let accountID = String(repeating: "a", count: 32)
let userID = String(repeating: "b", count: 32)

let source = ClientSource("192.0.2.1")

/// Of an account that says nothing about it.
let policy = SecurityPolicy(account: accountID, levels: [])

func attempt(
    in account: String = accountID,
    username: String? = nil,
    from source: ClientSource = source,
    at time: Int64 = now
)
    -> LoginAttempt
{
    LoginAttempt(source: source, account: account, username: username, time: time)
}

/// The least work that libsodium does.
let lightWork = Argon2Parameters(memory: 8, passes: 1)

func claims(
    kind: TokenKind = .session,
    user: String? = userID,
    method: AuthenticationMethod = .user,
    epochs: Epochs = Epochs(system: 1, account: 2, user: 3),
    issued: Int64 = now,
    lifetime: Int64 = 3600
) -> Claims {
    Claims(
        kind: kind,
        accountID: accountID,
        userID: user,
        method: method,
        epochs: epochs,
        issued: issued,
        lifetime: lifetime
    )
}

/// Runs `body` with a directory that is gone afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "identity-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
}

/// An `IdentityDirectory` in memory that counts what it is asked.
final class TestDirectory: IdentityDirectory {
    struct State {
        var epochs: [String: Epochs] = [:]
        var revoked: Set<String> = []
        var salts: [String: AccountSalt] = [:]
        var users: [String: FoundUser] = [:]
        var lookups = 0
        var isBroken = false
    }

    let state = Mutex(State())

    static func key(_ account: String, _ user: String?) -> String { "\(account)/\(user ?? "")" }

    func epochs(account: String, user: String?) throws(IdentityError) -> Epochs? {
        try read { $0.epochs[Self.key(account, user)] }
    }

    func isRevoked(tokenID: String) throws(IdentityError) -> Bool {
        try read { $0.revoked.contains(tokenID) }
    }

    func salt(account: String) throws(IdentityError) -> AccountSalt? {
        try read { $0.salts[account] }
    }

    func user(account: String, credentialIndex: String) throws(IdentityError) -> FoundUser? {
        try read { state in
            state.lookups += 1
            return state.users[Self.key(account, credentialIndex)]
        }
    }

    private func read<Value: Sendable>(
        _ body: (inout sending State) -> sending Value
    ) throws(IdentityError) -> Value {
        let value: Value? = state.withLock { state in state.isBroken ? nil : body(&state) }
        guard let value else { throw .directoryUnavailable("test") }
        return value
    }
}
