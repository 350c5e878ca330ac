//  What the tests of logins share: logging in, and the codes of a second factor.

import Foundation
import Identity
import TestServer
import Testing

@testable import PluginKit

extension TestServer {
    /// Logs in with user name and password, and whatever else the data holds.
    func logIn(
        _ account: String,
        _ username: String = "admin",
        _ password: String = "secret",
        more: JSONObject = [:],
        fields: [String: String] = [:]
    ) throws -> Answer {
        var data: JSONObject = [
            "account_name": .string(account), "username": .string(username), "password": .string(password),
        ]
        for (name, value) in more { data[name] = value }
        return try send("PUT", "/v2/user_auth", JSON.object(["data": .object(data)]).text(), fields: fields)
    }

    /// Sends data without a token.
    func stranger(_ method: String, _ target: String, _ data: JSON, _ fields: [String: String] = [:]) throws -> Answer {
        try send(method, target, JSON.object(["data": data]).text(), fields: fields)
    }

    /// Makes a user without rights, and returns the id.
    func makeUser(_ tenant: Tenant, _ username: String, level: String = "user", more: JSONObject = [:]) throws -> String
    {
        var data: JSONObject = [
            "first_name": "A", "last_name": "B", "username": .string(username), "password": "secret",
            "priv_level": .string(level),
        ]
        for (name, value) in more { data[name] = value }
        return try put("/v2/accounts/\(tenant.account)/users", .object(data), tenant.adminToken).id
    }

    /// Gives a user a second factor by the user's own requests.
    ///
    /// - Returns: the generator and the recovery codes.
    func enrol(_ account: String, _ user: String, password: String = "secret") throws -> (OneTimeCode, [String]) {
        let path = "/v2/accounts/\(account)/users/\(user)/multi_factor"
        let token = try token(account, user)
        let setup = try put(path, ["password": .string(password)], token)
        let generator = try OneTimeCode(base32: (setup.data["secret"]?.string).orSurprise("\(setup.json)"))
        let code = generator.code(at: time)
        let answer = try send("POST", path, ["password": .string(password), "code": .string(code)], token)
        guard answer.status == 200, let codes = answer.data["recovery_codes"]?.array else {
            throw Surprise("\(answer.json)")
        }
        return (generator, codes.compactMap(\.string))
    }
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
