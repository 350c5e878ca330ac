//  Webhooks: addresses that are told of an account's changes.
//
//  The application only keeps them; the relay, which has a network, asks for those that are on, sends the requests and
//  reports what became of them. See Sources/Events.

import PluginKit

struct WebhooksPlugin: ResourcePlugin {
    static let name = "webhooks"

    static let list = ListView(
        row: [
            "hook", "name", "uri", "group", "enabled",
            RowField(private: WebhooksService.disableReason),
        ]
    )

    /// Those that are on, of all accounts, as the relay reads them.
    static let active = ListView(
        "active",
        isSystemWide: true,
        row: [
            RowField("account_id") { .string($0.scope.text) }, "uri", "http_verb", "format", "retries",
            "include_subaccounts", "custom_data",
            RowField(secret: "key") { $0["security_settings"]?["sha256_key"] },
            RowField(private: WebhooksService.since),
        ]
    ) { hook in
        hook["enabled"]?.bool == false ? [] : [ListView.Place(key: .string(hook.id.text))]
    }

    static let views = [active]
    static let computed = [
        ComputedField("disable_reason") { hook, _ in hook.secrets[WebhooksService.disableReason] }
    ]
    /// Its key is for administrators.
    static let access = ResourceAccess(read: .account(.admin))
    static let secretFields: [FieldPath] = ["security_settings.sha256_key"]
    static let service: any CRUDService = WebhooksService()
    static let validator: any Validator = WebhooksValidator()

    static func routes(kit: Kit) -> [PluginRoute] {
        guard let resource = kit.catalogue[type: documentType] else { return [] }
        let attempts = WebhookAttempts(kit)
        let collection = "/accounts/{account}/\(name)"
        return [
            PluginRoute("/\(name)", WebhookKinds.list),
            PluginRoute("/\(name)/samples", WebhookKinds.samples),
            PluginRoute("/\(name)/samples/{sample}", WebhookKinds.sample),
            PluginRoute(RouteTemplate(collection), self.collection(resource, kit)),
            PluginRoute("\(collection)/{webhook}", resource.itemRoute(kit)),
            PluginRoute("/accounts/{account}/descendants/\(name)", ofDescendants(kit)),
            PluginRoute("\(collection)/attempts", attempts.ofAccount),
            PluginRoute("\(collection)/{webhook}/attempts", attempts.ofHook),
        ]
    }

    /// The list and creation; PATCH with `re-enable` switches on all that were switched off for their failures.
    private static func collection(_ resource: ResourceDefinition, _ kit: Kit) -> Route {
        var route = resource.listRoute(kit)
        let standard = route.handle
        route.methods.append((.patch, .account(.admin)))
        route.handle = { call throws(APIError) in
            guard call.method == .patch else { return try standard(call) }
            return Reply(.rows(try enableAgain(kit.service(WebhooksPlugin.self, for: call), call)))
        }
        return route
    }

    /// PATCH with `re-enable` does the same in all accounts below.
    private static func ofDescendants(_ kit: Kit) -> Route {
        Route([(.patch, .account(.admin))]) { call throws(APIError) in
            guard let account = call.account else { throw .notFound }
            let accounts = try WebhookRows.all(
                kit.service(AccountsPlugin.self, for: call),
                call,
                AccountsPlugin.descendants,
                within: account.id
            )
            var enabled: [[UInt8]] = []
            for row in accounts {
                guard let id = row["id"]?.string else { continue }
                enabled += try enableAgain(kit.service(WebhooksPlugin.self, for: call, in: id), call)
            }
            return Reply(.rows(enabled))
        }
    }

    /// - Returns: the hooks of the service's account that were off and are on, as JSON.
    private static func enableAgain(_ service: BoundService, _ call: Call) throws(APIError) -> [[UInt8]] {
        guard try call.fields()["re-enable"]?.bool == true else {
            throw .invalid("re-enable", rule: "required", "Field is required but missing")
        }
        var enabled: [[UInt8]] = []
        for row in try WebhookRows.all(service, call, list) where row["disable_reason"] != nil {
            guard let id = row["id"]?.string else { continue }
            enabled.append(try service.merge(["enabled": true], into: DocumentID(id)).body)
        }
        return enabled
    }

    static let examples: [JSON] = [
        ["name": "Billing", "hook": "object", "uri": "https://billing.example.com/changes", "format": "json"],
        [
            "name": "New users", "hook": "object", "uri": "http://hooks.example.com/users?from=jackfield",
            "http_verb": "put", "retries": 4, "include_subaccounts": true,
            "custom_data": ["type": "user", "action": "doc_created", "department": "support"],
        ],
    ]
}

/// Rows of a view, all of them.
enum WebhookRows {
    static func all(
        _ service: BoundService,
        _ call: Call,
        _ view: ListView,
        within: String? = nil
    ) throws(APIError) -> [JSON] {
        var request = try ListRequest(call)
        request.pageSize = nil
        request.startKey = nil
        request.endKey = nil
        var rows: [JSON] = []
        try service.list(request, view, within: within).content.forEachRow { rows.append($0) }
        return rows
    }
}

/// What the schema does not say.
struct WebhooksValidator: Validator {
    /// What the relay reads stands in a row, whose fields are short.
    private static let customDataLimit = 4_000
    /// How many webhooks an account can have: each change of the account is sent to all of them.
    static let limit = 100

    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        if change.old == nil, try reader.count(WebhooksPlugin.self) >= Self.limit {
            violations.add(
                path: "hook",
                rule: "maxItems",
                message: "An account can have at most \(Self.limit) webhooks",
                target: .number(JSONNumber(Self.limit))
            )
        }
        if let data = change.new?["custom_data"], data.bytes().count > Self.customDataLimit {
            violations.add(
                path: "custom_data",
                rule: "maxLength",
                message: "The data must not be more than \(Self.customDataLimit) bytes",
                target: .number(JSONNumber(Self.customDataLimit))
            )
        }
        return violations
    }
}
