//  No secret is written where it does not belong.

import Crypto
import Foundation
import Identity
import JSON
import TestServer
import Testing

extension EndToEnd {
    @Suite struct SecrecyTests {
        /// Uses secrets in every place and in every wrong way, then reads every file of the data directory.
        @Test func noFileHoldsATokenOrAPassword() throws {
            try Stack.withOwn { stack in
                let session = try stack.session(.http)
                let password = uniqueName("a password like ")
                let username = uniqueName("user")
                let user: JSON = [
                    "first_name": "A", "last_name": "B", "username": .string(username), "password": .string(password),
                ]
                let id = try session.create("/users", user)
                let second = try stack.logIn(.https, username: username, password: password)
                let secrets = [
                    session.token, second.token, password, Stack.password,
                    proof(Insecure.MD5.self, username: username, password: password),
                    proof(Insecure.SHA1.self, username: username, password: password),
                    proof(Insecure.MD5.self, username: Stack.username, password: Stack.password),
                ]
                let basic = Data("\(session.home):\(secrets[4])".utf8).base64EncodedString()

                let home = "/v2/accounts/\(session.home)"
                let client = session.client
                for path in [home, "\(home)/nosuch", "\(home)/users/\(id)/../x", "/v2/user_auth/\(session.token)"] {
                    for secret in secrets {
                        let encoded = secret.replacing(" ", with: "%20")
                        _ = try client.send("GET", "\(path)?auth_token=\(encoded)&verb=DELETE&\(encoded)")
                        _ = try client.send("GET", path, fields: ["X-Auth-Token: \(secret)", "Referer: /?\(encoded)"])
                        _ = try client.send("GET", path, fields: ["Authorization: Bearer \(secret)"])
                        _ = try client.send(
                            "GET",
                            path,
                            fields: ["X-Auth-Token: \(secret)", "X-Auth-Token: \(secret)"]
                        )
                        _ = try client.send("FOO", path, fields: ["Authorization: Basic \(basic)"])
                        _ = try client.send(
                            "PUT",
                            "/v2/user_auth",
                            fields: ["Content-Type: application/json"],
                            body: Array(#"{"auth_token":"\#(secret)","data":{"credentials":"\#(secret)","#.utf8)
                        )
                        _ = try client.send(
                            "PUT",
                            "\(home)/users",
                            fields: ["Content-Type: application/json", "X-Auth-Token: \(session.token)"],
                            body: Array(#"{"data":{"username":7,"password":"\#(secret)"}}"#.utf8)
                        )
                    }
                }
                expectSuccess(try second.send("GET", "/users/\(id)"))
                expectSuccess(try session.send("POST", "/users/\(id)", ["data": user]))
                try stack.stop()

                let forbidden = secrets.enumerated().map { (name: "\($0.offset)", text: $0.element) }
                try expectNone(of: forbidden + [("basic", basic)], in: stack)
            }
        }

        /// What the server itself gave away, each once.
        private struct Given {
            let stack: Stack
            let session: Session
            var secrets: [(name: String, text: String)] = []

            mutating func add(_ name: String, _ text: String?) throws {
                secrets.append((name, try #require(text, "\(name)")))
            }

            func json(_ method: String, _ target: String, _ envelope: JSON, _ fields: [String] = []) throws -> Answer {
                try session.client.send(
                    method,
                    target,
                    fields: ["Content-Type: application/json"] + fields,
                    body: envelope.bytes()
                )
            }
        }

        @Test func noFileHoldsWhatTheServerGaveAway() throws {
            try Stack.withOwn { stack in
                var given = Given(stack: stack, session: try stack.session(.http))
                let session = given.session
                try given.add("API key", session.send("GET", "/api_key").data["api_key"]?.string)
                try given.add("token of the key", logInByKey(given).json["auth_token"]?.string)
                try giveSecondFactor(&given)
                try giveReset(&given)
                try giveCookie(&given)
                let hook: JSON = [
                    "name": "x", "hook": "object", "uri": "https://hooks.example.com/x",
                    "security_settings": ["sha256_key": .string(uniqueName("a key of a hook "))],
                ]
                _ = try session.create("/webhooks", hook)
                let key = hook["security_settings"]?["sha256_key"]?.string

                for (_, secret) in given.secrets + [("hook", key ?? "")] { try misuse(secret, given) }
                try stack.stop()
                #expect(given.secrets.count >= 16)
                try expectNone(of: given.secrets, in: stack)
                // A webhook's key is in its document, for the relay; it is in no log.
                try expectNone(of: [("webhook's key", try #require(key))], in: stack, below: "logs/")
            }
        }

        private func logInByKey(_ given: Given) throws -> Answer {
            let key = try #require(given.secrets.first?.text)
            return try given.json("PUT", "/v2/api_auth", ["data": ["api_key": .string(key)]])
        }

        /// A user with a second factor, who logs in with a recovery code.
        private func giveSecondFactor(_ given: inout Given) throws {
            let password = "the password of one with a factor"
            let user: JSON = [
                "first_name": "A", "last_name": "B", "username": "ada", "password": .string(password),
                "email": "ada@example.com",
            ]
            let id = try given.session.create("/users", user)
            let own = try given.stack.logIn(.http, username: "ada", password: password)
            let path = "/users/\(id)/multi_factor"
            let setup = try own.send("PUT", path, ["data": ["password": .string(password)]]).data
            try given.add("generator", setup["secret"]?.string)
            let generator = try OneTimeCode(base32: try #require(given.secrets.last?.text))
            let code = generator.code(at: Int64(Date().timeIntervalSince1970))
            let done = try own.send("POST", path, ["data": ["password": .string(password), "code": .string(code)]])
            let codes = try #require(done.data["recovery_codes"]?.array, "\(done)")
            for code in codes { try given.add("recovery code", code.string) }
            let login: JSON = [
                "username": "ada", "password": .string(password), "account_name": .string(Stack.accountName),
            ]
            let first = try given.json("PUT", "/v2/user_auth", ["data": login])
            let pending = first.data["multi_factor_request"]?["settings"]?["token"]?.string
            try given.add("first step", pending)
            let second: JSON = ["multi_factor_token": .string(pending ?? ""), "multi_factor_response": codes[0]]
            try given.add("token", given.json("PUT", "/v2/user_auth", ["data": second]).json["auth_token"]?.string)
        }

        /// A letter about a forgotten password, which a mailer takes away.
        private func giveReset(_ given: inout Given) throws {
            let data: JSON = [
                "username": "ada", "account_name": .string(Stack.accountName), "ui_url": "https://ui.example/reset",
            ]
            expectSuccess(try given.json("PUT", "/v2/user_auth/recovery", ["data": data]), 201)
            let folder = "\(given.stack.data)/notices"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            let letter = try JSON(parsing: Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            try given.add("reset id", letter["reset_id"]?.string)
        }

        /// A browser's session, with the text that its changes bring.
        private func giveCookie(_ given: inout Given) throws {
            let client = given.stack.client(.https)
            let form =
                "data.account_name=\(Stack.accountName)&data.username=\(Stack.username)&verb=put&accept=text/html"
                + "&data.password=\(Stack.password.replacing(" ", with: "+"))"
            let answer = try client.send(
                "POST",
                "/v2/user_auth",
                fields: ["Content-Type: application/x-www-form-urlencoded", "Sec-Fetch-Site: same-origin"],
                body: Array(form.utf8)
            )
            let cookie = try #require(answer["set-cookie"]?.split(separator: ";").first.map(String.init), "\(answer)")
            try given.add("cookie", cookie.split(separator: "=", maxSplits: 1).last.map(String.init))
            let info = try client.send("GET", "/v2/token_auth", fields: ["Cookie: \(cookie)"])
            try given.add("csrf", info.data["csrf"]?.string)
        }

        /// Sends a secret where it belongs, and where it does not.
        private func misuse(_ secret: String, _ given: Given) throws {
            let home = "/v2/accounts/\(given.session.home)"
            let encoded = secret.replacing(" ", with: "%20")
            let client = given.session.client
            for path in [home, "/v2/schemas"] {
                for field in [
                    "X-Auth-Token: \(secret)", "Authorization: Bearer \(secret)", "Cookie: __Host-jackfield=\(secret)",
                    "X-CSRF-Token: \(secret)", "Referer: https://x.example/?\(encoded)",
                ] {
                    _ = try client.send("GET", path, fields: [field])
                }
                _ = try client.send("GET", "\(path)?auth_token=\(encoded)&token=\(encoded)&recovery=\(encoded)")
            }
            for (method, target, name) in [
                ("PUT", "/v2/user_auth", "multi_factor_response"), ("PUT", "/v2/user_auth", "multi_factor_token"),
                ("POST", "/v2/user_auth/recovery", "reset_id"), ("PUT", "/v2/api_auth", "api_key"),
                ("POST", "/v2/auth/tokeninfo", "token"), ("PUT", "/v2/user_auth", "credentials"),
            ] {
                let data: JSON = [name: .string(secret), "account_name": .string(Stack.accountName)]
                _ = try given.json(method, target, ["data": data])
                let broken = JSON.object(["data": data]).bytes().dropLast()
                _ = try client.send(
                    method,
                    target,
                    fields: ["Content-Type: application/json"],
                    body: Array(broken)
                )
            }
        }

        /// Reads every file that the stack has written, and expects none of some texts in them.
        ///
        /// - Parameter folder: where; everything, if it is empty.
        private func expectNone(
            of secrets: [(name: String, text: String)],
            in stack: Stack,
            below folder: String = ""
        ) throws {
            let forbidden = secrets.map { ($0.name, Data($0.text.utf8)) }
            var count = 0
            for name in try FileManager.default.subpathsOfDirectory(atPath: stack.data) where name.hasPrefix(folder) {
                let path = "\(stack.data)/\(name)"
                guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                    attributes[.type] as? FileAttributeType == .typeRegular
                else { continue }
                let content = try Data(contentsOf: URL(filePath: path))
                count += 1
                for (secret, bytes) in forbidden {
                    #expect(content.range(of: bytes) == nil, "\(secret) is in \(name)")
                }
            }
            #expect(count >= (folder.isEmpty ? 6 : 1))
        }
    }
}
