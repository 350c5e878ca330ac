//  Callflows: what happens to a call, step by step, from the number that was dialled.
//
//  Whatever answers with a whole callflow describes the documents that it names, in `metadata`; Crossbar does so when it
//  is read, and not after a change.

import PluginKit

struct CallflowsPlugin: ResourcePlugin {
    static let name = "callflows"

    static let list = ListView(
        row: [
            "name", "type", "numbers", "patterns", RowField("featurecode") { $0["featurecode"] ?? false },
            "owner_id", "group_id",
            RowField("modules") { callflow in
                .array(CallflowTree(callflow["flow"]).modules.map { .string($0) })
            },
            "flags", "ui_metadata",
        ]
    )

    static let search = ListView("search", row: ["name", "numbers"]) { callflow in
        SearchKey.places(
            names: [callflow["name"]?.string],
            numbers: callflow["numbers"]?.array?.map(\.string) ?? []
        )
    }
    /// Those that somebody is reached by, for the list of contacts.
    static let reached = ListView(
        "reached",
        row: [
            "name", "numbers", "owner_id",
            RowField("first") { callflow in
                let step = callflow["flow"]
                return ["user", "device"].contains(step?["module"]?.string) ? step?["data"]?["id"] : nil
            },
        ]
    ) { callflow in
        let isHidden = callflow["contact_list"]?["exclude"]?.bool == true
        let numbers = callflow["numbers"]?.array ?? []
        return isHidden || numbers.isEmpty ? [] : [ListView.Place(key: .string(callflow.id.text))]
    }
    static let views = [reached, search]

    static let numbers = UniqueField(
        "numbers[]",
        reportedAt: "numbers",
        comparing: TelephoneNumber.normalised,
        message: "Number already in use by another callflow",
        telling: { "Number \($0) exists in callflow \(description(of: $1))" }
    )
    static let uniqueFields = [
        numbers,
        UniqueField(
            "patterns[]",
            reportedAt: "patterns",
            message: "Pattern already in use by another callflow",
            telling: { "Pattern \($0) exists in callflow \(description(of: $1))" }
        ),
    ]

    private static func description(of callflow: Document) -> String {
        [callflow.id.text, callflow["name"]?.string].compactMap { $0 }.joined(separator: " ")
    }

    static let normalisations = [Normalisation("numbers[]", TelephoneNumber.normalised)]
    static let secretFields: [FieldPath] = ["flow.**.pin", "flow.**.password"]
    static let references = [ReferenceField("owner_id", to: "user"), ReferenceField("group_id", to: "group")]
    static let validator: any Validator = CallflowsValidator()
    static let computed = [
        ComputedField("metadata", dependsOnOthers: true) { callflow, reader throws(APIError) in
            try CallflowMetadata.of(callflow, reader)
        }
    ]
    static let reloads = ["dialplan"]

    static let examples: [JSON] = [
        ["numbers": ["1001"], "flow": ["module": "user", "data": ["id": "8d6f2b0c4e1a49758c3d9e7f6a5b4c3d"]]],
        [
            "name": "Main number", "numbers": ["+12125550100", "4000"], "patterns": ["^\\+1800555\\d{4}$"],
            "flow": [
                "module": "temporal_route", "data": ["timezone": "America/New_York"],
                "children": [
                    "_": ["module": "voicemail", "data": ["action": "compose"]],
                    "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1": ["module": "menu", "data": ["interdigit_timeout": 2_000]],
                ],
            ],
        ],
    ]
}
