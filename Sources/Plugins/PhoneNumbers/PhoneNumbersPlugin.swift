//  Telephone numbers: the numbers of the public network that each account has.
//
//  This is an inventory. Buying, porting, and telling a carrier of an emergency address or a caller's name are a
//  carrier's work; what is set here is kept for the switch and for whoever deals with the carrier. A number is in one
//  account of the whole server at a time. Administrators of the master account put numbers into the inventory of an
//  account; the account's administrators set their features, activate, reserve and release them.

import PluginKit

struct PhoneNumbersPlugin: ResourcePlugin {
    static let name = "phone_numbers"
    static let documentType = "number"

    static let list = ListView(
        row: [
            "state", RowField("features", value: NumberFeatures.of),
            RowField("assigned_to") { .string($0.scope.text) },
            RowField("created") { $0.created.map(JSON.gregorian) },
            RowField("updated") { $0.modified.map(JSON.gregorian) },
        ],
        counted: [
            CountedField("used_by") { number, reader throws(APIError) in try user(of: number, reader) }
        ]
    )
    /// The routes are its own; this is who makes one again that was released.
    static let access = ResourceAccess(create: .superduper)
    static let service: any CRUDService = PhoneNumbersService()
    static let validator: any Validator = PhoneNumbersValidator()
    static let computed = [
        ComputedField("features") { number, _ in NumberFeatures.of(number) },
        ComputedField("assigned_to") { number, _ in .string(number.scope.text) },
        ComputedField("used_by", dependsOnOthers: true) { number, reader throws(APIError) in
            try user(of: number.id, reader)
        },
        ComputedField("_read_only") { number, _ in
            var facts: JSONObject = ["carrier_module": "local"]
            facts["created"] = number.created.map(JSON.gregorian)
            facts["modified"] = number.modified.map(JSON.gregorian)
            facts["state"] = number["state"]
            facts["features"] = ["available": .array(NumberFeatures.all), "settings": NumberFeatures.of(number) ?? []]
            return .object(facts)
        },
    ]

    static func lookupKeys(of number: Document) -> [UniqueKey] { [key(of: number.id.text)] }

    /// What at most one document of the server holds for each number.
    static func key(of number: String) -> UniqueKey { UniqueKey(scope: .system, name: name, value: number) }

    /// What a number leads to: `callflow`, or nil.
    private static func user(of number: DocumentID, _ reader: Reader) throws(APIError) -> JSON? {
        try reader.holder(of: number.text, CallflowsPlugin.numbers, CallflowsPlugin.self) == nil ? nil : "callflow"
    }

    static func routes(kit: Kit) -> [PluginRoute] {
        let resource = PhoneNumbersResource(kit)
        let root = "/accounts/{account}/phone_numbers"
        return [
            PluginRoute("\(root)", resource.list()),
            PluginRoute("\(root)/{number}", resource.item()),
            PluginRoute("\(root)/{number}/activate", resource.action(state: "in_service"), button: "Activate"),
            PluginRoute("\(root)/{number}/reserve", resource.action(state: "reserved"), button: "Reserve"),
            PluginRoute("\(root)/{number}/identify", resource.identification()),
            PluginRoute("\(root)/fix", resource.repair()),
            PluginRoute("\(root)/fix/{number}", resource.repair()),
            PluginRoute("\(root)/collection", resource.collection()),
            PluginRoute("\(root)/collection/activate", resource.collectionActivation()),
            PluginRoute("\(root)/classifiers", NumberClassifiers.listRoute),
            PluginRoute("\(root)/classifiers/{number}", NumberClassifiers.itemRoute),
            PluginRoute("/phone_numbers/classifiers", NumberClassifiers.listRoute),
            PluginRoute("/phone_numbers/classifiers/{number}", NumberClassifiers.itemRoute),
        ] + Carriers.routes(below: root)
    }

    static let reloads = ["dialplan"]

    static let examples: [JSON] = [
        ["create_with_state": "in_service"],
        ["cnam": ["display_name": "Lighthouse"], "carrier_name": "knm_local"],
    ]
}

/// What is set up for a number.
enum NumberFeatures {
    static let all: [JSON] = ["cnam", "e911", "failover", "force_outbound", "prepend", "ringback"]

    /// The features that have settings.
    static func of(_ number: Document) -> JSON? {
        .array(
            all.filter { feature in
                guard let name = feature.string else { return false }
                switch number[name] {
                case .object(let settings)?: return !settings.isEmpty && settings["enabled"] != false
                case .bool(let isOn)?: return isOn
                default: return false
                }
            }
        )
    }
}
