//  HTTP in and out of accounts: an account is its own item, and the collection of those below it.

import PluginKit

/// The routes of accounts.
struct AccountsResource: Sendable {
    private let kit: Kit

    init(_ kit: Kit) { self.kit = kit }

    /// PUT creates an account below the caller's own. There is no list of all accounts.
    func collection() -> Route {
        Route([(.put, .account(.admin))]) { call throws(APIError) in try create(call) }
    }

    /// One account; PUT creates another below it. The master account cannot be deleted.
    func item() -> Route {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.put, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]
        return Route(methods) { call throws(APIError) in
            if call.method == .put { return try create(call) }
            if call.method == .delete, call.account?.isMaster == true {
                throw .methodNotAllowed(allowed: methods.map(\.method).filter { $0 != .delete })
            }
            return try StandardItemResource().respond(to: call, kit.service(AccountsPlugin.self, for: call))
        }
    }

    /// A list of accounts below the one in the path: for administrators, as everything below an account.
    func list(_ view: ListView) -> Route {
        Route([(.get, .account(.admin))]) { call throws(APIError) in
            let service = try kit.service(AccountsPlugin.self, for: call)
            var reply = try service.list(ListRequest(call), view, within: call.account?.id)
            guard let caller = call.caller?.account, !caller.isMaster else { return reply }
            switch reply.content {
            case .rows(let rows): reply.content = .rows(rows.map { Self.row($0, seenFrom: caller.id) })
            case .stream(let rows):
                let seen = RowStream { take in
                    try rows.read { batch in try take(batch.map { Self.row($0, seenFrom: caller.id) }) }
                }
                reply.content = .stream(seen)
            case .none, .value, .file: break
            }
            return reply
        }
    }

    /// A row whose `tree` begins with the caller's account.
    private static func row(_ row: [UInt8], seenFrom account: String) -> [UInt8] {
        guard var fields = (try? JSON(parsing: row))?.object, let tree = fields["tree"]?.array else { return row }
        fields["tree"] = .array(Array(tree.drop { $0.string != account }))
        return JSON.object(fields).bytes()
    }

    /// The accounts above, the eldest first; nothing above the caller's own is shown.
    func parents() -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            let ancestors = call.account?.ancestors ?? []
            let visible = call.caller.flatMap { ancestors.firstIndex(of: $0.account.id) } ?? ancestors.endIndex
            var rows: [[UInt8]] = []
            for id in ancestors[visible...] {
                let account = try kit.directory.document(id, account: id)
                rows.append(JSON.object(["id": .string(id), "name": account?["name"] ?? .null]).bytes())
            }
            return Reply(.rows(rows))
        }
    }

    private func create(_ call: Call) throws(APIError) -> Reply {
        let created = try kit.service(AccountsPlugin.self, for: call).create(call.fields())
        return .created(created, at: "/v2/accounts/\(created.id)")
    }
}
