//  What a schema cannot say of users: names and passwords belong together, and nobody makes himself an administrator.

import PluginKit

struct UsersValidator: Validator {
    /// What a user may do, and whom he pretends to be: not his own to decide.
    private static let administratorsFields = [
        "priv_level", "enabled", "username", "feature_level", "verified", "call_restriction", "caller_id",
        "caller_id_options", "dial_plan", "service",
    ]

    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
        var violations = Violations()
        guard let user = change.new else { return violations }
        let username = user["username"]?.string
        if let username, change.changes("username"), user["password"] == nil {
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
            for field in Self.administratorsFields where change.changes(field) {
                violations.add(
                    path: JSONPath(field),
                    rule: "forbidden",
                    message: "Only an administrator may change this"
                )
            }
        }
        return violations
    }
}
