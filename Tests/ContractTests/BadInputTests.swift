//  Input that nobody should send: it is stored as it is or refused with a reason, and breaks nothing.

import Foundation
import HTTPMessage
import PluginKit
import TestServer
import Testing

@Suite struct BadInputTests {
    private let world: World

    init() throws { world = try World() }

    /// Texts that have broken programs before.
    static let naughtyStrings: [String] = {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../shared/corpora/naughty-strings.json")
        return (try? JSONDecoder().decode([String].self, from: Data(contentsOf: url))) ?? []
    }()

    private var devices: String { "/v2/accounts/\(world.tenant.account)/devices" }

    /// Every byte that is no letter or digit as an escape.
    private func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            Character(UnicodeScalar(byte)).isASCII && Character(UnicodeScalar(byte)).isLetter
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    @Test func thereAreNaughtyStrings() { #expect(Self.naughtyStrings.count > 500) }

    @Test func everyNaughtyStringIsAValueLikeAnyOther() throws {
        for text in Self.naughtyStrings {
            let created = try world.server.put(devices, ["name": "n", "x": .string(text)], world.tenant.adminToken)
            #expect(created.data["x"] == .string(text))
            let read = try world.server.get("\(devices)/\(created.id)", world.tenant.adminToken)
            #expect(read.data["x"] == .string(text))
            for accept in ["html", "csv"] {
                let shown = try world.server.get("\(devices)/\(created.id)?accept=\(accept)", world.tenant.adminToken)
                #expect(shown.status == 200)
                #expect(accept != "html" || !shown.text.contains("<script"), "\(text)")
            }
            if !text.contains("\0") {
                let query = "\(devices)?filter_x=\(escaped(text))&page_size=5000"
                let found = try world.server.get(query, world.tenant.adminToken)
                #expect(found.rows.contains { $0["id"] == created.data["id"] }, "\(text)")
            }
            _ = try world.server.send("DELETE", "\(devices)/\(created.id)", token: world.tenant.adminToken)
        }
    }

    @Test func everyNaughtyStringIsANameOfAFieldLikeAnyOther() throws {
        for text in Self.naughtyStrings where !text.hasPrefix("_") && !text.hasPrefix("pvt_") {
            let answer = try world.server.send("PUT", devices, ["name": "n", "x": [text: 1]], world.tenant.adminToken)
            #expect(answer.status == 201, "\(text)")
            #expect(answer.data["x"] == [text: 1])
        }
    }

    @Test func everyNaughtyStringIsAnIdThatNobodyHas() throws {
        for text in Self.naughtyStrings where !text.isEmpty {
            for target in ["\(devices)/\(escaped(text))", "/v2/accounts/\(escaped(text))/devices"] {
                let answer = try world.server.get(target, world.tenant.adminToken)
                #expect([400, 404].contains(answer.status), "\(text): \(answer.status)")
                #expect(answer.json["request_id"] != nil)
            }
        }
    }

    @Test func everyNaughtyStringIsAQueryACursorAndAFileName() throws {
        _ = try world.server.put(devices, ["name": "n"], world.tenant.adminToken)
        for text in Self.naughtyStrings {
            let word = escaped(text)
            for query in [
                "start_key=\(word)", "end_key=\(word)", "\(word)=\(word)", "page_size=\(word)", "verb=\(word)",
            ] {
                let answer = try world.server.get("\(devices)?\(query)", world.tenant.adminToken)
                #expect(answer.status < 500, "\(query)")
            }
            let table = try world.server.get("\(devices)?accept=csv&file_name=\(word)", world.tenant.adminToken)
            #expect(table.status < 500)
            let disposition = table.fields[.contentDisposition] ?? ""
            #expect(!disposition.contains { $0.isNewline || $0 == "/" || $0 == "\\" })
        }
    }

    @Test func everyNaughtyStringIsAFieldOfTheHeader() throws {
        let names = [
            "HTTP_ACCEPT", "HTTP_X_AUTH_TOKEN", "HTTP_AUTHORIZATION", "HTTP_X_REQUEST_ID", "HTTP_IF_MATCH",
            "HTTP_IF_NONE_MATCH", "HTTP_X_FILE_NAME", "HTTP_ORIGIN", "HTTP_COOKIE", "HTTP_X_PRETTY_PRINT",
            "HTTP_X_AUTH_ACCOUNT_ID", "CONTENT_TYPE", "HTTP_CONTENT_TRANSFER_ENCODING", "HTTP_IDEMPOTENCY_KEY",
        ]
        for (position, text) in Self.naughtyStrings.enumerated() {
            let name = names[position % names.count]
            for (method, body) in [("GET", ""), ("PUT", #"{"data":{"name":"n"}}"#)] {
                let target = "\(devices)?auth_token=\(world.tenant.adminToken)"
                let answer = try world.server.send(method, target, body, fields: [name: text])
                #expect(answer.status < 500, "\(name): \(text)")
            }
        }
    }

    /// The fields on which security rests.
    @Test(arguments: ["HTTP_X_AUTH_TOKEN", "HTTP_AUTHORIZATION", "HTTP_X_AUTH_ACCOUNT_ID"])
    func aSecurityFieldThatComesTwiceIsRefused(name: String) throws {
        var parameters = CGIParameters()
        for value in [world.tenant.adminToken, "other"] { parameters.append(name: name.utf8, value: value.utf8) }
        let answer = try world.server.send("GET", target: Array(devices.utf8), parameters)
        answer.isRefused(400, "bad_request")
    }

    @Test func aThousandParametersAndTenThousandKeysAreTaken() throws {
        let query = (0..<1_000).map { "p\($0)=\($0)" }.joined(separator: "&")
        #expect(try world.server.get("\(devices)?\(query)", world.tenant.adminToken).status == 200)
        let filters = (0..<1_000).map { "filter_f\($0)=\($0)" }.joined(separator: "&")
        #expect(try world.server.get("\(devices)?\(filters)", world.tenant.adminToken).rows.isEmpty)
        var fields: JSONObject = ["name": "n"]
        for number in 0..<10_000 { fields["k\(number)"] = .number(JSONNumber(number)) }
        let created = try world.server.put(devices, .object(fields), world.tenant.adminToken)
        #expect(created.data.object?.count ?? 0 >= 10_001)
        let form = (0..<2_000).map { "data.x.k\($0)=\($0)" }.joined(separator: "&") + "&data.name=n"
        let type = ["CONTENT_TYPE": "application/x-www-form-urlencoded"]
        let posted = try world.server.send("PUT", devices, form, token: world.tenant.adminToken, fields: type)
        #expect(posted.data["x"]?.object?.count == 2_000)
    }

    /// Bytes that are no text, behind the path of an account: NUL, broken and overlong UTF-8, surrogates.
    static let brokenTargets = [
        "%00", "%ff", "%c3", "%c0%af", "%e0%80%af", "%f0%80%80%af", "%ed%a0%80", "%f4%90%80%80", "?a=%00", "?%ff=1",
        "?filter_x=%c0%80", "?start_key=%fe", "?accept=%ed%b0%80",
    ]

    @Test(arguments: brokenTargets)
    func aTargetThatIsNoTextIsRefused(end: String) throws {
        let answer = try world.server.get("/v2/accounts/\(world.tenant.account)/\(end)", world.tenant.adminToken)
        answer.isRefused(400, "bad_request")
    }

    @Test func rawBytesInATargetAreTreatedLikeEscapedOnes() throws {
        for bytes: [UInt8] in [[0], [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] {
            let target = Array("\(devices)/".utf8) + bytes
            try world.server.send("GET", target: target, CGIParameters()).isRefused(400, "bad_request")
        }
        for target in ["", "*", "http://other/v2/accounts", "v2/accounts", "?x"] {
            try world.server.send("GET", target: Array(target.utf8), CGIParameters()).isRefused(400, "bad_request")
        }
    }

    /// Bodies that are no text, each inside a string of an envelope.
    static let brokenBodies: [[UInt8]] = [
        [0], [0x1F], [0xFF], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        Array(#"\uD800"#.utf8), Array(#"\uDC00\uD800"#.utf8), Array(#"\x41"#.utf8), Array(#"\u00"#.utf8),
    ]

    @Test(arguments: brokenBodies)
    func aBodyThatIsNoTextIsRefused(bytes: [UInt8]) throws {
        var parameters = CGIParameters()
        parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: world.tenant.adminToken.utf8)
        let body = Array(#"{"data":{"name":""#.utf8) + bytes + Array(#""}}"#.utf8)
        try world.server.send("PUT", target: Array(devices.utf8), parameters, body).isInvalid("json", "invalid")
    }

    @Test func headerFieldsOfBrokenTextMeanNothingGood() throws {
        for name in ["HTTP_X_AUTH_TOKEN", "HTTP_AUTHORIZATION"] {
            var parameters = CGIParameters()
            parameters.append(name: name.utf8, value: [0xFF, 0x00, 0xC0, 0xAF])
            let answer = try world.server.send("GET", target: Array(devices.utf8), parameters)
            answer.isRefused(401, "invalid_credentials")
        }
        let created = try world.device()
        var parameters = CGIParameters()
        parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: world.tenant.adminToken.utf8)
        parameters.append(name: "HTTP_IF_MATCH".utf8, value: [0xFF])
        let target = Array("\(devices)/\(try created.id)".utf8)
        let answer = try world.server.send("PATCH", target: target, parameters, Array(#"{"data":{"x":1}}"#.utf8))
        answer.isRefused(412, "precondition_failed")
    }

    @Test(arguments: ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT", "M-SEARCH", "PUTT", "post", "X!#$%"])
    func anyMethodWithABodyIsAnswered(method: String) throws {
        let id = try world.device().id
        for body in ["", #"{"data":{}}"#, "{", "\0"] {
            let answer = try world.server.send(method, "\(devices)/\(id)", body, token: world.tenant.adminToken)
            #expect(answer.status < 500 || answer.status == 501)
            if method == "DELETE", answer.status == 200 { return }
        }
    }

    @Test func aBodyThatEndsEarlyIsRefused() throws {
        var request = Request(method: .put, target: Array(devices.utf8), body: BrokenBody())
        let answer = try Answer(world.server.dispatcher.respond(to: &request))
        answer.isRefused(400, "bad_request")
    }

    /// A client that announces more than it sends.
    private struct BrokenBody: RequestBody {
        let announcedLength: Int? = 10

        mutating func read(upTo count: Int) throws(RequestBodyError) -> [UInt8] { throw .incomplete }
    }
}
