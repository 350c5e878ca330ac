//  Kinds of dialled numbers, by which calls are restricted and dial plans made. Source: the numbering plan of North
//  America; clients expect these names.

import PluginKit

/// The kinds in the order in which they are tried; a number is of the first that fits.
enum NumberClassifiers {
    private struct Kind {
        let name: String
        let friendlyName: String
        /// Its first group is the number without what all numbers of the kind begin with.
        let pattern: String

        var json: JSONObject { ["friendly_name": .string(friendlyName), "regex": .string(pattern)] }
    }

    private static let islands = [
        "242", "246", "264", "268", "284", "340", "345", "441", "473", "649", "658", "664", "670", "671", "684", "721",
        "758", "767", "784", "787", "809", "829", "849", "868", "869", "876", "939",
    ].joined(separator: "|")

    private static let kinds = [
        Kind(
            name: "tollfree_us",
            friendlyName: "US TollFree",
            pattern: #"^\+1((?:800|833|844|855|866|877|888)\d{7})$"#
        ),
        Kind(name: "toll_us", friendlyName: "US Toll", pattern: #"^\+1(900\d{7})$"#),
        Kind(name: "emergency", friendlyName: "Emergency Dispatcher", pattern: "^(911|112)$"),
        Kind(name: "caribbean", friendlyName: "Caribbean", pattern: #"^\+1((?:\#(islands))\d{7})$"#),
        Kind(name: "did_us", friendlyName: "US DID", pattern: #"^\+1([2-9]\d{2}[2-9]\d{6})$"#),
        Kind(name: "international", friendlyName: "International", pattern: #"^\+([2-9]\d{6,14})$"#),
        Kind(name: "unknown", friendlyName: "Unknown", pattern: "^(.*)$"),
    ]

    static let listRoute = Route([(.get, .authenticated)]) { _ in
        Reply(.object(JSONObject(kinds.map { ($0.name, .object($0.json)) })))
    }

    static let itemRoute = Route([(.get, .authenticated)]) { call in
        Reply(.object(classification(of: call.arguments.last ?? "")))
    }

    /// The kind of a number with its name, the number as it was asked for, and in its one spelling.
    static func classification(of text: String) -> JSONObject {
        let number = TelephoneNumber.normalised(text)
        let kind = kinds.first { kind in
            guard let pattern = try? Regex(kind.pattern) else { return false }
            return number.firstMatch(of: pattern) != nil
        }
        var facts = kind?.json ?? [:]
        facts["name"] = kind.map { .string($0.name) }
        facts["number"] = .string(text)
        facts["e164"] = .string(number)
        return facts
    }
}
