//  Logging in and out.

import Crypto
import Foundation
import JSON
import Testing

extension EndToEnd {
    @Suite struct LoginTests {
        private func login(_ stack: Stack, _ scheme: Scheme, _ data: JSON, fields: [String] = []) throws -> Answer {
            try stack.client(scheme).send(
                "PUT",
                "/v2/user_auth",
                fields: ["Content-Type: application/json"] + fields,
                body: JSON.object(["data": data]).bytes()
            )
        }

        private static let md5 = proof(Insecure.MD5.self, username: Stack.username, password: Stack.password)
        private static let sha = proof(Insecure.SHA1.self, username: Stack.username, password: Stack.password)

        /// The ways to prove a password.
        static let proofs: [JSON] = [
            ["credentials": .string(md5), "account_name": .string(Stack.accountName)],
            ["credentials": .string(md5), "method": "md5", "account_name": .string(Stack.accountName)],
            ["credentials": .string(sha), "method": "sha", "account_name": .string(Stack.accountName)],
            [
                "username": .string(Stack.username), "password": .string(Stack.password),
                "account_name": .string(Stack.accountName),
            ],
            ["credentials": .string(md5), "account_name": .string(Stack.accountName.uppercased() + " !")],
        ]

        @Test(arguments: Scheme.allCases, proofs)
        func aProofGivesAToken(scheme: Scheme, data: JSON) throws {
            let stack = try Stack.current
            let answer = try login(stack, scheme, data)
            expectSuccess(answer, 201)
            let token = try #require(answer.json["auth_token"]?.string)
            #expect(answer.data["auth_token"] == nil)
            let account = try #require(answer.data["account_id"]?.string)
            #expect(isIdentifier(account))
            #expect(answer.data["owner_id"]?.string.map { isIdentifier($0) } == true)
            #expect(answer.data["account_name"] == .string(Stack.accountName))
            for member in ["apps", "language", "cluster_id", "reseller_id", "is_reseller", "is_master_account"] {
                #expect(answer.data[member] != nil, "\(member)")
            }
            #expect(answer["location"] == nil)

            let read = try stack.client(scheme).send(
                "GET",
                "/v2/accounts/\(account)",
                fields: ["X-Auth-Token: \(token)"]
            )
            expectSuccess(read)
            #expect(read.data["id"] == .string(account))
        }

        static let wrong: [JSON] = [
            ["credentials": "00000000000000000000000000000000", "account_name": .string(Stack.accountName)],
            ["credentials": .string(md5), "method": "sha", "account_name": .string(Stack.accountName)],
            ["credentials": .string(md5), "account_name": "nobody has this name"],
            ["credentials": .string(md5)],
            ["username": .string(Stack.username), "password": "wrong", "account_name": .string(Stack.accountName)],
        ]

        @Test(arguments: Scheme.allCases, wrong)
        func whateverIsWrongTheAnswerIsTheSame(scheme: Scheme, data: JSON) throws {
            let answer = try login(try Stack.current, scheme, data)
            expectError(answer, 401, message: "invalid_credentials")
            #expect(answer.data == ["message": "invalid credentials"])
            #expect(answer.json["auth_token"] == nil)
        }

        @Test(arguments: Scheme.allCases)
        func aMissingOrUnknownWordIsNamed(scheme: Scheme) throws {
            let stack = try Stack.current
            expectError(try login(stack, scheme, [:]), 400, violation: ("credentials", "required"))
            let unknown: JSON = [
                "credentials": .string(Self.md5), "method": "x", "account_name": .string(Stack.accountName),
            ]
            expectError(try login(stack, scheme, unknown), 400, violation: ("method", "enum"))
        }

        @Test(arguments: Scheme.allCases)
        func aTokenThatIsNoneDoesNotHinderALogin(scheme: Scheme) throws {
            let answer = try login(try Stack.current, scheme, Self.proofs[0], fields: ["X-Auth-Token: junk"])
            expectSuccess(answer, 201)
        }

        @Test(arguments: Scheme.allCases)
        func onlyPutLogsIn(scheme: Scheme) throws {
            let client = try Stack.current.client(scheme)
            expectError(try client.send("GET", "/v2/user_auth"), 405, message: "invalid_method")
            expectError(try client.send("DELETE", "/v2/user_auth"), 405, message: "invalid_method")
        }

        /// The places of a token, and whether it opens the account from there.
        static let places: [(field: String?, query: String?)] = [
            ("X-Auth-Token: TOKEN", nil), ("Authorization: Bearer TOKEN", nil), (nil, "auth_token=TOKEN"),
            ("X-Auth-Token: undefined", "auth_token=TOKEN"), ("X-Auth-Token;", "auth_token=TOKEN"),
        ]

        @Test(arguments: Scheme.allCases, places.indices)
        func aTokenMayComeFromAnyOfItsPlaces(scheme: Scheme, place: Int) throws {
            let session = try Stack.current.session(scheme)
            let (field, query) = Self.places[place]
            func filled(_ text: String) -> String { text.replacing("TOKEN", with: session.token) }
            let answer = try session.client.send(
                "GET",
                "/v2/accounts/\(session.home)" + (query.map { "?" + filled($0) } ?? ""),
                fields: field.map { [filled($0)] } ?? []
            )
            expectSuccess(answer)
        }

        @Test(arguments: Scheme.allCases)
        func basicCredentialsOpenTheAccount(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme)
            func status(_ credentials: String) throws -> Int {
                let field = "Authorization: Basic " + Data(credentials.utf8).base64EncodedString()
                return try session.client.send("GET", "/v2/accounts/\(session.home)", fields: [field]).status
            }
            #expect(try status("\(session.home):\(Self.md5)") == 200)
            #expect(try status("\(session.home):\(Self.sha)") == 200)
            #expect(try status("\(session.home):\(Stack.username):\(Stack.password)") == 200)
            #expect(try status("\(session.home):\(Self.md5.reversed())") == 401)
            #expect(try status("\(session.home):\(Stack.username):wrong") == 401)
        }

        @Test func aStatedAccountMustBeTheTokens() throws {
            let session = try Stack.current.session(.http)
            expectSuccess(try session.send("GET", "", fields: ["X-Auth-Account-ID: \(session.home)"]))
            let other = try session.send("GET", "", fields: ["X-Auth-Account-ID: \(session.user)"])
            expectError(other, 401, message: "invalid_credentials")
        }

        @Test func accountIsShortForTheCallersAccount() throws {
            let session = try Stack.current.session(.http)
            let answer = try session.client.send("GET", "/v2/account", fields: ["X-Auth-Token: \(session.token)"])
            expectSuccess(answer)
            #expect(answer.data["id"] == .string(session.home))
            expectError(try session.client.send("GET", "/v2/account"), 401, message: "invalid credentials")
        }

        @Test(arguments: Scheme.allCases)
        func aTokenInTheEnvelopeCounts(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let answer = try session.client.send(
                "PUT",
                "/v2/accounts/\(session.account)/devices",
                fields: ["Content-Type: application/json"],
                body: JSON.object(["data": ["name": "phone"], "auth_token": .string(session.token)]).bytes()
            )
            expectSuccess(answer, 201)
        }

        @Test(arguments: Scheme.allCases)
        func aSecurityFieldThatCameTwiceIsRefused(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme)
            expectError(try session.send("GET", "", fields: ["X-Auth-Token: \(session.token)"]), 400)
        }

        @Test(arguments: Scheme.allCases)
        func aTokenThatLoggedOutIsRefused(scheme: Scheme) throws {
            let stack = try Stack.current
            let session = try stack.logIn(scheme)
            let field = "X-Auth-Token: \(session.token)"
            expectSuccess(try session.send("GET", ""))
            let answer = try session.client.send("DELETE", "/v2/token_auth", fields: [field])
            #expect(answer.status == 200, "\(answer)")
            expectError(try session.send("GET", ""), 401, message: "invalid_credentials")
            // The others stay.
            expectSuccess(try stack.session(scheme).send("GET", ""))
        }

        @Test(arguments: Scheme.allCases)
        func aChangedPasswordEndsTheOldToken(scheme: Scheme) throws {
            let stack = try Stack.current
            let owner = try stack.session(scheme).withNewAccount()
            let name = try #require(try owner.send("GET", "").data["name"]?.string)
            let username = uniqueName("user")
            func document(_ password: String) -> JSON {
                [
                    "first_name": "Ada", "last_name": "Lovelace", "username": .string(username),
                    "password": .string(password), "priv_level": "admin",
                ]
            }
            let id = try owner.create("/users", document("first password"))
            let user = try stack.logIn(scheme, account: name, username: username, password: "first password")
            #expect(user.user == id)
            expectSuccess(try user.send("GET", "/users/\(id)"))

            expectSuccess(try owner.send("POST", "/users/\(id)", ["data": document("second password")]))
            expectError(try user.send("GET", "/users/\(id)"), 401, message: "invalid_credentials")
            #expect(throws: Surprise.self) {
                try stack.logIn(scheme, account: name, username: username, password: "first password")
            }
            let again = try stack.logIn(scheme, account: name, username: username, password: "second password")
            expectSuccess(try again.send("GET", "/users/\(id)"))
        }
    }
}
