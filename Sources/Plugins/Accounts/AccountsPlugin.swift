//  Accounts: the tenants, as a tree.

import PluginKit

struct AccountsPlugin: ResourcePlugin {
    static let name = "accounts"

    /// The accounts directly below one.
    static let list = ListView("children", isSystemWide: true, row: ["name", "realm", "flags"]) { account in
        guard let parent = AccountSecrets(account.secrets)?.ancestors.last else { return [] }
        return [ListView.Place(within: parent, key: account["name"] ?? .null)]
    }

    /// The accounts anywhere below one.
    static let descendants = ListView(
        "descendants",
        isSystemWide: true,
        row: ["name", "realm", RowField("tree") { $0.secrets["tree"] }, "flags"]
    ) { account in
        (AccountSecrets(account.secrets)?.ancestors ?? []).map { ancestor in
            ListView.Place(within: ancestor, key: account["name"] ?? .null)
        }
    }

    static let views = [descendants]
    static let uniqueFields = [
        UniqueField("name", in: .system, comparing: \.alphanumericForm, message: "Account name already in use"),
        UniqueField("realm", in: .system, comparing: { $0.lowercased() }, message: "Account realm already in use"),
    ]
    static let normalisations = [Normalisation("realm") { $0.filter { $0 != " " } }]
    static let service: any CRUDService = AccountsService()
    static let itemResource: any ItemResource = AccountsItemResource()

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = ResourceDefinition(Self.self)
        return [
            PluginRoute("/accounts", AccountsResource(kit, resource).create([(.put, .account(.admin))])),
            PluginRoute("/accounts/{account}", AccountsResource(kit, resource).item()),
            PluginRoute("/accounts/{account}/children", AccountsResource(kit, resource).children()),
            PluginRoute("/accounts/{account}/descendants", AccountsResource(kit, resource).descendants()),
            PluginRoute("/accounts/{account}/parents", AccountsResource(kit, resource).parents()),
        ]
    }

    static let examples: [JSON] = [
        ["name": "Example Company"],
        ["name": "Branch", "realm": "branch.example.com", "timezone": "Europe/Berlin", "language": "de-de"],
    ]
}
