//  What a schema cannot say of users: names and passwords belong together, and nobody makes himself an administrator.

import PluginKit

struct UsersValidator: Validator {
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
        if change.changes("priv_level"), let caller = reader.caller, caller.privilege < .admin {
            violations.add(
                path: "priv_level",
                rule: "forbidden",
                message: "Only an administrator may change what a user may do"
            )
        }
        return violations
    }
}
