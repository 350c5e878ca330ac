//  Settings of an account for parts of a telephone system: `/accounts/{A}/configs/{NAME}`.
//
//  What an account says nothing of comes from the account above, and at last from the defaults of the schema
//  `account_config.NAME`. A client reads and writes what holds; only what differs from the account above is stored, so a
//  later change above reaches everybody who said nothing else. Only the fields of such a schema are handed down: what
//  else an account stores is its own affair. What an account demands of logins is at `/security`, and is no part of this.

import PluginKit

struct ConfigsPlugin: ResourcePlugin {
    static let name = "configs"
    static let documentType = "account_config"
    static let list = ListView(row: []) { _ in [] }
    /// The settings that the applications keep here, and change by rules of their own.
    static let reservedName = "apps_store"
    /// The settings of logins, which Crossbar keeps here too.
    fileprivate static let loginName = "crossbar.auth"
    static let service: any CRUDService = ConfigsService()

    static func routes(kit: Kit) -> [PluginRoute] {
        let methods: [(method: HTTPRequest.Method, access: Access)] = [
            (.get, .account(.user)), (.put, .account(.admin)), (.post, .account(.admin)), (.patch, .account(.admin)),
            (.delete, .account(.admin)),
        ]
        let route = Route(methods) { call throws(APIError) in try Configuration(call, kit).respond() }
        // What has a schema has a path of its own, which tells it.
        let known = kit.schemas.names.filter { $0.hasPrefix(schemaPrefix) }.map { schema in
            PluginRoute(
                RouteTemplate("/accounts/{account}/configs/\(schema.dropFirst(schemaPrefix.count))"),
                route,
                .document(schema: schema)
            )
        }
        return [PluginRoute("/accounts/{account}/configs/{account_config}", route)] + known
    }

    /// What the names of the schemas begin with; the name of the settings follows.
    fileprivate static let schemaPrefix = "account_config."

    static let examples: [JSON] = [["default_can_text_self": false], ["x_note": "of one's own"]]
}

/// Stores settings under an id that their name gives.
struct ConfigsService: CRUDService {
    /// - Parameter fields: with the name as `id`.
    func create(_ fields: JSONObject, in work: Work) throws(APIError) -> Document {
        var fields = fields
        let id = DocumentID(fields.removeValue(forKey: "id")?.string ?? "")
        return try work.save(Change(old: nil, new: work.document(id: id, fields)))
    }
}

/// One account's settings of one name at work in a call.
private struct Configuration {
    private let call: Call
    private let kit: Kit
    private let name: String
    private let id: DocumentID
    private let service: BoundService

    init(_ call: Call, _ kit: Kit) throws(APIError) {
        self.call = call
        self.kit = kit
        name = call.arguments.first ?? ""
        // The name of a part is a word: it becomes a part of an id.
        guard !name.isEmpty, name.utf8.count <= 64,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
        else { throw .badIdentifier(name) }
        id = DocumentID("configs_\(name)")
        service = try kit.service(ConfigsPlugin.self, for: call)
    }

    func respond() throws(APIError) -> Reply {
        if name == ConfigsPlugin.loginName { throw .badIdentifier(name) }
        if call.method != .get, name == ConfigsPlugin.reservedName { throw .forbidden }
        switch call.method {
        case .get: break
        case .delete: try store([:])
        case .patch:
            let merged = JSON.object(try effective()).merging(.object(try call.fields()))
            try store(difference(merged.object ?? [:], try inherited()))
        default: try store(difference(call.fields(), inherited()))
        }
        var shown = try effective()
        shown["id"] = .string(id.text)
        var reply = Reply(.object(shown))
        reply.isCreated = call.method == .put
        return reply
    }

    /// What holds for the account.
    private func effective() throws(APIError) -> JSONObject {
        let own = try stored(in: call.account?.id ?? "")?.fields ?? [:]
        return JSON.object(try inherited()).merging(.object(own)).object ?? own
    }

    /// What would hold if the account said nothing.
    private func inherited() throws(APIError) -> JSONObject {
        guard let schema else { return [:] }
        let known = schema.source["properties"]?.object ?? [:]
        var settings = schema.validate([:]).value.object ?? [:]
        for ancestor in call.account?.ancestors ?? [] {
            guard let stored = try stored(in: ancestor)?.fields else { continue }
            let theirs = JSONObject(stored.filter { known[$0.key] != nil }.map { ($0.key, $0.value) })
            settings = JSON.object(settings).merging(.object(theirs)).object ?? settings
        }
        return settings
    }

    private var schema: Schema? { kit.schemas[ConfigsPlugin.schemaPrefix + name] }

    private func stored(in account: String) throws(APIError) -> Document? {
        guard let document = try kit.directory.document(id.text, account: account),
            document.type == ConfigsPlugin.documentType
        else { return nil }
        return document
    }

    /// Stores what differs; nothing is stored of settings that do not differ.
    private func store(_ settings: JSONObject) throws(APIError) {
        if let result = schema?.validate(.object(settings)), !result.violations.isEmpty {
            throw .validation(result.violations.json)
        }
        let isStored = try stored(in: call.account?.id ?? "") != nil
        if settings.isEmpty {
            if isStored { _ = try service.delete(id) }
        } else if isStored {
            _ = try service.replace(id, with: settings)
        } else {
            var fields = settings
            fields["id"] = .string(id.text)
            _ = try service.create(fields)
        }
    }

    /// The members of `settings` that `inherited` does not have in the same way.
    private func difference(_ settings: JSONObject, _ inherited: JSONObject) -> JSONObject {
        var rest = JSONObject()
        for (name, value) in settings {
            if let inner = value.object, let theirs = inherited[name]?.object {
                let difference = difference(inner, theirs)
                if !difference.isEmpty { rest[name] = .object(difference) }
            } else if value != inherited[name] {
                rest[name] = value
            }
        }
        return rest
    }
}
