//  A browser's session: the cookie, and the second proof that every change needs.

import HTTPMessage
import Identity
import TestServer
import Testing

@testable import PluginKit

@Suite struct BrowserSessionTests {
    let server: TestServer

    init() throws { server = try TestServer() }

    /// What a browser adds to a form that one of our pages sends.
    private static let own = [
        "HTTP_HOST": "pbx.example", "HTTPS": "on", "HTTP_SEC_FETCH_SITE": "same-origin",
        "HTTP_ORIGIN": "https://pbx.example", "CONTENT_TYPE": "application/x-www-form-urlencoded",
    ]

    private func post(_ target: String, _ form: String, _ fields: [String: String] = Self.own) throws -> Answer {
        try server.send("POST", target, form, fields: fields)
    }

    private func logIn(_ fields: [String: String] = Self.own, password: String = "secret") throws -> Answer {
        let form = "data.account_name=Master&data.username=admin&data.password=\(password)&verb=put&accept=text/html"
        return try post("/v2/user_auth", form, fields)
    }

    /// The cookie's whole field, and its value.
    private func cookie(_ answer: Answer) throws -> (field: String, value: String) {
        let field = try answer.fields[.setCookie].orSurprise("no cookie: \(answer.status) \(answer.text)")
        let pair = field.prefix { $0 != ";" }
        return (field, String(pair.drop { $0 != "=" }.dropFirst()))
    }

    private func session() throws -> (cookie: String, csrf: String) {
        let value = try cookie(logIn()).value
        let answer = try server.send("GET", "/v2/token_auth", fields: ["HTTP_COOKIE": "__Host-jackfield=\(value)"])
        return ("a=b; __Host-jackfield=\(value)", try (answer.data["csrf"]?.string).orSurprise("\(answer.json)"))
    }

    private var accountPath: String { "/v2/accounts/\(server.master.account)" }

    @Test func aFormLogsInAndTheTokenStaysInTheCookie() throws {
        let answer = try logIn()
        #expect(answer.status == 303)
        #expect(answer.fields[.location] == "\(accountPath)?accept=text/html")
        let (field, value) = try cookie(answer)
        #expect(field.hasPrefix("__Host-jackfield=ey"))
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age="] {
            #expect(field.contains("; \(attribute)"), "\(field)")
        }
        #expect(!field.contains("Domain"))
        #expect(answer.bytes.isEmpty)
        let read = try server.send("GET", accountPath, fields: ["HTTP_COOKIE": "__Host-jackfield=\(value)"])
        #expect(read.status == 200)
        #expect(read.json["auth_token"] == nil)
        #expect(try logIn(password: "wrong").status == 401)
        #expect(try logIn(password: "wrong").fields[.setCookie] == nil)
    }

    @Test(arguments: ["cross-site", "same-site", "nonsense"])
    func anotherSiteLogsNobodyIn(site: String) throws {
        var fields = Self.own
        fields["HTTP_SEC_FETCH_SITE"] = site
        #expect(try logIn(fields).status == 403)
        fields["HTTP_SEC_FETCH_SITE"] = nil
        fields["HTTP_ORIGIN"] = "https://evil.example"
        let answer = try logIn(fields)
        #expect(answer.status == 403 && answer.fields[.setCookie] == nil)
    }

    /// Changes of the fields that a browser sends, an empty one for none, and the status of a change that has the right proof.
    static let origins: [([String: String], Int)] = [
        ([:], 200), (["HTTP_SEC_FETCH_SITE": "cross-site"], 403), (["HTTP_SEC_FETCH_SITE": "same-site"], 403),
        (["HTTP_SEC_FETCH_SITE": "none"], 403), (["HTTP_SEC_FETCH_SITE": ""], 200),
        (["HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": "https://evil.example"], 403),
        (["HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": "http://pbx.example"], 403),
        (["HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": "null"], 403),
        (["HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": ""], 403),
        (
            [
                "HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": "",
                "HTTP_REFERER": "https://pbx.example/v2/accounts",
            ], 200
        ),
        (
            [
                "HTTP_SEC_FETCH_SITE": "", "HTTP_ORIGIN": "",
                "HTTP_REFERER": "https://pbx.example.evil/",
            ], 403
        ),
    ]

    @Test(arguments: origins)
    func aChangeNeedsAPageOfOurs(origin: (changes: [String: String], status: Int)) throws {
        let (cookie, csrf) = try session()
        var fields = Self.own
        for (name, value) in origin.changes { fields[name] = value.isEmpty ? nil : value }
        fields["HTTP_COOKIE"] = cookie
        let answer = try post(accountPath, "verb=patch&csrf=\(csrf)&data.x_note=1", fields)
        #expect(answer.status == origin.status, "\(answer.json)")
        let note = try server.get(accountPath, server.master.adminToken).data["x_note"]
        #expect((note != nil) == (origin.status == 200))
    }

    @Test func aChangeNeedsTheSessionsProof() throws {
        let (cookie, csrf) = try session()
        let other = try session().csrf
        var fields = Self.own
        fields["HTTP_COOKIE"] = cookie
        for form in ["", "csrf=", "csrf=junk", "csrf=\(other)", "csrf=\(csrf)x", "data.csrf=\(csrf)"] {
            let answer = try post(accountPath, "verb=patch&data.x_note=1&\(form)", fields)
            #expect(answer.status == 403, "\(form): \(answer.json)")
        }
        // A form cannot say it in the address, where other sites put things.
        let inQuery = try post("\(accountPath)?verb=patch", "csrf=\(csrf)&data.x_note=1", fields)
        #expect(inQuery.status == 400)
        #expect(try server.get(accountPath, server.master.adminToken).data["x_note"] == nil)
        // A program of ours says it in a field.
        fields["HTTP_X_CSRF_TOKEN"] = csrf
        fields["CONTENT_TYPE"] = "application/json"
        #expect(try server.send("PATCH", accountPath, #"{"data":{"x_note":1}}"#, fields: fields).status == 200)
    }

    /// Requests as a page of another site can make a browser send them, with the cookie: none changes anything.
    @Test(arguments: ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
    func anotherSiteChangesNothing(type: String) throws {
        let (cookie, _) = try session()
        let revision = try server.get(accountPath, server.master.adminToken).revision
        let bodies = ["data.x_note=1&verb=patch", #"{"data":{"x_note":1},"verb":"patch"}"#, "", "verb=delete"]
        for body in bodies {
            for (method, query) in [("POST", ""), ("POST", "?verb=patch"), ("GET", "?verb=delete"), ("GET", "")] {
                for origin in ["https://evil.example", "null"] {
                    let fields = [
                        "HTTP_COOKIE": cookie, "HTTP_HOST": "pbx.example", "HTTPS": "on", "HTTP_ORIGIN": origin,
                        "HTTP_SEC_FETCH_SITE": "cross-site", "CONTENT_TYPE": type,
                    ]
                    _ = try server.send(method, accountPath, body, fields: fields)
                }
            }
        }
        #expect(try server.get(accountPath, server.master.adminToken).revision == revision)
    }

    @Test func aTokenInAFieldIsNotAsked() throws {
        let (cookie, _) = try session()
        let fields = ["HTTP_COOKIE": cookie, "HTTP_ORIGIN": "https://app.example", "HTTP_SEC_FETCH_SITE": "cross-site"]
        let body = #"{"data":{"x_note":1}}"#
        let answer = try server.send("PATCH", accountPath, body, token: server.master.adminToken, fields: fields)
        #expect(answer.status == 200)
    }

    @Test func loggingOutEndsTheSession() throws {
        let (cookie, csrf) = try session()
        var fields = Self.own
        fields["HTTP_COOKIE"] = cookie
        let answer = try post("/v2/token_auth", "verb=delete&csrf=\(csrf)&accept=text/html", fields)
        #expect(answer.status == 303)
        #expect(try self.cookie(answer).field.contains("Max-Age=0"))
        let read = try server.send("GET", accountPath, fields: ["HTTP_COOKIE": cookie])
        #expect(read.status == 401)
        // The browser is told to forget it.
        #expect(try self.cookie(read).field.contains("Max-Age=0"))
    }

    @Test func aSessionLastsAsLongAsItIsUsedButNotForEver() throws {
        var cookie = try session().cookie
        var requests = 0
        while requests < 100 {
            server.advance(by: 1_200)
            let answer = try server.send("GET", accountPath, fields: ["HTTP_COOKIE": cookie])
            if answer.status != 200 { break }
            requests += 1
            if answer.fields[.setCookie] != nil { cookie = "__Host-jackfield=\(try self.cookie(answer).value)" }
        }
        // Twelve hours are 36 times twenty minutes.
        #expect((35...36).contains(requests), "\(requests)")
        let idle = try session().cookie
        server.advance(by: 1_831)
        #expect(try server.send("GET", accountPath, fields: ["HTTP_COOKIE": idle]).status == 401)
        // An old cookie keeps nobody from logging in again.
        var fields = Self.own
        fields["HTTP_COOKIE"] = idle
        #expect(try logIn(fields).status == 303)
    }

    @Test func twoCookiesAreNone() throws {
        let (cookie, _) = try session()
        #expect(try server.send("GET", accountPath, fields: ["HTTP_COOKIE": "\(cookie); \(cookie)"]).status == 400)
    }
}
