//  JSON, CSV and HTML; plain and indented.

import JSON
import Testing

extension EndToEnd {
    @Suite struct RepresentationTests {
        /// An account with two users, one of whom needs quoting.
        private func session(_ scheme: Scheme) throws -> Session {
            let session = try Stack.current.session(scheme).withNewAccount()
            _ = try session.create("/users", ["first_name": "Ada", "last_name": "Lovelace"])
            _ = try session.create("/users", ["first_name": "Grace \"G\"", "last_name": "Hopper, <b>Rear Admiral</b>"])
            return session
        }

        @Test(arguments: Scheme.allCases, ["text/csv", "csv", "text%2Fcsv"])
        func aListAsCSV(scheme: Scheme, accept: String) throws {
            let answer = try session(scheme).send("GET", "/users?accept=\(accept)")
            #expect(answer.status == 200)
            #expect(answer["content-type"]?.hasPrefix("text/csv") == true)
            #expect(answer["content-disposition"]?.hasPrefix("attachment; filename=") == true)
            let lines = answer.text.split(separator: "\r\n")
            #expect(lines.count == 3)
            let columns = try #require(lines.first).split(separator: ",")
            #expect(columns.contains("id") && columns.contains("first_name") && columns.contains("last_name"))
            #expect(answer.text.contains(#""Grace ""G""""#))
            #expect(answer.text.contains(#""Hopper, <b>Rear Admiral</b>""#))
        }

        @Test func theFieldAsksForCSVToo() throws {
            let answer = try session(.http).send("GET", "/users", fields: ["Accept: text/csv"])
            #expect(answer.status == 200)
            #expect(answer["content-type"]?.hasPrefix("text/csv") == true)
        }

        @Test(arguments: Scheme.allCases, ["text/html", "html"])
        func aListAsAPage(scheme: Scheme, accept: String) throws {
            let answer = try session(scheme).send("GET", "/users?accept=\(accept)")
            #expect(answer.status == 200)
            #expect(answer["content-type"]?.hasPrefix("text/html") == true)
            #expect(answer.text.lowercased().hasPrefix("<!doctype html>"))
            #expect(answer.text.contains("Lovelace"))
            #expect(answer.text.contains("Hopper, &lt;b&gt;Rear Admiral&lt;"))
            #expect(!answer.text.contains("<b>Rear"))
            #expect(!answer.text.contains("<script"))
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["content-security-policy"]?.contains("default-src 'none'") == true)
        }

        @Test func anErrorAsAPage() throws {
            let session = try Stack.current.session(.http)
            let answer = try session.send("GET", "/users/0123456789abcdef0123456789abcdef?accept=text/html")
            #expect(answer.status == 404)
            #expect(answer["content-type"]?.hasPrefix("text/html") == true)
            #expect(answer.text.lowercased().hasPrefix("<!doctype html>"))
        }

        @Test(arguments: Scheme.allCases, ["image/png", "text/plain", "nonsense", "application/pdf"])
        func anUnknownTypeIsRefused(scheme: Scheme, accept: String) throws {
            let session = try session(scheme)
            expectError(try session.send("GET", "/users?accept=\(accept)"), 406)
            expectError(
                try session.send("GET", "/users", fields: ["Accept: \(accept.contains("/") ? accept : "a/b")"]),
                406
            )
        }

        @Test(arguments: ["*/*", "application/json", "application/*", "text/html;q=0.1, application/json"])
        func jsonIsTheRule(_ accept: String) throws {
            expectSuccess(try session(.http).send("GET", "/users", fields: ["Accept: \(accept)"]))
        }

        @Test func aRefusedRepresentationChangesNothing() throws {
            let session = try session(.http)
            expectError(try session.send("PUT", "/devices?accept=image/png", ["data": ["name": "phone"]]), 406)
            #expect(try session.send("GET", "/devices").ids.isEmpty)
        }

        @Test(arguments: Scheme.allCases)
        func anAnswerIsIndentedOnRequest(scheme: Scheme) throws {
            let session = try session(scheme)
            let plain = try session.send("GET", "/users")
            #expect(!plain.text.dropLast().contains("\n"))
            let answers = [
                try session.send("GET", "/users", fields: ["X-Pretty-Print: true"]),
                try session.send("GET", "/users?pretty_print=true"),
                try session.send("GET", "/nothing/here?pretty_print=true"),
            ]
            for answer in answers {
                #expect(answer.text.contains("\n  "))
                #expect(answer["content-type"] == "application/json")
            }
            #expect(answers[0].data == plain.data)
            #expect(answers[1].data == plain.data)
            for field in ["X-Pretty-Print: false", "X-Pretty-Print: 1"] {
                #expect(!(try session.send("GET", "/users", fields: [field]).text.dropLast().contains("\n")))
            }
        }

        @Test func aRequestIDIsEchoed() throws {
            let session = try Stack.current.session(.http)
            let answer = try session.send("GET", "", fields: ["X-Request-ID: abc-123"])
            #expect(answer.json["request_id"] == "abc-123")
            #expect(answer["x-request-id"] == "abc-123")
            let other = try session.send("GET", "", fields: ["X-Request-ID: a\"b<c>"])
            #expect(other.json["request_id"] != "a\"b<c>")
            expectSuccess(other)
        }

        @Test func aPreflightIsAnswered() throws {
            let session = try Stack.current.session(.http)
            let answer = try session.client.send(
                "OPTIONS",
                "/v2/accounts/\(session.home)/users",
                fields: ["Origin: https://ui.example.com", "Access-Control-Request-Method: PUT"]
            )
            #expect(answer.status == 200)
            #expect(answer["access-control-allow-origin"] != nil)
            #expect(answer["access-control-allow-methods"]?.contains("PUT") == true)
            #expect(answer["access-control-allow-headers"]?.lowercased().contains("x-auth-token") == true)
        }
    }
}
