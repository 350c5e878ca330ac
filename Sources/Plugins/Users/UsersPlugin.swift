//  Users: people with a name, a place in the company and, if they may log in, a password.
//
//  Nobody is mailed a password: `send_email_on_creation` does nothing. A photo is sent as what it is; Crossbar also has it
//  in base64.

import Identity
import PluginKit

struct UsersPlugin: ResourcePlugin {
    static let name = "users"

    static let list = ListView(
        row: [
            RowField("features", value: UserFeatures.of), "username", "email", "first_name", "last_name", "priv_level",
            "feature_level", "presence_id", "timezone", "call_recording", "service", "flags",
        ],
        sortedBy: ["last_name", "first_name"]
    ) { user in [ListView.Place(key: .string(sortingName(of: user)))] }

    /// Who is in a directory, with the callflow that reaches the user, by name.
    static let directoryMembers = ListView("directories", row: []) { user in
        (user["directories"]?.object ?? JSONObject()).map { directory, callflow in
            ListView.Place(within: directory, key: .string(sortingName(of: user)), fields: ["callflow_id": callflow])
        }
    }
    static let search = ListView("search", row: ["first_name", "last_name", "username"]) { user in
        let names = ["first_name", "last_name"].map { user[$0]?.string ?? "" }
        return SearchKey.places(
            names: [names.joined(), names.reversed().joined(), user["username"]?.string],
            numbers: [user["presence_id"]?.string, user["caller_id"]?["internal"]?["number"]?.string]
        )
    }

    private static func sortingName(of user: Document) -> String {
        ["last_name", "first_name"].compactMap { user[$0]?.string }.joined(separator: " ")
    }

    /// Those who can log in and rule the account.
    static let administrators = ListView("administrators", row: []) { user in
        isAdministrator(user) ? [ListView.Place(key: .string(user.id.text))] : []
    }

    static let views = [administrators, directoryMembers, search]
    static let uniqueFields = [
        UniqueField("username", message: "Username must be unique within account"),
        UniqueField("hotdesk.id", message: "Hotdesk ID must be unique within account"),
    ]
    static let secretFields: [FieldPath] = ["hotdesk.pin"]
    static let normalisations = [Normalisation("username") { $0.lowercased() }]
    static let reloads = ["dialplan", "queues", "sip"]
    static let access = ResourceAccess(write: .accountAdminOrSelf, create: .account(.admin))
    static let service: any CRUDService = UsersService()
    static let validator: any Validator = UsersValidator()

    static func lookupKeys(of user: Document) -> [UniqueKey] {
        let secrets = UserSecrets(user.secrets)
        return secrets.credentials.map { UserSecrets.lookupKey(index: $0.index, account: user.scope) }
            + (secrets.reset.map { [PasswordReset.lookupKey(digest: $0.digest)] } ?? [])
    }

    static func isAdministrator(_ user: Document) -> Bool {
        user["priv_level"]?.string == "admin" && user["enabled"]?.bool ?? true
            && !UserSecrets(user.secrets).credentials.isEmpty
    }

    static let examples: [JSON] = [
        ["first_name": "Ada", "last_name": "Lovelace"],
        [
            "first_name": "Grace", "last_name": "Hopper", "username": "grace", "password": "a compiler of her own",
            "email": "grace@example.com", "priv_level": "admin", "timezone": "America/New_York",
            "call_forward": ["enabled": true, "number": "+12125550100"],
        ],
    ]
}

/// What a list says that a user has, without showing how it is set up: what the document itself lists, and what is
/// switched on in it.
enum UserFeatures {
    static func of(_ user: Document) -> JSON? {
        let fields = JSON.object(user.fields)
        func isOn(_ path: JSONPath) -> Bool { fields.value(at: path)?.bool ?? false }
        func isSet(_ path: JSONPath) -> Bool { !(fields.value(at: path)?.string ?? "").isEmpty }
        let smart = (user["smartpbx"]?.object ?? JSONObject()).filter { $0.value["enabled"]?.bool == true }.map(\.key)
        let own: [(String, Bool)] = [
            ("hotdesk", isOn("hotdesk.enabled")),
            ("call_forward", isOn("call_forward.enabled")),
            ("call_forward_failover", isOn("call_forward.failover") && !isOn("call_forward.enabled")),
            ("caller_id", isSet("caller_id.external.number")),
            ("vm_to_email", isOn("vm_to_email_enabled")),
            ("music_on_hold", isSet("music_on_hold.media_id")),
            ("do_not_disturb", isOn("do_not_disturb.enabled")),
            ("ctu", isOn("ctu.enabled")),
            ("desktop", isOn("desktop.enabled")),
        ]
        let listed = user["features"]?.array?.compactMap(\.string) ?? []
        return .array((listed + smart + own.filter(\.1).map(\.0)).map { .string($0) })
    }
}
