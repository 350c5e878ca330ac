//  What nginx lets through, what it answers itself, and how.

import Foundation
import Glibc
import Testing

@Suite(OnOneStack()) struct NginxTests {
    private static func stack() throws -> Stack { try #require(Stack.current) }

    private func exchange(_ request: String, _ body: [UInt8] = []) throws -> Wire.Response {
        let wire = try Wire(port: try Self.stack().port)
        wire.send(request, body)
        return wire.response()
    }

    private func get(_ target: String, _ fields: String = "") throws -> Wire.Response {
        try exchange("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
    }

    @Test(arguments: [
        "/v2//accounts///x", "/v2/a%2Fb%2f%20c", "/v2/%2e%2e/x?y=%00&z=a+b", "/v2/x?", "/v2/ü?ü", "/a/../b",
    ])
    func aTargetReachesTheApplicationAsItWasSent(target: String) throws {
        #expect(try get(target).text == "GET \(target)")
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO-BAR"])
    func aMethodReachesTheApplication(method: String) throws {
        let response = try exchange(
            "\(method) /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(response.text == "\(method) /x")
    }

    @Test func theApplicationIsToldOfARequestWhatItNeeds() throws {
        let fields = "Proxy: evil\r\nX-Auth-Token: first\r\nX-Auth-Token: second\r\nX_Auth_Token: evil\r\n"
        let lines = try get("/parameters", fields).text.split(separator: "\n")
        #expect(lines.contains("HTTP_PROXY=- x0"))
        #expect(lines.contains("HTTPS=- x0"))
        #expect(lines.contains("QUERY_STRING=- x0"))
        #expect(lines.contains("HTTP_X_AUTH_TOKEN=first x2"))
        #expect(lines.contains("REMOTE_ADDR=127.0.0.1 x1"))
        #expect(lines.contains("SERVER_PROTOCOL=HTTP/1.1 x1"))
        #expect(lines.contains { $0.wholeMatch(of: /REQUEST_ID=[0-9a-f]{32} x1/) != nil })
    }

    @Test func aRequestOverTLSSaysSo() throws {
        let stack = try Self.stack()
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/curl")
        process.arguments = [
            "--silent", "--cacert", stack.data.appending(path: "nginx/tls/certificate.pem").path,
            "https://localhost:\(stack.tlsPort)/parameters",
        ]
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(output.contains("HTTPS=on x1\n"))
        #expect(output.contains("SERVER_PROTOCOL=HTTP/2.0 x1\n"))
    }

    @Test(arguments: [0, 1, 70_000, 8_000_000])
    func aBodyReachesTheApplicationWhole(length: Int) throws {
        let head = "PUT /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n"
        #expect(try exchange(head, [UInt8](repeating: 0x78, count: length)).text == "\(length)")
    }

    @Test func aBodyWithoutALengthIsMeasuredForTheApplication() throws {
        let head = "PUT /parameters HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(try exchange(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").text.contains("CONTENT_LENGTH=5 x1\n"))
    }

    @Test func theApplicationItselfRefusesABodyThatIsALittleTooBig() throws {
        let head = "PUT /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000001\r\n\r\n"
        let response = try exchange(head, [UInt8](repeating: 0x78, count: 8_000_001))
        #expect(response.status == 400)
        #expect(response.text == "tooLarge(limit: 8000000)")
    }

    /// A request, and the status that nginx gives it without asking the application.
    static let refused: [(request: String, status: Int)] = [
        ("PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n", 413),
        ("TRACE /x HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
        ("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /../x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("get /x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /x HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET /x HTTP/1.1\r\nHost: a\r\nX-Long: \(String(repeating: "a", count: 9_000))\r\n\r\n", 431),
        ("GET /static/nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET /.error HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET /broken/before HTTP/1.1\r\nHost: a\r\n\r\n", 502),
    ]

    @Test(arguments: refused)
    func anErrorOfNginxIsAnEnvelope(request: String, status: Int) throws {
        let withID = request.replacing(
            "Host: a\r\n",
            with: "Host: a\r\nConnection: close\r\nX-Request-ID: my-id.1\r\n",
            maxReplacements: 1
        )
        let response = try exchange(withID)
        #expect(response.status == status)
        #expect(response.values("Content-Type") == ["application/json"])
        #expect(response.values("Access-Control-Allow-Origin") == ["*"])
        let envelope = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
        #expect(Set(envelope.keys) == ["data", "error", "message", "status", "request_id"])
        #expect(envelope["error"] as? String == "\(status)")
        #expect(envelope["status"] as? String == "error")
        #expect(envelope["message"] as? String != "error")
        #expect(response.values("X-Request-ID") == [envelope["request_id"] as? String])
    }

    @Test(arguments: [
        ("/static/nothing", "text/html,application/xhtml+xml", true), ("/static/nothing?accept=html", "*/*", true),
        ("/static/nothing", "application/json", false), ("/static/nothing?accept=json", "text/html", false),
        ("/static/nothing", "*/*", false),
    ])
    func whoAsksForAPageGetsAnErrorAsAPage(target: String, accept: String, isPage: Bool) throws {
        let response = try get(target, "Accept: \(accept)\r\n")
        #expect(response.status == 404)
        #expect(response.values("Content-Type") == [isPage ? "text/html; charset=utf-8" : "application/json"])
        #expect(response.text.contains("<strong class=\"status\">404</strong>") == isPage)
    }

    @Test func aProgramThatFailsIsAPageThatSaysWhatToDo() throws {
        let response = try get("/broken/before", "Accept: text/html\r\n")
        #expect(response.status == 502)
        #expect(response.values("Content-Type") == ["text/html; charset=utf-8"])
        #expect(response.text.contains("<strong class=\"status\">502</strong>"))
        #expect(response.text.contains("href=\"/\""))
    }

    @Test(.enabled(if: getuid() == 0, "Only root can give its processes away."))
    func workersAreNotRoot() throws {
        let stack = try #require(Stack.current)
        let main = stack.read("run/nginx.pid").trimmingCharacters(in: .whitespacesAndNewlines)
        let children = try String(contentsOfFile: "/proc/\(main)/task/\(main)/children", encoding: .utf8)
        let users = try children.split(separator: " ").map { child in
            let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
            return status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t")[1]
        }
        #expect(!users.isEmpty && users.allSatisfy { $0 != nil && $0 != "0" }, "\(users)")
    }

    @Test(arguments: ["my-id", "a\"b", String(repeating: "a", count: 65)])
    func aRequestIDThatCouldDoHarmIsReplaced(id: String) throws {
        let response = try get("/static/nothing", "X-Request-ID: \(id)\r\n")
        let answered = try #require(response.values("X-Request-ID").first)
        #expect(answered == (id == "my-id" ? id : answered))
        #expect(answered.wholeMatch(of: /my-id|[0-9a-f]{32}/) != nil)
    }

    @Test func aResponseThatBreaksOffLooksBroken() throws {
        let response = try get("/broken/after")
        #expect(response.status == 200)
        #expect(response.values("Transfer-Encoding") == ["chunked"])
        #expect(!response.text.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test(arguments: [("/json", "gzip"), ("/x", nil)])
    func whatIsWorthItIsCompressed(target: String, encoding: String?) throws {
        let response = try get(target, "Accept-Encoding: gzip\r\n")
        #expect(response.values("Content-Encoding").first == encoding)
    }

    @Test func staticFilesAreServed() throws {
        let response = try get("/robots.txt")
        #expect(response.text == "User-agent: *\nDisallow: /\n")
        #expect(try get("/static/robots.txt").text == response.text)
    }

    @Test func theLogHasNoToken() throws {
        let token = String(repeating: "secret", count: 20)
        let id = "log-\(UUID().uuidString)"
        _ = try get("/v2/accounts?auth_token=\(token)", "Referer: http://a/?\(token)\r\nX-Request-ID: \(id)-1\r\n")
        _ = try get("/v2/user_auth/\(token)/x", "X-Auth-Token: \(token)\r\nX-Request-ID: \(id)-2\r\n")
        _ = try get("/broken/before?auth_token=\(token)", "X-Request-ID: \(id)-3\r\n")
        let stack = try Self.stack()
        // nginx writes its line after the response's last byte.
        var lines: [Substring] = []
        while lines.count < 3 {
            lines = stack.read("logs/access.log").split(separator: "\n").filter { $0.contains(id) }
            sched_yield()
        }
        #expect(lines[0].contains(#""path":"/v2/accounts""#))
        #expect(lines[1].contains(#""path":"/v2/user_auth/-""#))
        #expect(!stack.read("logs/access.log").contains("secretsecret"))
        #expect(!stack.read("logs/nginx.log").contains("secretsecret"))
    }

    @Test func moreConnectionsThanWorkersAreServedTogether() async throws {
        let port = try Self.stack().port
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let wire = try Wire(port: port)
                    for round in 1..<5 { wire.send("GET /\(number)/\(round) HTTP/1.1\r\nHost: a\r\n\r\n") }
                    wire.send("GET /\(number)/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    return wire.response().text
                }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(bodies.filter { $0.hasSuffix("/5") }.count == 64)
    }
}
