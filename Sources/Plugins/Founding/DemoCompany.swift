//  A small company to try the server with: its people, their extensions and their telephones.

import PluginKit

enum DemoCompany {
    struct Person {
        let first: String
        let last: String
        let extensionNumber: String
        let kinds: [String]

        /// Also the first part of the e-mail address.
        var username: String { "\(first).\(last)".lowercased().filter { $0.isLetter || $0 == "." } }
    }

    static let name = "Lighthouse Coffee"
    static let branch = "Lighthouse Coffee Harbour Branch"

    static let people = [
        Person(first: "Amelia", last: "Okafor", extensionNumber: "1001", kinds: ["sip_device", "softphone"]),
        Person(first: "Ben", last: "Lindqvist", extensionNumber: "1002", kinds: ["sip_device"]),
        Person(first: "Carla", last: "Moreau", extensionNumber: "1003", kinds: ["sip_device", "cellphone"]),
        Person(first: "Dmitri", last: "Volkov", extensionNumber: "1004", kinds: ["sip_device"]),
        Person(first: "Elena", last: "Rossi", extensionNumber: "1005", kinds: ["softphone"]),
        Person(first: "Farid", last: "Haddad", extensionNumber: "1006", kinds: ["sip_device"]),
        Person(first: "Grace", last: "Nakamura", extensionNumber: "1007", kinds: ["sip_device", "softphone"]),
        Person(first: "Hugo", last: "Silva", extensionNumber: "1008", kinds: ["sip_device"]),
        Person(first: "Ingrid", last: "Bakker", extensionNumber: "1009", kinds: ["sip_device"]),
        Person(first: "Jamal", last: "Carter", extensionNumber: "1010", kinds: ["cellphone"]),
        Person(first: "Keiko", last: "Tanaka", extensionNumber: "1011", kinds: ["sip_device"]),
        Person(first: "Liam", last: "O'Brien", extensionNumber: "1012", kinds: ["sip_device", "softphone"]),
    ]

    static let branchPeople = [
        Person(first: "Mara", last: "Jansen", extensionNumber: "2001", kinds: ["sip_device"]),
        Person(first: "Noah", last: "Fischer", extensionNumber: "2002", kinds: ["softphone"]),
    ]
}

extension DemoCompany.Person {
    var user: JSONObject {
        [
            "first_name": .string(first),
            "last_name": .string(last),
            "username": .string(username),
            "password": .string(DocumentID.random().text),
            "email": .string("\(username)@example.com"),
            "presence_id": .string(extensionNumber),
            "timezone": "Europe/Amsterdam",
            "caller_id": ["internal": ["name": .string("\(first) \(last)"), "number": .string(extensionNumber)]],
        ]
    }

    func devices(owner: DocumentID) -> [JSONObject] {
        kinds.map { kind in
            var device: JSONObject = [
                "name": .string("\(first)'s \(Self.names[kind] ?? kind)"),
                "device_type": .string(kind),
                "owner_id": .string(owner.text),
            ]
            switch kind {
            case "cellphone":
                device["call_forward"] = ["enabled": true, "number": .string("+3120555\(extensionNumber)")]
            default:
                device["sip"] = [
                    "method": "password",
                    "username": .string("\(username).\(kind == "softphone" ? "soft" : "desk")"),
                    "password": .string(String(DocumentID.random().text.prefix(16))),
                ]
            }
            if kind == "sip_device" {
                device["mac_address"] = .string("00:15:65:00:\(extensionNumber.prefix(2)):\(extensionNumber.suffix(2))")
            }
            return device
        }
    }

    private static let names = ["sip_device": "desk phone", "softphone": "laptop", "cellphone": "mobile"]
}
