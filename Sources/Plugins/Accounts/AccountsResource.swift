//  HTTP in and out of accounts: an account is its own item, and the collection of those below it.

import PluginKit

/// The routes of accounts.
struct AccountsResource: Sendable {
    private let kit: Kit
    private let resource: ResourceDefinition

    init(_ kit: Kit, _ resource: ResourceDefinition) {
        self.kit = kit
        self.resource = resource
    }

    /// Creates an account below the one in the path, or else below the caller's.
    func create(_ methods: [(method: HTTPRequest.Method, access: Access)]) -> Route {
        Route(methods) { call throws(APIError) in
            guard let parent = call.account ?? call.caller?.account else { throw .invalidCredentials }
            let stored = try kit.service(resource, for: call, in: parent.id).create(call.fields())
            var reply = Reply.created(stored, at: "/v2/accounts/\(stored.id)")
            reply.content = .value(try AccountsItemResource.shown(stored))
            return reply
        }
    }

    /// One account; a new account is put into it. The master account cannot be deleted.
    func item() -> Route {
        let create = create([])
        let item = resource.itemRoute(kit)
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.put, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]
        return Route(methods) { call throws(APIError) in
            if call.method == .put { return try create.handle(call) }
            if call.method == .delete, call.account?.isMaster == true {
                throw .methodNotAllowed(allowed: methods.map(\.method).filter { $0 != .delete })
            }
            return try item.handle(call)
        }
    }

    func children() -> Route {
        list(AccountsPlugin.list) { row, service throws(APIError) in
            guard let id = row["id"]?.string else { return }
            row["descendants_count"] = .number(
                JSONNumber(try service.count(AccountsPlugin.descendants, within: id))
            )
        }
    }

    func descendants() -> Route { list(AccountsPlugin.descendants) { _, _ in } }

    /// The accounts above, the eldest first; nothing above the caller's own is shown.
    func parents() -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            let ancestors = call.account?.ancestors ?? []
            let visible = call.caller.flatMap { ancestors.firstIndex(of: $0.account.id) } ?? ancestors.endIndex
            var rows: [[UInt8]] = []
            for id in ancestors[visible...] {
                let stored = try kit.service(resource, for: call, in: id).read(DocumentID(id))
                let name = (try? JSON(parsing: stored.body))?["name"] ?? .null
                rows.append(JSON.object(["id": .string(id), "name": name]).bytes())
            }
            return Reply(.rows(rows))
        }
    }

    private func list(
        _ view: ListView,
        decorating: @escaping @Sendable (inout JSONObject, BoundService) throws(APIError) -> Void
    ) -> Route {
        Route([(.get, .account(.user))]) { call throws(APIError) in
            let service = kit.service(resource, for: call)
            var reply = try service.list(ListRequest(call), view, within: call.account?.id)
            guard case .rows(let rows) = reply.content else { return reply }
            var decorated: [[UInt8]] = []
            for row in rows {
                guard var object = (try? JSON(parsing: row))?.object else { continue }
                try decorating(&object, service)
                decorated.append(JSON.object(object).bytes())
            }
            reply.content = .rows(decorated)
            return reply
        }
    }
}

/// One account, with what the server knows of it.
struct AccountsItemResource: ItemResource {
    func get(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        try reply(service.read(id))
    }

    func post(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        try reply(service.replace(id, with: call.fields()))
    }

    func patch(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        try reply(service.merge(call.fields(), into: id))
    }

    func delete(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        guard try service.count(AccountsPlugin.list, within: id.text) == 0 else { throw .accountHasDescendants }
        return .deleted(try service.delete(id))
    }

    private func reply(_ stored: StoredDocument) throws(APIError) -> Reply {
        var reply = Reply.document(stored)
        reply.content = .value(try Self.shown(stored))
        return reply
    }

    /// The fields that only the server knows; a client that sends them back changes nothing.
    static let serverFields = ["created", "superduper_admin", "is_reseller", "reseller_id", "descendants_count"]

    /// The account's document with them. The master account is every other account's reseller.
    static func shown(_ stored: StoredDocument) throws(APIError) -> [UInt8] {
        let account = try Document(stored)
        guard let ancestors = AccountSecrets(account.secrets)?.ancestors else {
            throw .internalFault("account \(account.id) is damaged")
        }
        var fields = account.fields
        fields["id"] = .string(account.id.text)
        fields["enabled"] = account["enabled"] ?? true
        fields["created"] = .number(JSONNumber(Int(stored.created + gregorianOffset)))
        fields["superduper_admin"] = .bool(ancestors.isEmpty)
        fields["is_reseller"] = .bool(ancestors.isEmpty)
        fields["reseller_id"] = ancestors.first.map { .string($0) }
        return JSON.object(fields).bytes()
    }
}
