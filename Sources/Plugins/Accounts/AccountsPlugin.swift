//  Accounts: the tenants, as a tree.
//
//  POST replaces, as everywhere; Crossbar's merges, and cannot take a field away. What is told of an account besides its
//  fields can not be set, and its key is told to administrators who ask with `include_api_key=true`. There are no trials,
//  and all mail is made in one way, so `trial_time_left` and `notification_preference` are never there. Nobody is mailed
//  that an account was made; its event tells. An account below one that is switched off is off as long as that is, and
//  keeps its own `enabled`.

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
        ],
        sortedBy: ["name"]
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
    static let realm = UniqueField(
        "realm",
        in: .system,
        comparing: { $0.lowercased() },
        message: "Account realm already in use"
    )
    static let uniqueFields = [
        UniqueField("name", in: .system, comparing: \.alphanumericForm, message: "Account name already in use"),
        realm,
    ]
    static let normalisations = [Normalisation("realm") { $0.filter { $0 != " " } }]
    static let reloads = ["dialplan", "sip"]
    static let service: any CRUDService = AccountsService()

    /// What only the server knows.
    static let computed = [
        ComputedField("created") { account, _ in
            account.created.map(JSON.gregorian)
        },
        ComputedField("superduper_admin") { account, _ in .bool(AccountSecrets(account.secrets)?.ancestors == []) },
        // Nothing is charged here, and numbers come from the master account's administrators.
        ComputedField("billing_mode") { _, _ in "manual" },
        ComputedField("wnm_allow_additions") { _, _ in false },
        ComputedField("is_reseller") { account, _ in .bool(isReseller(account)) },
        ComputedField("reseller_id", dependsOnOthers: true) { account, reader throws(APIError) in
            try reseller(of: account, reader).map { .string($0) }
        },
        // Not shown, and not stored when a client sends them.
        ComputedField("api_key") { _, _ in nil },
        ComputedField("notification_preference") { _, _ in nil },
        ComputedField("trial_time_left") { _, _ in nil },
    ]

    /// The account whose customer one is: the nearest reseller above, else the master account; nil for that itself.
    static func reseller(of account: Document, _ reader: Reader) throws(APIError) -> String? {
        let ancestors = AccountSecrets(account.secrets)?.ancestors ?? []
        for id in ancestors.reversed() {
            if let above = try reader.account(DocumentID(id)), isReseller(above) { return id }
        }
        return ancestors.first
    }

    /// Whether the accounts below are an account's own customers; in the end they are the master account's.
    static func isReseller(_ account: Document) -> Bool {
        AccountSecrets(account.secrets).map { $0.isReseller || $0.ancestors.isEmpty } ?? false
    }

    /// The key by which the account itself logs in.
    static func lookupKeys(of account: Document) -> [UniqueKey] {
        AccountSecrets(account.secrets)?.apiKey.map { [StoredAPIKey.lookupKey(digest: $0.digest)] } ?? []
    }

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = AccountsResource(kit)
        return [
            PluginRoute("/accounts", resource.collection(), .collection(schema: name)),
            PluginRoute("/accounts/{account}", resource.item(), .document(schema: name)),
            PluginRoute("/accounts/{account}/children", resource.list(list), .rows),
            PluginRoute("/accounts/{account}/descendants", resource.list(descendants), .rows),
            PluginRoute("/accounts/{account}/parents", resource.line(), .rows),
            PluginRoute("/accounts/{account}/tree", resource.line(), .rows),
            PluginRoute("/accounts/{account}/siblings", resource.siblings(), .rows),
            PluginRoute(
                "/accounts/{account}/api_key",
                resource.apiKey(),
                button: "Make a new key and end all sessions"
            ),
            PluginRoute("/accounts/{account}/move", resource.move()),
            PluginRoute("/accounts/{account}/reseller", resource.reseller()),
        ]
    }

    static let examples: [JSON] = [
        ["name": "Example Company"],
        ["name": "Branch", "realm": "branch.example.com", "timezone": "Europe/Berlin", "language": "de-de"],
    ]
}
