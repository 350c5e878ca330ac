//  Accounts: the tenants, as a tree.

import PluginKit

struct AccountsPlugin: ResourcePlugin {
    static let name = "accounts"
    static let collectionPath = "/accounts"

    /// The accounts directly below one.
    static let list = ListView(
        "children",
        isSystemWide: true,
        row: ["name", "realm", "flags"],
        counted: [
            CountedField("descendants_count") { id, reader throws(APIError) in
                try reader.count(AccountsPlugin.self, descendants, within: id.text)
            }
        ]
    ) { account in
        guard let parent = AccountSecrets(account.secrets)?.ancestors.last else { return [] }
        return [ListView.Place(within: parent, key: account["name"] ?? .null)]
    }

    /// The accounts anywhere below one.
    static let descendants = ListView(
        "descendants",
        isSystemWide: true,
        row: ["name", "realm", RowField(private: "tree"), "flags"]
    ) { account in
        (AccountSecrets(account.secrets)?.ancestors ?? []).map { ancestor in
            ListView.Place(within: ancestor, key: account["name"] ?? .null)
        }
    }

    /// The accounts anywhere below one, by the beginning of a name, a realm or an id.
    static let search = ListView(
        "search",
        isSystemWide: true,
        row: ["name", "realm"],
        counted: [
            CountedField("descendants_count") { id, reader throws(APIError) in
                try reader.count(AccountsPlugin.self, descendants, within: id.text)
            }
        ]
    ) { account in
        let words = [("name", account["name"]?.string), ("realm", account["realm"]?.string), ("id", account.id.text)]
        return (AccountSecrets(account.secrets)?.ancestors ?? []).flatMap { ancestor in
            words.map { field, text in
                let key: JSON = [.string(field), .string(SearchKey.text(text ?? ""))]
                return ListView.Place(within: ancestor, key: key)
            }
        }
    }

    static let views = [descendants, search]
    static let uniqueFields = [
        UniqueField("name", in: .system, comparing: \.alphanumericForm, message: "Account name already in use"),
        UniqueField("realm", in: .system, comparing: { $0.lowercased() }, message: "Account realm already in use"),
    ]
    static let normalisations = [Normalisation("realm") { $0.filter { $0 != " " } }]
    static let reloads = ["dialplan", "sip"]
    static let service: any CRUDService = AccountsService()

    /// What only the server knows. The master account is every other account's reseller.
    static let computed = [
        ComputedField("created") { account, _ in
            account.created.map { .number(JSONNumber(Int($0 + gregorianOffset))) }
        },
        ComputedField("enabled") { account, _ in account["enabled"] ?? true },
        ComputedField("superduper_admin") { account, _ in .bool(AccountSecrets(account.secrets)?.ancestors == []) },
        ComputedField("is_reseller") { account, _ in .bool(AccountSecrets(account.secrets)?.ancestors == []) },
        ComputedField("reseller_id") { account, _ in
            AccountSecrets(account.secrets)?.ancestors.first.map { .string($0) }
        },
    ]

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = AccountsResource(kit)
        return [
            PluginRoute("/accounts", resource.collection(), .collection(schema: name)),
            PluginRoute("/accounts/{account}", resource.item(), .document(schema: name)),
            PluginRoute("/accounts/{account}/children", resource.list(list), .rows),
            PluginRoute("/accounts/{account}/descendants", resource.list(descendants), .rows),
            PluginRoute("/accounts/{account}/parents", resource.parents(), .rows),
        ]
    }

    static let examples: [JSON] = [
        ["name": "Example Company"],
        ["name": "Branch", "realm": "branch.example.com", "timezone": "Europe/Berlin", "language": "de-de"],
    ]
}
