//  Files between the disk and the world: how large, how many at once, in which pieces, and nothing but what is asked for.

import Foundation
import Glibc
import JSON
import Synchronization
import Testing

extension EndToEnd {
    @Suite struct FileTests {
        /// A recording, which may be as large as the server takes.
        private struct Recording {
            let session: Session
            let path: String

            init(_ session: Session) throws {
                self.session = session
                path = "/media/\(try session.create("/media", Self.fields()))/raw"
            }

            private static func fields() -> JSON {
                ["name": .string(uniqueName("recording")), "media_source": "upload"]
            }

            var target: String { "/v2/accounts/\(session.account)\(path)" }

            func put(_ bytes: [UInt8], type: String = "audio/mpeg") throws -> Answer {
                let fields = ["X-Auth-Token: \(session.token)", "Content-Type: \(type)"]
                return try session.client.send("POST", target, fields: fields, body: bytes)
            }

            func get(_ query: String = "", _ fields: [String] = []) throws -> Answer {
                try session.send("GET", path + query, fields: fields)
            }
        }

        /// A sound to its first bytes.
        private static func sound(_ count: Int, salt: Int = 0) -> [UInt8] {
            let mark = Array("ID3".utf8)
            return mark + (mark.count..<count).map { UInt8(truncatingIfNeeded: ($0 &+ salt) &* 31 &+ $0 >> 8) }
        }

        private func recording(_ bytes: [UInt8], _ scheme: Scheme = .http) throws -> Recording {
            let recording = try Recording(Stack.current.session(scheme).withNewAccount())
            let stored = try recording.put(bytes)
            guard stored.status == 200 else { throw Surprise(stored) }
            return recording
        }

        private func expectGuarded(_ answer: Answer) {
            // An error's page says both once more.
            func values(_ name: String) -> [String] { answer.fields.filter { $0.name == name }.map(\.value) }
            #expect(values("x-content-type-options").first == "nosniff")
            #expect(values("content-security-policy").first?.contains("default-src 'none'") == true)
        }

        // MARK: Pieces

        /// A range, and the bytes of each part that it means.
        static let ranges: [(range: String, parts: [Range<Int>])] = [
            ("bytes=0-0,-1", [0..<1, 69_999..<70_000]), ("bytes=10-19, 30-39,50-", [10..<20, 30..<40, 50..<70_000]),
            ("bytes=69990-80000", [69_990..<70_000]), ("bytes=-80000", [0..<70_000]), ("bytes=1-1,80000-", [1..<2]),
        ]

        @Test(arguments: ranges)
        func severalPiecesOfAFileAreSent(range: String, parts: [Range<Int>]) throws {
            let bytes = Self.sound(70_000)
            let answer = try recording(bytes).get("", ["Range: \(range)"])
            #expect(answer.status == 206)
            expectGuarded(answer)
            guard parts.count > 1 else {
                #expect(answer.body == Array(bytes[parts[0]]))
                #expect(answer["content-range"] == "bytes \(parts[0].lowerBound)-\(parts[0].upperBound - 1)/70000")
                return
            }
            #expect(answer["content-type"]?.hasPrefix("multipart/byteranges; boundary=") == true)
            for part in parts {
                #expect(Data(answer.body).range(of: Data(bytes[part])) != nil)
                let field = "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/70000"
                #expect(Data(answer.body).range(of: Data(field.utf8)) != nil)
            }
        }

        @Test func whatIsNoRangeMeansTheWholeOrIsRefused() throws {
            let bytes = Self.sound(1_000)
            let recording = try recording(bytes)
            for range in ["bytes=1000-", "bytes=-0", "bytes=5-2", "bytes=x", "bytes="] {
                let answer = try recording.get("", ["Range: \(range)"])
                // What is no range at all may be passed over. Source: RFC 9110 §14.2.
                #expect(answer.status == 416 || answer.body == bytes, "\(range)")
                expectGuarded(answer)
            }
            for range in ["items=0-1", "0-1"] {
                #expect(try recording.get("", ["Range: \(range)"]).body == bytes, "\(range)")
            }
            let tag = try #require(recording.get()["etag"])
            for condition in ["If-None-Match: \(tag)", "If-None-Match: *", "If-None-Match: \"x\", W/\(tag)"] {
                let answer = try recording.get("", [condition])
                #expect(answer.status == 304, "\(condition)")
                #expect(answer["etag"] == tag)
                #expect(answer.body.isEmpty)
            }
            let head = try recording.session.send("HEAD", recording.path, fields: ["Range: bytes=0-9"])
            #expect(head.status == 206 || head.status == 200)
            #expect(head.body.isEmpty)
            #expect(try recording.get("", ["Range: bytes=0-9", "If-Range: W/\(tag)"]).status == 200)
        }

        @Test(arguments: Scheme.allCases)
        func aDownloadThatBrokeOffGoesOn(scheme: Scheme) throws {
            let bytes = Self.sound(1_500_000)
            let recording = try recording(bytes, scheme)
            let file = NSTemporaryDirectory() + uniqueName("jackfield-download-")
            defer { try? FileManager.default.removeItem(atPath: file) }
            try Data(bytes.prefix(400_001)).write(to: URL(filePath: file))
            let curl = Process()
            curl.executableURL = URL(filePath: "/usr/bin/curl")
            curl.arguments = [
                "--silent", "--fail", "--insecure", "--noproxy", "*", "--continue-at", "-", "--output", file,
                "--header", "X-Auth-Token: \(recording.session.token)",
                recording.session.client.address + recording.target,
            ]
            try curl.run()
            curl.waitUntilExit()
            #expect(curl.terminationStatus == 0)
            #expect(try Data(contentsOf: URL(filePath: file)) == Data(bytes))
        }

        @Test func aLinkNeedsNothingElse() throws {
            let bytes = Self.sound(5_000)
            let recording = try recording(bytes)
            let url = try #require(recording.get("?link=true").data["url"]?.string)
            let answer = try recording.session.client.send("GET", url)
            #expect(answer.status == 200)
            #expect(answer.body == bytes)
            let part = try recording.session.client.send("GET", url, fields: ["Range: bytes=1-3"])
            #expect(part.body == Array(bytes[1..<4]))
            #expect(try recording.session.client.send("GET", String(url.dropLast(2))).status == 401)
        }

        // MARK: How large, and how many

        /// The bytes of a file, and what is said: the application's own limit, then that of nginx.
        @Test func theLimitsAreExact() throws {
            let recording = try recording(Self.sound(100))
            let sizes = [(8_000_000, 200), (8_000_001, 400), (8 << 20, 400), (8 << 20 + 1, 413)]
            var largest = [UInt8](repeating: 7, count: 8 << 20 + 1)
            largest.replaceSubrange(0..<3, with: Array("ID3".utf8))
            for (size, status) in sizes {
                let answer = try recording.put(Array(largest.prefix(size)))
                #expect(answer.status == status, "\(size)")
                if status == 400 { #expect(answer.data["file"]?["maxSize"]?["target"]?.int == 8_000_000) }
                if status == 413 { #expect(answer.json["error"] == "413") }
            }
            #expect(try recording.get()["content-length"] == "8000000")
        }

        @Test func anUploadThatStopsHalfWayLeavesNothing() throws {
            let recording = try recording(Self.sound(100))
            let before = try files()
            let address = recording.session.client.address.split(separator: ":")
            let bash = Process()
            bash.executableURL = URL(filePath: "/bin/bash")
            bash.arguments = [
                "-c",
                """
                exec 3<>"/dev/tcp/127.0.0.1/$0"
                printf 'POST %s HTTP/1.1\\r\\nHost: localhost\\r\\nX-Auth-Token: %s\\r\\n' "$1" "$2" >&3
                printf 'Content-Type: audio/mpeg\\r\\nContent-Length: 3000000\\r\\n\\r\\nID3' >&3
                head --bytes 1000000 /dev/zero >&3
                exec 3>&-
                """,
                String(address.last ?? ""), recording.target, recording.session.token,
            ]
            try bash.run()
            bash.waitUntilExit()
            #expect(bash.terminationStatus == 0)
            #expect(try recording.get()["content-length"] == "100")
            #expect(try files() == before)
        }

        /// All files of the attachments.
        private func files() throws -> Set<String> {
            let folder = try Stack.current.data + "/attachments"
            return Set(try FileManager.default.subpathsOfDirectory(atPath: folder))
        }

        @Test func aHundredUploadsAtOnceStayInLittleMemory() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let process = try #require(Stack.current.process)
            // The peak begins anew. Source: proc(5), clear_refs.
            try "5".write(toFile: "/proc/\(process)/clear_refs", atomically: false, encoding: .utf8)
            let recordings = try (0..<100).map { _ in try Recording(session) }
            let statuses = Mutex<[Int]>([])
            DispatchQueue.concurrentPerform(iterations: 100) { number in
                let status = (try? recordings[number].put(Self.sound(1_000_000, salt: number)))?.status
                statuses.withLock { $0.append(status ?? 0) }
            }
            #expect(statuses.withLock { $0 } == Array(repeating: 200, count: 100))
            let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
            let kilobytes = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            #expect(kilobytes < 150_000)
        }

        // MARK: Nothing but what is asked for

        @Test func noPathNameOrRangeReachesAnythingElse() throws {
            let bytes = Self.sound(2_000)
            let recording = try recording(bytes)
            var attacks = Attacks(seed: 1)
            // Six requests each.
            for _ in 0..<1_700 {
                let text = attacks.next()
                let encoded = text.utf8.map { byte in
                    "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }.joined()
                let targets = [
                    "/v2/accounts/\(recording.session.account)/media/\(encoded)/raw", "/.attachments/\(encoded)",
                    "/.attachments/\(text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "./-_~".contains($0)) })",
                    "/static/\(encoded)",
                ]
                for target in targets {
                    let answer = try recording.session.client.send(
                        "GET",
                        target,
                        fields: ["X-Auth-Token: \(recording.session.token)"]
                    )
                    #expect([400, 401, 403, 404, 414].contains(answer.status), "\(target) \(answer.status)")
                }
                let named = try recording.get("?file_name=\(encoded)")
                #expect(named.body == bytes || named.status == 400, "\(text)")
                if named.status == 200 {
                    let disposition = named["content-disposition"] ?? ""
                    #expect(disposition.hasPrefix("attachment; filename=\"") && !disposition.contains("/"))
                }
                let range = text.filter { !"\r\n\0".contains($0) && $0.isASCII }
                let part = try recording.get("", ["Range: bytes=\(range)"])
                #expect([200, 206, 400, 416].contains(part.status), "\(range)")
                if part.status == 200 { #expect(part.body == bytes) }
            }
        }

        @Test(.enabled(if: getuid() == 0))
        func nginxReadsNoOtherFileOfTheServer() throws {
            _ = try recording(Self.sound(100))
            let data = try Stack.current.data
            let settings = try String(contentsOfFile: "\(data)/nginx/nginx.conf", encoding: .utf8)
            // Below a private home its workers have to stay root.
            guard settings.contains("user www-data root;") else { return }
            let find = Process()
            let output = Pipe()
            find.executableURL = URL(filePath: "/bin/sh")
            find.arguments = [
                "-c",
                """
                find "$0" -type f | setpriv --reuid www-data --regid root --clear-groups \
                    sh -c 'while read -r file; do if [ -r "$file" ]; then echo "$file"; fi; done'
                """,
                data,
            ]
            find.standardOutput = output
            try find.run()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            find.waitUntilExit()
            let readable = text.split(separator: "\n")
            #expect(!readable.isEmpty)
            #expect(readable.allSatisfy { $0.hasPrefix("\(data)/attachments/") }, "\(readable)")
        }
    }
}

/// Strings of the kind that leads astray who pastes them into a path, a header or a command; the same for one seed.
struct Attacks {
    private static let pieces = [
        "../", "..\\", "%2e%2e/", "..%2f", "%252e%252e%252f", "....//", "/etc/passwd", "documents.sqlite",
        "keys/pepper",
        "\0", "\r\nX-Evil: 1", "\n", "\"", "'", ";", "|id", "$(id)", "`id`", "<script>", "{{7*7}}", "%00", "%0d%0a",
        "/",
        "\\", ".", "..", "~", "*", "?", "#", "&", "=", "\u{202E}", "é", "\u{FF0E}\u{FF0E}\u{2215}", "-1", "0-", "0-1,",
        "99999999999999999999", " ", "' OR 1=1--", "file:///", "C:\\", "attachments/", ".attachments/", "new/",
    ]

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> String {
        (0...Int(random() % 5)).map { _ in Self.pieces[Int(random() % UInt64(Self.pieces.count))] }.joined()
    }

    /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", SplitMix64.
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
