//  Files of documents: with a new document, many at once, by a link, for everybody, and as much as an account may have.

import Dispatch
import Foundation
import HTTPMessage
import PluginKit
import Synchronization
import TestServer
import Testing

@Suite struct FilesTests {
    private static let wave = Array("RIFFxxxxWAVEfmt ".utf8)
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private static let app: JSON = [
        "name": "accounts", "api_url": "https://phones.example.com/v2/", "author": "Ada", "version": "1.0",
        "license": "-",
        "price": 0, "icon": "accounts.png", "i18n": ["en-US": ["label": "Accounts", "description": "Accounts."]],
    ]

    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }

    init() throws {
        var limits = FileLimits()
        limits.account = 20_000_000
        server = try TestServer(files: limits)
        tenant = try server.makeTenant("Tenant")
    }

    private func send(
        _ method: String,
        _ target: String,
        _ body: [UInt8] = [],
        type: String,
        token: String? = nil
    ) throws -> Answer {
        try server.upload(method, target, body, type: type, token ?? tenant.adminToken)
    }

    private func multipart(_ parts: [(head: String, content: [UInt8])]) -> [UInt8] {
        parts.flatMap { Array("--b\r\n\($0.head)\r\n\r\n".utf8) + $0.content + Array("\r\n".utf8) }
            + Array("--b--".utf8)
    }

    private func sent(_ answer: Answer) throws -> [UInt8]? { try server.fileSent(for: answer) }

    private func box(owner: String? = nil) throws -> String {
        var fields: JSONObject = [
            "name": .string("Desk \(UUID())"), "mailbox": .string("\(Int.random(in: 1...999_999))"),
        ]
        fields["owner_id"] = owner.map { .string($0) }
        return try "\(account)/vmboxes/\(server.put("\(account)/vmboxes", .object(fields), tenant.adminToken).id)"
    }

    /// A message with its sound, in one request.
    private func leave(_ box: String, _ fields: String, _ sound: [UInt8] = wave, type: String = "audio/wav") throws
        -> Answer
    {
        let body = multipart([
            ("Content-Type: application/json", Array(#"{"data":{\#(fields)}}"#.utf8)),
            ("Content-Disposition: form-data; name=f; filename=\"m.wav\"\r\nContent-Type: \(type)", sound),
        ])
        return try send("PUT", "\(box)/messages", body, type: "multipart/mixed; boundary=b")
    }

    // MARK: Voicemail

    @Test("B5: a message comes with its sound in one request")
    func aMessageComesWithItsSoundInOneRequest() throws {
        let box = try box()
        let sequence = try server.events().last?.sequence ?? 0
        let message = try leave(box, #""caller_id_number":"+1 (212) 555","timestamp":63967000000"#)
        #expect(message.status == 201, "\(message.json)")
        #expect(try server.events(after: sequence).map(\.event.name) == ["mailbox_message_created"])
        let raw = try server.get("\(box)/messages/\(message.id)/raw", tenant.adminToken)
        #expect(try sent(raw) == Self.wave)
        #expect(raw.fields[.contentType] == "audio/wav")
        #expect(raw.fields[.contentDisposition] == #"attachment; filename="+1212555_2027-01-12T19-06-40Z.wav""#)
        let silent = try server.put("\(box)/messages", [:], tenant.adminToken)
        #expect(try server.get("\(box)/messages/\(silent.id)/raw", tenant.adminToken).status == 404)
    }

    @Test func whatIsNoSoundMakesNoMessage() throws {
        let box = try box()
        #expect(try leave(box, "", type: "text/plain").status == 415)
        #expect(try leave(box, "", Array("<html>".utf8)).status == 415)
        #expect(try leave(box, #""folder":7"#).status == 400)
        #expect(try server.get("\(box)/messages", tenant.adminToken).rows.isEmpty)
        #expect(try leave("\(account)/vmboxes/none", "").status == 404)
    }

    @Test func nobodyLeavesASoundInAnothersBox() throws {
        let ada = try server.put("\(account)/users", ["first_name": "A", "last_name": "L"], tenant.adminToken).id
        let eve = try server.put("\(account)/users", ["first_name": "E", "last_name": "L"], tenant.adminToken).id
        let box = try box(owner: ada)
        let body = multipart([
            ("Content-Disposition: form-data; filename=\"m.wav\"\r\nContent-Type: audio/wav", Self.wave)
        ])
        let token = try server.token(tenant.account, eve)
        let answer = try send("PUT", "\(box)/messages", body, type: "multipart/mixed; boundary=b", token: token)
        #expect(answer.status == 403)
        #expect(try server.fileBytes(of: tenant.account) == 0)
    }

    @Test("B5: the sounds of several messages are one archive")
    func theSoundsOfSeveralMessagesAreOneArchive() throws {
        let box = try box()
        let other = Self.wave + [UInt8](repeating: 9, count: 200_000)
        let when = #""timestamp":63967000000"#
        let ids = [
            try leave(box, #""caller_id_number":"1001",\#(when)"#).id,
            try leave(box, #""caller_id_number":"1001",\#(when)"#, other).id,
            try server.put("\(box)/messages", [:], tenant.adminToken).id,
        ]
        let chosen: JSON = ["messages": .array(ids.map { .string($0) })]
        let answer = try server.send("POST", "\(box)/messages/raw", chosen, tenant.adminToken)
        #expect(answer.status == 200)
        #expect(answer.fields[.contentType] == "application/zip")
        #expect(answer.fields[.contentDisposition] == #"attachment; filename="messages.zip""#)
        #expect(answer.fields[.contentLength] == String(answer.bytes.count))
        // Read by a program that is not ours, which checks every checksum.
        let name = "1001_2027-01-12T19-06-40Z"
        #expect(try unzipped(answer.bytes) == ["\(name).wav 16", "\(name)-2.wav 200016"])
        let none = try server.send("POST", "\(box)/messages/raw", [:], tenant.adminToken)
        #expect(none.status == 400)
        let missing = try server.send("POST", "\(box)/messages/raw", ["messages": ["none"]], tenant.adminToken)
        #expect(missing.status == 404)
        let accepting = ["HTTP_ACCEPT": "application/zip"]
        let body = JSON.object(["data": chosen]).text()
        let path = "\(box)/messages/raw"
        #expect(try server.send("POST", path, body, token: tenant.adminToken, fields: accepting).status == 200)
    }

    /// The names and lengths in an archive, if all of it is in order.
    private func unzipped(_ archive: [UInt8]) throws -> [String] {
        let path = NSTemporaryDirectory() + "jackfield-\(UUID()).zip"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(archive).write(to: URL(filePath: path))
        let program = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1]) as archive:
                assert archive.testzip() is None
                for file in archive.infolist(): print(file.filename, len(archive.read(file)))
            """
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        python.arguments = ["-c", program, path]
        python.standardOutput = output
        try python.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    // MARK: How a file is had

    private func recording() throws -> String {
        let media = try server.put("\(account)/media", ["name": "M", "media_source": "upload"], tenant.adminToken).id
        let raw = "\(account)/media/\(media)/raw"
        #expect(try send("POST", raw, Self.wave, type: "audio/wav").status == 200)
        return raw
    }

    @Test func aFileIsSentToWhoAcceptsItsTypeAndShownWhereThatIsAsked() throws {
        let raw = try recording()
        func status(_ query: String, accept: String? = nil) throws -> Int {
            let fields = accept.map { ["HTTP_ACCEPT": $0] } ?? [:]
            return try server.send("GET", raw + query, token: tenant.adminToken, fields: fields).status
        }
        #expect(try status("?accept=audio/wav", accept: "application/json") == 200)
        #expect(try status("?accept=audio/*") == 200)
        #expect(try status("?accept=audio/mpeg") == 406)
        #expect(try status("", accept: "application/json") == 406)
        #expect(try status("", accept: "application/json, */*;q=0.1") == 200)
        let shown = try server.get("\(raw)?inline=true&file_name=a%22%0D%0Ab%E2%82%AC.wav", tenant.adminToken)
        #expect(
            shown.fields[.contentDisposition] == #"inline; filename="ab.wav"; filename*=UTF-8''a%22b%E2%82%AC.wav"#
        )
    }

    @Test func aLinkOpensOnePathForAMinute() throws {
        let raw = try recording()
        let other = try recording()
        let link = try server.get("\(raw)?link=true&inline=true", tenant.adminToken)
        let url = try #require(link.data["url"]?.string, "\(link.json)")
        #expect(link.data["expires"]?.int == Int(server.time) + 60)
        let opened = try server.send("GET", url)
        #expect(opened.status == 200)
        #expect(opened.fields[.contentDisposition]?.hasPrefix("inline; ") == true)
        #expect(try sent(opened) == Self.wave)
        #expect(try server.send("HEAD", url).status == 200)
        // It opens the file, and makes no link that lasts longer.
        #expect(try sent(server.send("GET", url + "&link=true")) == Self.wave)
        let query = try #require(url.firstIndex(of: "?"))
        let forged = [
            other + url[query...], String(url.dropLast()), url + "x", url.replacing("signature=", with: "signature=A"),
            url.replacing("expires=", with: "expires=1"), url.replacing("expires=", with: "expires=-"),
            account + url[query...], "\(account)/media" + url[query...],
        ]
        for target in forged { #expect(try server.send("GET", target).status == 401, "\(target)") }
        for method in ["DELETE", "PUT", "POST"] { #expect(try server.send(method, url).status == 401) }
        server.advance(by: 60)
        #expect(try server.send("GET", url).status == 200)
        server.advance(by: 1)
        #expect(try server.send("GET", url).status == 401)
    }

    /// Source: a browser sends the cookie of its session with the link, whoever that session is of.
    @Test func aLinkGivesItsOwnRightWhoeverFollowsIt() throws {
        let ada = try server.put("\(account)/users", ["first_name": "A", "last_name": "L"], tenant.adminToken).id
        let eve = try server.put("\(account)/users", ["first_name": "E", "last_name": "L"], tenant.adminToken).id
        let box = try box(owner: ada)
        let message = try leave(box, "")
        let raw = try "\(box)/messages/\(message.id)/raw"
        let url = try #require(server.get("\(raw)?link=true", tenant.adminToken).data["url"]?.string)
        let stranger = try server.makeTenant("Stranger")
        for token in try [server.token(tenant.account, eve), stranger.adminToken] {
            #expect(try server.get(raw, token).status == 403)
            #expect(try sent(server.get(url, token)) == Self.wave)
        }
    }

    @Test func nobodyGetsALinkToWhatHeMayNotHave() throws {
        let raw = try recording()
        let stranger = try server.makeTenant("Stranger")
        #expect(try server.send("GET", "\(raw)?link=true").status == 401)
        #expect(try server.get("\(raw)?link=true", stranger.adminToken).status == 403)
        #expect(try server.get("\(account)/media/none/raw?link=true", tenant.adminToken).status == 404)
    }

    // MARK: How much

    /// A body that tells how much was read of it.
    private struct CountedBody: RequestBody {
        final class Count {
            var value = 0
        }

        let count: Count
        let announcedLength: Int?

        mutating func read(upTo count: Int) -> [UInt8] {
            self.count.value += count
            return [UInt8](repeating: 0x20, count: count)
        }
    }

    @Test(arguments: ["audio/wav", "application/json", "multipart/mixed; boundary=b"])
    func ofAStrangersLargeBodyLittleIsRead(type: String) throws {
        let count = CountedBody.Count()
        var request = Request(
            method: .put,
            target: Array("\(account)/media/none/raw".utf8),
            body: CountedBody(count: count, announcedLength: 7_999_999)
        )
        request.parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8)
        let answer = try Answer(server.dispatcher.respond(to: &request))
        #expect(answer.status == (type == "audio/wav" ? 401 : 400))
        #expect(count.value <= 1_200_000)
    }

    @Test func theFilesOfAnAccountHaveALimitTogether() throws {
        let raw = try recording()
        // The same bytes are kept, and count, only once.
        func large(_ byte: UInt8) -> [UInt8] { Self.wave + [UInt8](repeating: byte, count: 7_000_000) }
        var files: [String] = []
        for byte in [1, 1, 0] as [UInt8] {
            files.append(try recording())
            #expect(try send("POST", files[files.count - 1], large(byte), type: "audio/wav").status == 200)
        }
        let large = large(2)
        let refused = try send("POST", raw, large, type: "audio/wav")
        #expect(refused.status == 400)
        #expect(refused.data["file"]?["quota"]?["target"]?.int == 20_000_000)
        #expect(try sent(server.get(raw, tenant.adminToken)) == Self.wave)
        // What is deleted counts until it is removed: it can be restored for some time.
        let document = files[2].replacing("/raw", with: "")
        #expect(try server.send("DELETE", document, token: tenant.adminToken).status == 200)
        #expect(try send("POST", raw, large, type: "audio/wav").status == 400)
        #expect(try server.purgeTombstones() == 1)
        #expect(try send("POST", raw, large, type: "audio/wav").status == 400)
        #expect(try server.collectFiles() == 1)
        #expect(try send("POST", raw, large, type: "audio/wav").status == 200)
        // Another account has room of its own.
        let other = try server.makeTenant("Other")
        let media = try server.put(
            "/v2/accounts/\(other.account)/media",
            ["name": "M", "media_source": "upload"],
            other.adminToken
        ).id
        let path = "/v2/accounts/\(other.account)/media/\(media)/raw"
        #expect(try send("POST", path, large, type: "audio/wav", token: other.adminToken).status == 200)
    }

    @Test func neitherReplacingNorBeingRefusedAgainAndAgainFillsTheDisk() throws {
        func large(_ byte: Int) -> [UInt8] { Self.wave + [UInt8](repeating: UInt8(byte), count: 7_000_000) }
        let box = try box()
        let raw = try recording()
        #expect(try send("POST", raw, large(0), type: "audio/wav").status == 200)
        #expect(try send("POST", raw, large(1), type: "audio/wav").status == 200)
        #expect(try send("POST", raw, large(2), type: "audio/wav").data["file"]?["quota"] != nil)
        #expect(try server.collectFiles() == 2)
        #expect(try leave(box, #""folder":7"#, large(3)).data["folder"] != nil)
        #expect(try leave(box, #""folder":7"#, large(4)).data["file"]?["quota"] != nil)
        #expect(try server.fileBytes(of: tenant.account) <= 20_000_000)
    }

    /// Lets uploads go on when all of them are under way or answered.
    private final class Gate: Sendable {
        private let missing: Mutex<Int>
        private let count: Int
        private let isOpen = DispatchSemaphore(value: 0)

        init(_ count: Int) {
            self.count = count
            missing = Mutex(count)
        }

        func arrive() {
            let isLast = missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
            if isLast { for _ in 0..<count { isOpen.signal() } }
        }

        func pass() {
            arrive()
            isOpen.wait()
        }
    }

    /// A sound whose first piece comes at once, and the rest when the gate is open.
    private struct GatedBody: RequestBody {
        let announcedLength: Int?
        let gate: Gate
        let number: UInt8
        let length: Int
        private(set) var sent = 0

        mutating func read(upTo count: Int) -> [UInt8] {
            if sent > 0, sent <= 65_536 { gate.pass() }
            let content = sent == 0 ? FilesTests.wave : []
            let filling = min(count, length - sent) - content.count
            sent += content.count + max(0, filling)
            return content + [UInt8](repeating: number, count: max(0, filling))
        }
    }

    /// Whether uploads say how long they are.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func uploadsAtOneTimeCountForEachOther(isLengthKnown: Bool) throws {
        let paths = try (0..<10).map { _ in try recording() }
        let used = try server.fileBytes(of: tenant.account)
        let (length, quota) = (3_900_000, 20_000_000)
        let gate = Gate(paths.count)
        let statuses = Mutex<[Int]>([])
        let done = DispatchSemaphore(value: 0)
        for (number, path) in paths.enumerated() {
            Thread { [server, tenant] in
                var request = Request(
                    method: .post,
                    target: Array(path.utf8),
                    body: GatedBody(
                        announcedLength: isLengthKnown ? length : nil,
                        gate: gate,
                        number: UInt8(number),
                        length: length
                    )
                )
                request.parameters.append(name: "CONTENT_TYPE".utf8, value: "audio/wav".utf8)
                request.parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: tenant.adminToken.utf8)
                let answer = try? Answer(server.dispatcher.respond(to: &request))
                statuses.withLock { $0.append(answer?.status ?? 0) }
                if answer?.status == 400 { gate.arrive() }
                done.signal()
            }.start()
        }
        for _ in paths { done.wait() }
        let stored = statuses.withLock { $0.count { $0 == 200 } }
        #expect(statuses.withLock { $0.count { $0 == 400 } } == paths.count - stored)
        if isLengthKnown { #expect(stored == (quota - used) / length) }
        #expect(try server.fileBytes(of: tenant.account) == used + stored * length)
        // Nothing is set aside any more: what is left can be had to the last byte.
        var left = quota - used - stored * length
        for path in paths where left > 0 {
            let size = min(left, 7_000_000)
            let rest = Self.wave + [UInt8](repeating: UInt8(left % 251), count: size - Self.wave.count)
            #expect(try send("POST", path, rest, type: "audio/wav").status == 200)
            left -= size
        }
        #expect(try server.fileBytes(of: tenant.account) == quota)
    }

    // MARK: For everybody

    @Test("B24: the text that greets is had by the name of the host")
    func theTextThatGreetsIsHadByTheNameOfTheHost() throws {
        let brand = "\(account)/whitelabel"
        let fields: JSON = ["company_name": "C", "domain": "phones.example.com"]
        #expect(try server.send("PUT", brand, fields, server.master.adminToken).status == 201)
        let page = Array("<h1>Welcome</h1>".utf8)
        #expect(try send("POST", "\(brand)/welcome", page, type: "text/html").status == 200)
        let answer = try server.send("GET", "/v2/whitelabel/phones.example.com/welcome")
        #expect(try sent(answer) == page)
        #expect(answer.fields[.contentDisposition]?.hasPrefix("attachment; ") == true)
    }

    @Test("B23: an applications pictures are for everybody to see")
    func anApplicationsPicturesAreForEverybodyToSee() throws {
        let apps = "/v2/accounts/\(server.master.account)/apps_store"
        let app = try server.put(apps, Self.app, server.master.adminToken).id
        for picture in ["icon", "screenshot/0", "screenshot/31"] {
            let path = "\(apps)/\(app)/\(picture)"
            #expect(try server.send("GET", path).status == 404)
            #expect(try send("PUT", path, Self.png, type: "image/png").status == 403)
            let stored = try send("PUT", path, Self.png, type: "image/png", token: server.master.adminToken)
            #expect(stored.status == 201, "\(stored.json)")
            #expect(try sent(server.send("GET", path)) == Self.png)
            #expect(try sent(server.send("GET", "\(account)/apps_store/\(app)/\(picture)")) == Self.png)
        }
        for picture in ["screenshot/32", "screenshot/-1", "screenshot/x", "screenshot/1"] {
            #expect(try server.send("GET", "\(apps)/\(app)/\(picture)").status == 404)
        }
        let gone = try server.send("DELETE", "\(apps)/\(app)/icon", token: server.master.adminToken)
        #expect(gone.status == 200)
        #expect(try server.send("GET", "\(apps)/\(app)/icon").status == 404)
    }
}
