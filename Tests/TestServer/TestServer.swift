//  The whole server in process: plugins, gateway and store, without a socket.

import DocumentStore
import Foundation
import HTTPMessage
import Identity
import Pages
import PluginKit
import Plugins
import SQLiteStore
import Synchronization

/// A server on a store of its own in a temporary directory.
package final class TestServer: Sendable {
    package static let start: Int64 = 1_800_000_000

    package let kit: Kit
    package let store: SQLiteStore
    package let dispatcher: Dispatcher
    package let keys: KeySet
    private let directory: String
    private let clock = Clock()
    /// The master account and its administrator.
    package let master: Tenant

    /// An account with tokens for it.
    package struct Tenant: Sendable {
        package let account: String
        package let admin: String
        package let adminToken: String
    }

    /// - Parameters:
    ///   - settings: how logins are treated; derivations are cheap and passwords may be bad in any case.
    ///   - files: how much room files have.
    ///   - faults: when the store fails; nil if it never does.
    package init(
        plugins: [any Plugin.Type] = DiscoveredPlugins.all,
        settings: IdentitySettings = IdentitySettings(),
        files: FileLimits = FileLimits(),
        storage: SQLiteStore.Options = SQLiteStore.Options(),
        faults: Faults? = nil
    ) throws {
        var settings = settings
        directory = NSTemporaryDirectory() + "jackfield-" + DocumentID.random().text
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        store = try SQLiteStore(directory: directory, options: storage) { _ in }
        let installation = try Installation.create(in: store, time: Self.start)
        keys = try KeySet.create(in: directory + "/keys")
        // The cheapest derivation that there is: what it costs is tested with Identity.
        settings.derivation = Argon2Parameters(memory: 8, passes: 1)
        settings.policy.minimumPasswordLength = 1
        settings.policy.allowsCommonPasswords = true
        let tested: any DocumentStore & AttachmentStore & DocumentHistory & Outbox & RecordStore =
            if let faults { FaultyStore(store, faults) } else { store }
        kit = Kit(
            store: tested,
            plugins: plugins,
            schemas: try DiscoveredPlugins.schemaSet(),
            keys: keys,
            notices: NoticeSpool(directory: directory + "/notices"),
            settings: settings,
            installation: installation,
            revocations: try Revocations(store: tested, now: Self.start),
            fileLimits: files
        )
        let clock = clock
        dispatcher = try kit.dispatcher(
            version: "test",
            pages: { Pages($0, $1) },
            clock: { clock.now },
            observe: { _ in }
        )
        let founding = Founding(kit, time: Self.start)
        try founding.makeMasterAccount(named: "Master")
        try founding.makeAdministrator("admin", password: "secret")
        let account = installation.masterAccount.text
        let admin = try kit.directory.user(named: "admin", account: account).orSurprise("no administrator")
        master = Tenant(
            account: account,
            admin: admin,
            adminToken: try Self.token(account, admin, kit.directory, kit.identity.signer)
        )
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A server with one account below the master's.
    package static func withTenant(
        plugins: [any Plugin.Type] = DiscoveredPlugins.all,
        faults: Faults? = nil
    ) throws -> (TestServer, Tenant) {
        let server = try TestServer(plugins: plugins, faults: faults)
        return (server, try server.makeTenant("Tenant"))
    }

    /// Makes an account below another, with an administrator.
    package func makeTenant(_ name: String, below parent: Tenant? = nil) throws -> Tenant {
        let parent = parent ?? master
        let account = try self.put("/v2/accounts/\(parent.account)", ["name": .string(name)], parent.adminToken).id
        let user: JSON = [
            "first_name": "An", "last_name": "Admin", "username": "admin", "password": "secret", "priv_level": "admin",
        ]
        let admin = try self.put("/v2/accounts/\(account)/users", user, parent.adminToken).id
        return Tenant(account: account, admin: admin, adminToken: try token(account, admin))
    }

    /// A token for a user, issued now.
    package func token(_ account: String, _ user: String) throws -> String {
        try Self.token(account, user, kit.directory, kit.identity.signer, issued: clock.now)
    }

    private static func token(
        _ account: String,
        _ user: String,
        _ directory: Directory,
        _ signer: TokenSigner,
        issued: Int64 = start
    ) throws -> String {
        let epochs = try directory.epochs(account: account, user: user).orSurprise("no such user")
        let claims = Claims(
            accountID: account,
            userID: user,
            method: .user,
            epochs: epochs,
            issued: issued,
            lifetime: 40_000
        )
        return try signer.token(claims)
    }

    package func advance(by seconds: Int64) { clock.advance(by: seconds) }

    /// The time of this server, in Unix seconds.
    package var time: Int64 { clock.now }

    /// The files that wait for a mailer, as values.
    package func notices() throws -> [JSON] {
        let folder = directory + "/notices"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return try names.sorted().map { try JSON(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\($0)")))) }
    }

    /// Sends a request as nginx would hand it on; `fields` are meta-variables: `HTTP_IF_MATCH`, `CONTENT_TYPE`.
    package func send(
        _ method: String,
        _ target: String,
        _ body: String = "",
        token: String? = nil,
        fields: [String: String] = [:]
    ) throws -> Answer {
        var parameters = CGIParameters()
        if let token { parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: token.utf8) }
        for (name, value) in fields { parameters.append(name: name.utf8, value: value.utf8) }
        return try send(method, target: Array(target.utf8), parameters, Array(body.utf8))
    }

    /// Sends a request of any bytes.
    package func send(
        _ method: String,
        target: [UInt8],
        _ parameters: CGIParameters,
        _ body: [UInt8] = []
    ) throws -> Answer {
        var request = Request(
            method: try HTTPRequest.Method(method).orSurprise("no such method"),
            target: target,
            parameters: parameters,
            body: BytesBody(body)
        )
        return try Answer(dispatcher.respond(to: &request))
    }

    /// Sends a file as the whole body.
    package func upload(
        _ method: String,
        _ target: String,
        _ file: [UInt8],
        type: String,
        _ token: String
    ) throws -> Answer {
        var parameters = CGIParameters()
        parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: token.utf8)
        parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8)
        return try send(method, target: Array(target.utf8), parameters, file)
    }

    /// The bytes that the front end would send for an answer; nil if it is told to send none.
    package func fileSent(for answer: Answer) throws -> [UInt8]? {
        guard let path = answer.fields[.accelRedirect],
            let digest = AttachmentDigest(path.split(separator: "/").suffix(2).joined())
        else { return nil }
        return try store.attachment(digest)
    }

    /// How many bytes the files of an account have.
    package func fileBytes(of account: String) throws -> Int {
        try store.attachmentBytes(of: .account(DocumentID(account)))
    }

    /// Lets go of the documents that are deleted; returns how many.
    package func purgeTombstones() throws -> Int { try store.purgeTombstones(before: .max, limit: 1_000) }

    /// Removes the files that no document names, however new they are; returns how many.
    package func collectFiles() throws -> Int { try store.collectAttachments(grace: -10) }

    package func send(_ method: String, _ target: String, _ data: JSON, _ token: String) throws -> Answer {
        try send(method, target, JSON.object(["data": data]).text(), token: token)
    }

    package func get(_ target: String, _ token: String) throws -> Answer { try send("GET", target, token: token) }

    /// Creates something and insists that it worked.
    package func put(_ target: String, _ data: JSON, _ token: String) throws -> Answer {
        let answer = try send("PUT", target, data, token)
        guard answer.status == 201 else { throw Surprise("\(answer.json)") }
        return answer
    }

    /// The events told since a sequence number.
    package func events(after sequence: Int64 = 0) throws -> [RecordedEvent] {
        try store.events(after: sequence, limit: 10_000)
    }
}

/// A time that only a test moves.
private final class Clock: Sendable {
    private let seconds = Mutex(TestServer.start)

    var now: Int64 { seconds.withLock { $0 } }

    package func advance(by count: Int64) { seconds.withLock { $0 += count } }
}
