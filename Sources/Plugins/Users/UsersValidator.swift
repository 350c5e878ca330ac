//  What a schema cannot say of users: names and passwords belong together, and people decide little about themselves.

import PluginKit

struct UsersValidator: Validator {
    /// What users decide about themselves: how they are called, reached and disturbed, and what their screens remember.
    /// Everything else, known or unknown, is for administrators.
    private static let ownFields: Set<String> = [
        "first_name", "last_name", "pronounced_name", "email", "password", "profile", "timezone", "language",
        "call_forward", "do_not_disturb", "call_waiting", "voicemail", "vm_to_email_enabled", "music_on_hold",
        "ringtones", "contact_list", "appList", "ui_flags", "ui_help", "ui_metadata",
    ]

    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        guard let user = change.new else { return violations }
        let username = user["username"]?.string
        if let username, change.changes("username"), user["password"] == nil, !change.isRestoration {
            violations.add(
                path: "password",
                rule: "required",
                message: "The password must be provided when creating / updating the user name",
                cause: .string(username)
            )
        }
        if user["password"] != nil, username == nil {
            violations.add(
                path: "username",
                rule: "required",
                message: "The user name must be provided with the password"
            )
        }
        if let caller = reader.caller, caller.privilege < .admin {
            for field in change.changedFields where change.changes(field) && !Self.isOwn(field, of: user) {
                violations.add(
                    path: JSONPath(field),
                    rule: "forbidden",
                    message: "Only an administrator may change this"
                )
            }
        }
        return violations
    }

    /// Who gives himself a new password has done what he was asked to.
    private static func isOwn(_ field: String, of user: Document) -> Bool {
        guard field == "require_password_update" else { return ownFields.contains(field) }
        return user["password"] != nil && user[field]?.bool != true
    }
}
