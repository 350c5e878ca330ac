//  What is wrong is refused, with an answer that helps, and nothing is stored.

import JSON
import Testing

extension EndToEnd {
    @Suite struct RefusalTests {
        /// Sends a body as it is, and expects that it changed nothing.
        private func send(
            _ body: String,
            _ session: Session,
            contentType: String = "application/json"
        ) throws -> Answer {
            let answer = try session.client.send(
                "PUT",
                "/v2/accounts/\(session.account)/devices",
                fields: ["X-Auth-Token: \(session.token)", "Content-Type: \(contentType)"],
                body: Array(body.utf8)
            )
            #expect(try session.send("GET", "/devices").ids.isEmpty)
            return answer
        }

        /// A body, and the violation that it must be told of.
        static let bodies: [(body: String, path: String, rule: String)] = [
            (#"{"data":"#, "json", "invalid"),
            (#"{"data":{"name":"phone"},}"#, "json", "invalid"),
            (#"{"data":{"name":"phone","name":"desk"}}"#, "json", "invalid"),
            (#"{"data":{"name":"\ud800"}}"#, "json", "invalid"),
            (#"{"data":{"name":"phone"}} more"#, "json", "invalid"),
            (
                #"{"data":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}", "json",
                "invalid"
            ),
            ("[]", "json", "invalid"),
            ("1", "json", "invalid"),
            ("name=phone", "json", "invalid"),
            (#"{"name":"phone"}"#, "data", "required"),
            (#"{"data":null}"#, "data", "required"),
            (#"{"data":"phone"}"#, "data", "type"),
            (#"{"data":7}"#, "data", "type"),
            (#"{"data":{}}"#, "name", "required"),
            (#"{"data":{"name":7}}"#, "name", "type"),
            (#"{"data":{"name":"phone","enabled":"perhaps"}}"#, "enabled", "type"),
            (#"{"data":{"name":"phone","sip":{"method":"nonsense"}}}"#, "sip.method", "enum"),
            (#"{"data":{"name":""}}"#, "name", "minLength"),
        ]

        @Test(arguments: Scheme.allCases, bodies.indices)
        func aBadBodyIsToldWhatIsWrong(scheme: Scheme, index: Int) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let row = Self.bodies[index]
            let answer = try send(row.body, session)
            expectError(answer, 400, message: "validation error", violation: (row.path, row.rule))
        }

        @Test(arguments: Scheme.allCases)
        func allViolationsAreToldAtOnce(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let answer = try send(#"{"data":{"name":7,"enabled":"perhaps","ringtones":1}}"#, session)
            for path in ["name", "enabled", "ringtones"] {
                expectError(answer, 400, violation: (path, "type"))
            }
        }

        @Test func aReplacementThatIsRefusedLeavesTheOld() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let item = "/devices/" + (try session.create("/devices", ["name": "phone"]))
            let before = try session.send("GET", item)
            expectError(try session.send("POST", item, ["data": ["name": 7]]), 400, violation: ("name", "type"))
            expectError(
                try session.send("PATCH", item, ["data": ["name": .null]]),
                400,
                violation: ("name", "required")
            )
            let after = try session.send("GET", item)
            #expect(after.data == before.data)
            #expect(after.json["revision"] == before.json["revision"])
        }

        @Test(arguments: Scheme.allCases)
        func aBodyOfAnotherTypeIsRefused(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            expectError(try send(#"{"data":{"name":"phone"}}"#, session, contentType: "text/weird"), 415)
        }

        @Test func aBodyWithoutATypeIsJSON() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let answer = try session.client.send(
                "PUT",
                "/v2/accounts/\(session.account)/devices",
                fields: ["X-Auth-Token: \(session.token)", "Content-Type:"],
                body: Array(#"{"data":{"name":"phone"}}"#.utf8)
            )
            expectSuccess(answer, 201)
        }

        @Test(arguments: Scheme.allCases, DocumentKind.all)
        func anUnknownIDIsNamed(scheme: Scheme, kind: DocumentKind) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let unknown = "0123456789abcdef0123456789abcdef"
            for method in ["GET", "POST", "PATCH", "DELETE"] {
                let envelope: JSON? = method == "GET" || method == "DELETE" ? nil : ["data": kind.document()]
                let answer = try session.send(method, "/\(kind.collection)/\(unknown)", envelope)
                expectError(answer, 404, message: "bad_identifier")
                #expect(answer.data["cause"] == .string(unknown))
            }
        }

        /// Below the account: path, status, message.
        static let places: [(String, Int, String)] = [
            ("/nosuch", 404, "not_found"), ("/users/x/nosuch", 404, "not_found"),
            ("/users/..%2f..%2fetc", 404, "bad_identifier"), ("/users/%00", 400, ""), ("/users/%zz", 400, ""),
            ("//users", 404, ""),
        ]

        @Test(arguments: Scheme.allCases, places)
        func aPlaceThatIsNotThere(scheme: Scheme, place: (String, Int, String)) throws {
            let session = try Stack.current.session(scheme)
            let message = place.2.isEmpty ? nil : place.2
            expectError(try session.send("GET", place.0), place.1, message: message, isOurs: place.1 != 400)
        }

        @Test func otherVersionsAreRefused() throws {
            let client = try Stack.current.client(.http)
            let gone = try client.send("GET", "/v1/accounts")
            expectError(gone, 410, message: "gone")
            expectError(try client.send("GET", "/foo"), 404, message: "not_found")
            #expect(try client.send("GET", "/").status == 200)
        }

        @Test(arguments: Scheme.allCases)
        func withoutATokenNothingIsTold(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme)
            let existing = try session.create("/devices", ["name": "phone"])
            let paths = [
                "/v2/accounts/\(session.home)", "/v2/accounts/\(session.home)/devices/\(existing)",
                "/v2/accounts/0123456789abcdef0123456789abcdef", "/v2/accounts/\(session.home)/users",
            ]
            for path in paths {
                let answer = try session.client.send("GET", path)
                expectError(answer, 401, message: "invalid_credentials")
                #expect(answer.json["version"] == nil)
                #expect(answer.json["auth_token"] == nil)
            }
        }

        @Test(arguments: Scheme.allCases, ["junk", "a.b.c", "....", "\u{e9}"])
        func aTokenThatIsNoneIsNoToken(scheme: Scheme, token: String) throws {
            let session = try Stack.current.session(scheme)
            let path = "/v2/accounts/\(session.home)"
            let answer = try session.client.send("GET", path, fields: ["X-Auth-Token: \(token)"])
            expectError(answer, 401, message: "invalid_credentials")
        }

        @Test func aTokenWithOneOtherCharacterIsNoToken() throws {
            let session = try Stack.current.session(.http)
            let characters = Array(session.token)
            for position in stride(from: 0, to: characters.count, by: 17) {
                var changed = characters
                changed[position] = changed[position] == "A" ? "B" : "A"
                let answer = try session.client.send(
                    "GET",
                    "/v2/accounts/\(session.home)",
                    fields: ["X-Auth-Token: \(String(changed))"]
                )
                #expect(answer.status == 401)
            }
        }

        @Test(arguments: Scheme.allCases)
        func anAccountIDThatIsNone(scheme: Scheme) throws {
            var session = try Stack.current.session(scheme)
            session.account = "abc"
            expectError(try session.send("GET", ""), 404, message: "bad identifier")
            session.account = "0123456789abcdef0123456789abcdef"
            expectError(try session.send("GET", ""), 404, message: "bad_identifier")
        }

        @Test(arguments: Scheme.allCases)
        func aBodyOfTwentyMegabytesIsTooLarge(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let name = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000_000)
            let answer = try session.client.send(
                "PUT",
                "/v2/accounts/\(session.account)/devices",
                fields: ["X-Auth-Token: \(session.token)", "Content-Type: application/json"],
                body: Array(#"{"data":{"name":""#.utf8) + name + Array(#""}}"#.utf8)
            )
            expectError(answer, 413, isOurs: false)
            #expect(try session.send("GET", "/devices").ids.isEmpty)
        }

        @Test(arguments: Scheme.allCases)
        func aBodyJustAboveTheLimitIsToldTheLimit(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let body = #"{"data":{"name":""# + String(repeating: "a", count: 8_000_000) + #""}}"#
            let answer = try send(body, session)
            expectError(answer, 400, violation: ("file", "maxSize"))
            #expect(answer.data["file"]?["maxSize"]?["target"] == 8_000_000)
        }

        @Test func methodsThatNobodyKnowsAreRefused() throws {
            let session = try Stack.current.session(.http)
            expectError(try session.send("FOO", "/devices"), 501)
            expectError(try session.send("TRACE", "/devices"), 405, isOurs: false)
            expectError(try session.send("PATCH", "/devices", ["data": [:]]), 405, message: "invalid_method")
            expectError(try session.send("OPTIONS", "/devices"), 405, message: "invalid_method")
            let head = try session.send("HEAD", "/devices")
            #expect(head.body.isEmpty)
        }

        /// Bytes that nobody meant, made from those of good requests.
        @Test func randomRequestsAreNoFaults() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            var generator = SystemRandomNumberGenerator()
            func damaged(_ text: String) -> [UInt8] {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    switch Int.random(in: 0...2, using: &generator) {
                    case 0: bytes[place] = .random(in: .min ... .max, using: &generator)
                    case 1: bytes.insert(contentsOf: bytes[place...].prefix(8), at: place)
                    default: bytes.removeSubrange(place..<min(place + 3, bytes.count))
                    }
                    if bytes.isEmpty { bytes = [0] }
                }
                return bytes
            }
            let body =
                #"{"data":{"name":"phone","sip":{"username":"\u00e9","number":1.5e3}},"verb":"put","accept":"csv"}"#
            let target =
                "/v2/accounts/\(session.account)/devices?page_size=5&start_key=a%20b&filter_name=x&verb=put&accept=csv"
            for number in 0..<300 {
                let isBody = number.isMultiple(of: 2)
                // A target is text without spaces and controls; curl sends no other.
                let place = isBody ? Array(target.utf8) : damaged(target).filter { (0x21...0x7e).contains($0) }
                let answer = try session.client.send(
                    isBody ? "POST" : "GET",
                    "/" + String(decoding: place.drop { $0 == UInt8(ascii: "/") }, as: UTF8.self),
                    fields: ["X-Auth-Token: \(session.token)", "Content-Type: application/json"],
                    body: isBody ? damaged(body) : nil
                )
                #expect((200..<500).contains(answer.status), "\(answer)")
            }
        }
    }
}
