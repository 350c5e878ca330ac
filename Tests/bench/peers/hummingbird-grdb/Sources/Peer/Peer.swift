//  The benchmark's work in Hummingbird and GRDB: devices of an account.

import Foundation
import GRDB
import Hummingbird
import Logging
import Mustache

@main
enum Peer {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let data = environment["PEER_DATA"], let socket = environment["PEER_SOCKET"] else {
            throw CocoaError(.fileNoSuchFile)
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let pool = try DatabasePool(path: data + "/peer.sqlite", configuration: configuration)
        let secrets = try Secrets(contentsOf: data + "/secrets.json")
        let tokens = Tokens(secrets: secrets, pool: pool)
        let devices = try Devices(pool: pool, tokens: tokens)

        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: RefusalMiddleware(node: secrets.node))
        router.put("v2/user_auth", use: tokens.logIn)
        router.group("v2/accounts/:account/devices")
            .add(middleware: TokenMiddleware(tokens: tokens))
            .get(use: devices.list)
            .put(use: devices.create)
            .get(":id", use: devices.get)
            .patch(":id", use: devices.merge)
        var logger = Logger(label: "peer")
        logger.logLevel = .warning
        let application = Application(
            router: router,
            configuration: .init(address: .unixDomainSocket(path: socket), backlog: 1024),
            logger: logger
        )
        try await application.runService()
    }
}
