//  No secret is written where it does not belong.

import Crypto
import Foundation
import JSON
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

                let forbidden = secrets.map { Data($0.utf8) } + [Data(basic.utf8)]
                var count = 0
                for name in try FileManager.default.subpathsOfDirectory(atPath: stack.data) {
                    let path = "\(stack.data)/\(name)"
                    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                        attributes[.type] as? FileAttributeType == .typeRegular
                    else { continue }
                    let content = try Data(contentsOf: URL(filePath: path))
                    count += 1
                    for (number, secret) in forbidden.enumerated() {
                        #expect(content.range(of: secret) == nil, "secret \(number) is in \(name)")
                    }
                }
                #expect(count > 5)
            }
        }
    }
}
