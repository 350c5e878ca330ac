//  Who asks: log in with Argon2id, tokens as JWS with Ed25519.

import CSodium
import Crypto
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOPosix
import Synchronization

struct Secrets: Sendable {
    let node: String
    let master: String
    let key: Curve25519.Signing.PrivateKey
    let pepper: SymmetricKey

    init(contentsOf path: String) throws {
        struct File: Decodable { let node, master, key, pepper: String }
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(filePath: path)))
        node = file.node
        master = file.master
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: Data(hexadecimal: file.key))
        pepper = SymmetricKey(data: Data(hexadecimal: file.pepper))
    }
}

struct Claims: Codable {
    var iss: String
    var aud = "peer"
    var sub: String
    var account_id: String
    var iat: Int
    var nbf: Int
    var exp: Int
    var jti: String
    var epochs: [Int]
}

// Rows are no values that may leave their thread; a read that returned one would wait for its connection without letting
// go of the thread on which other requests go on.
private struct LoginAccount: Decodable, FetchableRecord {
    let id: String
    let salt: Data
    let epoch: Int
}

private struct LoginUser: Decodable, FetchableRecord {
    let id, verifier: String
    let epoch: Int
}

final class Tokens: Sendable {
    let secrets: Secrets
    private let pool: DatabasePool
    /// Claims of tokens whose signature was right.
    private let verified = Mutex<[SHA256Digest: Claims]>([:])

    init(secrets: Secrets, pool: DatabasePool) {
        self.secrets = secrets
        self.pool = pool
    }

    /// Checks the token's signature and times, and whether account, user and token are still good.
    func authenticate(_ request: Request, account: String) async throws {
        guard let token = request.headers[.authToken] else { throw Refusal.invalidCredentials }
        let digest = SHA256.hash(data: Data(token.utf8))
        let claims: Claims
        if let known = verified.withLock({ $0[digest] }) {
            claims = known
        } else {
            claims = try read(token)
            verified.withLock { $0[digest] = claims }
        }
        guard claims.exp > Int(Date.now.timeIntervalSince1970) else { throw Refusal.invalidCredentials }
        let epochs = try await pool.read { database in
            let statement = try database.cachedStatement(sql: Self.user)
            return try Row.fetchOne(statement, arguments: [claims.account_id, claims.sub, claims.jti]).map {
                row -> [Int] in
                [row[0], row[1]]
            }
        }
        guard epochs == claims.epochs else { throw Refusal.invalidCredentials }
        guard claims.account_id == account || claims.account_id == secrets.master else {
            throw Refusal(status: .forbidden, message: "forbidden")
        }
    }

    private static let user = """
        SELECT a.epoch, u.epoch FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.id = ? AND u.id = ?
        AND a.enabled AND u.enabled AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE id = ?)
        """

    private func read(_ token: String) throws -> Claims {
        let segments = token.split(separator: ".", omittingEmptySubsequences: false)
        guard segments.count == 3, let signature = Data(base64URL: segments[2]),
            let payload = Data(base64URL: segments[1]),
            secrets.key.publicKey.isValidSignature(signature, for: Data("\(segments[0]).\(segments[1])".utf8))
        else { throw Refusal.invalidCredentials }
        let claims = try JSONDecoder().decode(Claims.self, from: payload)
        guard claims.iss == secrets.node, claims.aud == "peer" else { throw Refusal.invalidCredentials }
        return claims
    }

    @Sendable func logIn(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        struct Login: Decodable { let account_name, credentials: String }
        struct Body: Decodable { let data: Login }
        let login = try await request.decode(as: Body.self, context: context).data
        let account = try await pool.read { database in
            try LoginAccount.fetchOne(
                database,
                sql: "SELECT id, salt, epoch FROM accounts WHERE name = ? AND enabled",
                arguments: [login.account_name]
            )
        }
        guard let account else { throw Refusal.invalidCredentials }
        let code = HMAC<SHA256>.authenticationCode(for: Data("md5\(login.credentials)".utf8), using: secrets.pepper)
        // It is long and waits for nothing: on a thread of Swift's own it would hold up every other request.
        let derived = try await NIOThreadPool.singleton.runIfActive { try self.derive(Array(code), salt: account.salt) }
        let user = try await pool.read { database in
            try LoginUser.fetchOne(
                database,
                sql: "SELECT id, verifier, epoch FROM users WHERE lookup = ? AND account_id = ? AND enabled",
                arguments: [derived.prefix(16).hexadecimal, account.id]
            )
        }
        guard let user, user.verifier == derived.suffix(16).hexadecimal else { throw Refusal.invalidCredentials }
        let now = Int(Date.now.timeIntervalSince1970)
        let claims = Claims(
            iss: secrets.node,
            sub: user.id,
            account_id: account.id,
            iat: now,
            nbf: now,
            exp: now + 3600,
            jti: randomID(),
            epochs: [account.epoch, user.epoch]
        )
        let header = Data(#"{"alg":"EdDSA","typ":"JWT"}"#.utf8).base64URL
        let signed = try "\(header).\(JSONEncoder().encode(claims).base64URL)"
        let token = try "\(signed).\(secrets.key.signature(for: Data(signed.utf8)).base64URL)"
        var envelope = Envelope(
            ["account_id": account.id, "owner_id": claims.sub],
            node: secrets.node,
            request: request
        )
        envelope.auth_token = token
        return try envelope.response(.created)
    }

    private func derive(_ secret: [UInt8], salt: Data) throws -> [UInt8] {
        var derived = [UInt8](repeating: 0, count: 32)
        let result = crypto_pwhash(
            &derived,
            32,
            secret.map(CChar.init(bitPattern:)),
            UInt64(secret.count),
            Array(salt),
            1,
            47_104 * 1_024,
            crypto_pwhash_ALG_ARGON2ID13
        )
        guard result == 0 else { throw Refusal(status: .serviceUnavailable, message: "busy") }
        return derived
    }
}

struct TokenMiddleware: RouterMiddleware {
    let tokens: Tokens

    func handle(
        _ request: Request,
        context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        try await tokens.authenticate(request, account: context.parameters.require("account"))
        return try await next(request, context)
    }
}

func randomID() -> String {
    (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
}

extension Sequence<UInt8> {
    var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}

extension Data {
    init(hexadecimal text: String) {
        let digits = Array(text.utf8)
        self.init(
            stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
            }
        )
    }

    init?(base64URL text: some StringProtocol) {
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        self.init(base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }

    var base64URL: String {
        base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
