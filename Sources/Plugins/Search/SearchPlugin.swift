//  Search: documents by the beginning of a name or a number, as people type it into a box.
//
//  Letters and digits count, case and punctuation do not. `t` says what is looked for, `q` by what, `v` for what; under
//  `multi` each `by_NAME` is a search of its own, without pages. Accounts are looked for below the caller's own, by
//  administrators.

import PluginKit

struct SearchPlugin: Plugin {
    static let name = "search"
    static let summary: String? = "Finding documents by what they are called."

    /// What can be looked for by what.
    private static let kinds: [(type: String, fields: [String], view: SearchView)] = [
        ("account", ["name", "realm", "id"], SearchView(AccountsPlugin.self, AccountsPlugin.search)),
        ("user", ["name", "number", "name_and_number"], SearchView(UsersPlugin.self, UsersPlugin.search)),
        ("callflow", ["name", "number", "name_and_number"], SearchView(CallflowsPlugin.self, CallflowsPlugin.search)),
        ("device", ["name", "number", "name_and_number"], SearchView(DevicesPlugin.self, DevicesPlugin.search)),
    ]

    /// A view of a resource by what is looked for.
    private struct SearchView: Sendable {
        let rows: @Sendable (Kit, Call, ListRequest) throws(APIError) -> Reply

        init<Resource: ResourcePlugin>(_ resource: Resource.Type, _ view: ListView) {
            rows = { kit, call, request throws(APIError) in
                try kit.service(resource, for: call)
                    .list(request, view, within: view.isSystemWide ? call.caller?.account.id : nil)
            }
        }
    }

    static func routes(kit: Kit) -> [PluginRoute] {
        let one = Route([(.get, .account(.user))]) { call throws(APIError) in try search(call, kit) }
        let many = Route([(.get, .account(.user))]) { call throws(APIError) in try searchMany(call, kit) }
        return [
            PluginRoute("/accounts/{account}/search", one), PluginRoute("/accounts/{account}/search/multi", many),
            PluginRoute("/search", one), PluginRoute("/search/multi", many),
        ]
    }

    private static func search(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        let kind = try kind(call)
        let choices = JSON.array(kind.fields.map { .string($0) })
        guard let field = call.query["q"] else { throw missing("q", target: choices) }
        guard let value = call.query["v"] else { throw missing("v") }
        guard kind.fields.contains(field) else { throw unknown("q", field, target: choices) }
        return try rows(kind.view, field, value == "true" ? "" : value, ListRequest(call), call, kit)
    }

    private static func searchMany(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        let kind = try kind(call)
        let choices = JSON.array(kind.fields.map { .string("by_\($0)") })
        let wanted = call.query.pairs.filter { $0.name.hasPrefix("by_") }
        guard !wanted.isEmpty else { throw missing("by_\(kind.fields[0])", target: choices) }
        var found = JSONObject()
        for (name, value) in wanted {
            let field = String(name.dropFirst(3))
            guard kind.fields.contains(field) else { throw unknown(name, name, target: choices) }
            guard found[field] == nil else { throw invalid(name, "uniqueItems", "Search takes \(name) only once") }
            var rows: [JSON] = []
            var request = try ListRequest(call)
            request.pageSize = ListRequest.maximumPageSize
            let reply = try self.rows(kind.view, field, value ?? "", request, call, kit)
            try reply.content.forEachRow { rows.append($0) }
            found[field] = .array(rows)
        }
        return Reply(.object(found))
    }

    private static func rows(
        _ view: SearchView,
        _ field: String,
        _ value: String,
        _ request: ListRequest,
        _ call: Call,
        _ kit: Kit
    ) throws(APIError) -> Reply {
        var request = request
        let text = value.isEmpty ? "" : SearchKey.text(value)
        request.keys = CollationKey.prefixRange([.string(field)], thenStringStartingWith: text)
        var reply = try view.rows(kit, call, request)
        guard case .rows(let rows) = reply.content else { return reply }
        // A document that several of its names or numbers lead to is shown once a page.
        var known: Set<[UInt8]> = []
        let distinct = rows.filter { known.insert($0).inserted }
        reply.content = .rows(distinct)
        reply.paging?.count = distinct.count
        return reply
    }

    private static func kind(
        _ call: Call
    ) throws(APIError) -> (type: String, fields: [String], view: SearchView) {
        let choices = JSON.array(kinds.map { .string($0.type) })
        guard let type = call.query["t"] else { throw missing("t", target: choices) }
        guard let kind = kinds.first(where: { $0.type == type }) else { throw unknown("t", type, target: choices) }
        // In the accounts below, only administrators have any rights.
        if type == AccountsPlugin.documentType, let caller = call.caller, caller.privilege < .admin { throw .forbidden }
        return kind
    }

    private static func missing(_ name: String, target: JSON? = nil) -> APIError {
        invalid(name, "required", "Search needs \(name)", target: target)
    }

    private static func unknown(_ name: String, _ cause: String, target: JSON) -> APIError {
        invalid(name, "enum", "Value not found in enumerated list of values", target: target, cause: .string(cause))
    }

    private static func invalid(
        _ name: String,
        _ rule: String,
        _ message: String,
        target: JSON? = nil,
        cause: JSON? = nil
    ) -> APIError {
        var violations = Violations()
        violations.add(path: JSONPath(elements: [name]), rule: rule, message: message, target: target, cause: cause)
        return .validation(violations.json)
    }
}

/// Under which keys documents are found.
enum SearchKey {
    /// A text as it is compared.
    static func text(_ text: String) -> String { text.alphanumericForm }

    /// The places of a document in a search view: by each of its names, by each of its numbers, and by all of them.
    static func places(names: [String?], numbers: [String?]) -> [ListView.Place] {
        func keys(_ field: String, _ texts: [String?]) -> [ListView.Place] {
            Set(texts.compactMap { $0.map(text) }).subtracting([""]).sorted().map { text in
                ListView.Place(key: .array([.string(field), .string(text)]))
            }
        }
        return keys("name", names) + keys("number", numbers) + keys("name_and_number", names + numbers)
    }
}
