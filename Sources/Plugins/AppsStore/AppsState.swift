//  Which applications an account has installed, for whom, and which it may not see.

import PluginKit

/// What an account installed, and what it may not see.
struct AppsState {
    private let kit: Kit
    /// The account's own settings.
    private var own: JSONObject
    /// Ids that accounts above, or the account's settings, forbid.
    private(set) var forbidden: [String] = []

    private static let id = "configs_\(ConfigsPlugin.reservedName)"

    init(of account: AccountNode?, _ kit: Kit) throws(APIError) {
        self.kit = kit
        own = try Self.settings(of: account?.id ?? "", kit)
        for account in account?.ancestors ?? [] {
            forbidden += try Self.blacklist(Self.settings(of: account, kit))
        }
        forbidden += Self.blacklist(own)
    }

    func shows(_ app: JSONObject, _ id: String) -> Bool { app["published"] != false && !forbidden.contains(id) }

    func isInstalled(_ id: String) -> Bool { own["apps"]?[id]?.object != nil }

    /// The application with who of the account may use it.
    func merged(_ app: JSONObject, _ id: String) -> JSONObject {
        var app = app
        app["published"] = nil
        let permissions = own["apps"]?[id]
        for name in ["allowed_users", "users"] {
            if let value = permissions?[name] { app[name] = value }
        }
        return app
    }

    /// What a user may open of what is installed, by name, as a login tells it.
    ///
    /// - Parameter language: in which it is called, if it has a name in it: `en-us`.
    func applications(for user: Document, in language: String) throws(APIError) -> [JSON] {
        var found: [(name: String, app: JSON)] = []
        for (id, permissions) in own["apps"]?.object ?? [:] where Self.opens(permissions, to: user) {
            let master = kit.installation.masterAccount.text
            guard let app = try kit.directory.document(id, account: master), app.type == AppsStorePlugin.documentType,
                shows(app.fields, id)
            else { continue }
            let name = app["name"]?.string ?? ""
            var told: JSONObject = ["id": .string(id), "name": .string(name)]
            for field in ["api_url", "source_url"] { told[field] = app[field] }
            told["label"] = Self.label(of: app, in: language) ?? .string(name)
            found.append((name, .object(told)))
        }
        return found.sorted { $0.name < $1.name }.map(\.app)
    }

    private static func opens(_ permissions: JSON, to user: Document) -> Bool {
        switch permissions["allowed_users"]?.string {
        case "all"?: true
        case "admins"?: user["priv_level"] == "admin"
        case "specific"?:
            permissions["users"]?.array?.contains { ($0["id"] ?? $0).string == user.id.text } ?? false
        default: false
        }
    }

    /// Its name in a language, else in English.
    private static func label(of app: Document, in language: String) -> JSON? {
        let labels = (app["i18n"]?.object ?? [:]).map { (language: $0.key.lowercased(), label: $0.value["label"]) }
        return [language.lowercased(), "en-us"].lazy.compactMap { wanted in
            labels.first { $0.language == wanted }?.label
        }.first
    }

    /// - Parameter permissions: who may use it; nil to take it back.
    mutating func install(_ id: String, _ permissions: JSONObject?, for call: Call) throws(APIError) {
        var apps = own["apps"]?.object ?? [:]
        apps[id] = permissions.map { .object($0) }
        try store("apps", .object(apps), for: call)
    }

    mutating func forbid(_ ids: [String], for call: Call) throws(APIError) {
        let before = Self.blacklist(own)
        try store("blacklist", .array(ids.map { .string($0) }), for: call)
        forbidden = forbidden.filter { !before.contains($0) } + ids
    }

    private mutating func store(_ name: String, _ value: JSON, for call: Call) throws(APIError) {
        let isNew = own.isEmpty
        own[name] = value
        let service = try kit.service(ConfigsPlugin.self, for: call)
        if isNew {
            var fields = own
            fields["id"] = .string(Self.id)
            _ = try service.create(fields)
        } else {
            _ = try service.replace(DocumentID(Self.id), with: own)
        }
    }

    private static func settings(of account: String, _ kit: Kit) throws(APIError) -> JSONObject {
        let document = try kit.directory.document(id, account: account)
        return document?.type == ConfigsPlugin.documentType ? document?.fields ?? [:] : [:]
    }

    private static func blacklist(_ settings: JSONObject) -> [String] {
        settings["blacklist"]?.array?.compactMap(\.string) ?? []
    }
}
