//  A client that has logged in, in one account.

import Crypto
import JSON

/// How to reach the stack.
enum Scheme: String, CaseIterable, Sendable {
    case http, https
}

/// Whom a client speaks for, and the account that it works on.
struct Session: Sendable {
    var client: HTTPClient
    var token: String
    /// The account of the token.
    var home: String
    var user: String
    /// The account in the paths.
    var account: String

    /// Sends a request below the account, with the token in `X-Auth-Token`.
    ///
    /// - Parameter path: what follows `/v2/accounts/{account}`.
    @discardableResult
    func send(
        _ method: String,
        _ path: String,
        _ envelope: JSON? = nil,
        fields: [String] = []
    ) throws -> Answer {
        try client.send(
            method,
            "/v2/accounts/\(account)\(path)",
            fields: ["X-Auth-Token: \(token)", "Content-Type: application/json"] + fields,
            body: envelope?.bytes()
        )
    }

    /// Creates a document and returns its id.
    func create(_ path: String, _ data: JSON) throws -> String {
        let answer = try send("PUT", path, ["data": data])
        guard answer.status == 201, let id = answer.data["id"]?.string else { throw Surprise(answer) }
        return id
    }

    /// The same client, at work on an account of its own below this one.
    func withNewAccount() throws -> Session {
        var session = self
        session.account = try create("", ["name": .string(uniqueName("account"))])
        return session
    }
}

/// An answer that a test cannot go on with.
struct Surprise: Error, CustomStringConvertible {
    var description: String

    init(_ answer: Answer) { description = "unexpected answer: \(answer)" }
    init(_ sentence: String) { description = sentence }
}

/// A name that nothing else has.
func uniqueName(_ kind: String) -> String {
    kind + String(UInt64.random(in: .min ... .max), radix: 36)
}

/// What Crossbar's clients send for a password: a digest of `username:password`.
func proof<Hash: HashFunction>(_: Hash.Type, username: String, password: String) -> String {
    Hash.hash(data: Array("\(username):\(password)".utf8))
        .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        .joined()
}

/// The number before the hyphen of a revision; nil unless it is `N-` and 32 hexadecimal characters.
func generation(_ revision: JSON?) -> Int? {
    guard let parts = revision?.string?.split(separator: "-"), parts.count == 2, isIdentifier(parts[1]) else {
        return nil
    }
    return Int(parts[0])
}

/// Whether a text is 32 lower-case hexadecimal characters.
func isIdentifier(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 32 && text.allSatisfy { "0123456789abcdef".contains($0) }
}
