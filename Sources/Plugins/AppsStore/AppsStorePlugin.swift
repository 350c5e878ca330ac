//  The applications of the browser client: which there are, and who of an account may use which.
//
//  Applications are documents of the master account; its administrators put them in with `PUT /accounts/{A}/apps_store`,
//  which replaces one of the same name. What an account installs, and what an account may not see, stands among its
//  settings of the name `apps_store`; what is forbidden to an account is forbidden to those below it. Its icon and its
//  screenshots anybody may see.

import PluginKit

struct AppsStorePlugin: ResourcePlugin {
    static let name = "apps_store"
    static let summary: String? = "The applications that an account's people may use, and who among them."
    static let documentType = "app"
    static let schemaName = "app"
    static let list = ListView(
        key: ["name"],
        row: [
            "name", "i18n", "tags", "api_url", "source_url", "allowed_users", "users", "masqueradable", "phase",
            "extends", "published", RowField("account_id") { .string($0.scope.text) },
        ]
    )
    static let byName = UniqueField("name", in: .system, message: "There is an application of this name")
    static let uniqueFields = [byName]

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = AppsStoreResource(kit)
        let root = "/accounts/{account}/apps_store"
        return [
            PluginRoute("\(root)", resource.collection()),
            PluginRoute("\(root)/blacklist", resource.blacklist()),
            PluginRoute("\(root)/{app}", resource.item()),
            PluginRoute("\(root)/{app}/icon", resource.picture { _ in "icon" }, pictures),
            PluginRoute("\(root)/{app}/screenshot/{number}", resource.picture(AppsStoreResource.screenshot), pictures),
        ]
    }

    private static let pictures = RouteContent.file(mediaTypes: AppsStoreResource.mediaTypes, schema: schemaName)

    static let examples: [JSON] = [
        [
            "name": "accounts", "api_url": "https://phones.example.com/v2/", "author": "Lighthouse", "version": "1.0",
            "license": "-", "price": 0, "icon": "accounts.png",
            "i18n": ["en-US": ["label": "Accounts", "description": "Manages accounts."]],
        ],
        [
            "name": "voip", "api_url": "https://phones.example.com/v2/", "author": "Lighthouse", "version": "1.0",
            "license": "-", "price": 0, "icon": "voip.png", "tags": ["voip"], "phase": "gold",
            "i18n": ["en-US": ["label": "Telephones", "description": "Manages a small company's telephones."]],
        ],
    ]
}
