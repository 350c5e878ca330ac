//  HTTP in and out of accounts: an account is its own item, and the collection of those below it.

import Identity
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
            let service = try kit.service(AccountsPlugin.self, for: call)
            var reply = try StandardItemResource().respond(to: call, service)
            if call.method == .get, call.control("include_api_key") == "true" { try addKey(to: &reply, call) }
            return reply
        }
    }

    /// Shows administrators the account's key with the account.
    private func addKey(to reply: inout Reply, _ call: Call) throws(APIError) {
        guard call.caller?.privilege == .admin, let key = try apiKey(of: call), case .value(let bytes) = reply.content,
            var fields = (try? JSON(parsing: bytes))?.object
        else { return }
        fields["api_key"] = .string(key)
        reply.content = .value(JSON.object(fields).bytes())
    }

    /// The key of the account in the path, or nil if it has none.
    private func apiKey(of call: Call) throws(APIError) -> String? {
        guard let account = call.account else { throw .notFound }
        let secrets = try kit.directory.document(account.id, account: account.id).flatMap { AccountSecrets($0.secrets) }
        return try secrets?.apiKey.map { stored throws(APIError) in try kit.identity.apiKey(stored, of: account.id) }
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
            case .none, .value, .text, .file, .made: break
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
    func line() -> Route {
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

    /// The accounts beside one, itself among them. Nobody sees those beside his own.
    func siblings() -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            guard let account = call.account, let caller = call.caller else { throw .notFound }
            guard account.id != caller.account.id || caller.isSuperduper else { throw .forbidden }
            guard let parent = account.ancestors.last else { throw .badIdentifier(account.id) }
            let service = try kit.service(AccountsPlugin.self, for: call)
            return try service.list(ListRequest(call), AccountsPlugin.list, within: parent)
        }
    }

    /// The key by which the account itself logs in. A new one ends what was made with the former.
    func apiKey() -> Route {
        Route([(.get, .account(.admin)), (.put, .account(.admin))]) { call throws(APIError) in
            guard let account = call.account else { throw .notFound }
            if call.method == .get {
                guard let key = try apiKey(of: call) else { throw .badIdentifier("api_key") }
                return Reply(["api_key": .string(key)])
            }
            // A key does not make keys: a user has to answer for it.
            guard call.caller?.principal.userID != nil else { throw .forbidden }
            let key = try kit.identity.makeAPIKey(for: account.id)
            try kit.changeAccount(call, telling: "account_api_key_changed") { secrets in
                secrets.apiKey = key.stored
                secrets.epoch += 1
            }
            var reply = Reply(["api_key": .string(key.text)])
            reply.isCreated = true
            return reply
        }
    }

    /// POST puts the account below the one that `to` names.
    func move() -> Route {
        Route([(.post, .superduper)]) { call throws(APIError) in
            guard let account = call.account else { throw .notFound }
            guard let target = try call.fields()["to"]?.string, !target.isEmpty else {
                throw .invalid("to", rule: "required", "Field is required but missing")
            }
            let moved = try kit.changeAccounts(AccountsPlugin.self, for: call) { work throws(APIError) in
                try AccountsService().move(DocumentID(account.id), below: DocumentID(target), in: work)
            }
            return .document(moved)
        }
    }

    /// PUT makes the account a reseller, DELETE makes it none.
    func reseller() -> Route {
        Route([(.put, .superduper), (.delete, .superduper)]) { call throws(APIError) in
            let isReseller = call.method == .put
            let notice = isReseller ? "account_promoted" : "account_demoted"
            let changed = try kit.changeAccount(call, telling: notice) { $0.isReseller = isReseller }
            var reply = Reply.document(changed)
            reply.isCreated = isReseller
            return reply
        }
    }

    private func create(_ call: Call) throws(APIError) -> Reply {
        let created = try kit.service(AccountsPlugin.self, for: call).create(call.fields())
        return .created(created, at: "/v2/accounts/\(created.id)")
    }
}

extension Kit {
    /// Changes what only the server knows of the account in the path.
    ///
    /// - Parameters:
    ///   - notice: what is told of it, if anything changed.
    ///   - body: is called again if somebody was faster.
    @discardableResult
    func changeAccount(
        _ call: Call,
        telling notice: String,
        _ body: (inout AccountSecrets) throws(APIError) -> Void
    ) throws(APIError) -> Published {
        guard let account = call.account else { throw .notFound }
        let id = DocumentID(account.id)
        return try amend(AccountsPlugin.self, id, for: call, telling: [Notice(notice)]) { document throws(APIError) in
            guard var secrets = AccountSecrets(document.secrets) else {
                throw .internalFault("account \(account.id) is damaged")
            }
            try body(&secrets)
            document.secrets = secrets.object
        }
    }
}
