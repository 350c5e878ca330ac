//  Files of documents: stored by the application, sent by nginx.

import JSON
import Testing

extension EndToEnd {
    @Suite struct AttachmentTests {
        private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        /// A picture to its first bytes; the others no encoding leaves alone.
        private static let photo = png + (png.count..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

        /// A user with a photo, and the path of that.
        private func photo(_ scheme: Scheme) throws -> (session: Session, path: String) {
            let session = try Stack.current.session(scheme).withNewAccount()
            let path = "/users/\(try session.create("/users", ["first_name": "Ada", "last_name": "Lovelace"]))/photo"
            let stored = try upload("POST", path, Self.photo, session)
            guard stored.status == 200 else { throw Surprise(stored) }
            return (session, path)
        }

        private func upload(_ method: String, _ path: String, _ bytes: [UInt8], _ session: Session) throws -> Answer {
            try session.client.send(
                method,
                "/v2/accounts/\(session.account)\(path)",
                fields: ["X-Auth-Token: \(session.token)", "Content-Type: image/png"],
                body: bytes
            )
        }

        @Test(arguments: Scheme.allCases)
        func whatIsUploadedComesBack(scheme: Scheme) throws {
            let (session, path) = try photo(scheme)
            let answer = try session.send("GET", path)
            #expect(answer.status == 200)
            #expect(answer.body == Self.photo)
            #expect(answer["content-type"] == "image/png")
            #expect(answer["content-disposition"]?.hasPrefix("attachment; filename=") == true)
            #expect(answer["content-length"] == String(Self.photo.count))
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["content-security-policy"]?.contains("sandbox") == true)
            #expect(answer["x-accel-redirect"] == nil)
            #expect(answer["x-request-id"] != nil)
            let head = try session.send("HEAD", path)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head["content-length"] == String(Self.photo.count))
            #expect(try session.send("POST", "\(path)?verb=get").body == Self.photo)
        }

        @Test func aTagSparesAClientTheBytesUntilTheyChange() throws {
            let (session, path) = try photo(.http)
            let tag = try #require(session.send("GET", path)["etag"])
            let condition = ["If-None-Match: \(tag)"]
            #expect(try session.send("GET", path, fields: condition).status == 304)
            // As long as the other file, and stored within the same second.
            let other = Self.png + Self.photo.dropFirst(Self.png.count).reversed()
            #expect(try upload("POST", path, other, session).status == 200)
            let changed = try session.send("GET", path, fields: condition)
            #expect(changed.status == 200)
            #expect(changed.body == other)
        }

        /// A range, and the bytes that it means; nil for the whole file, and an empty one where there are none.
        static let ranges: [(range: String, status: Int, bytes: Range<Int>)] = [
            ("bytes=0-0", 206, 0..<1), ("bytes=10-19", 206, 10..<20), ("bytes=69990-", 206, 69_990..<70_000),
            ("bytes=-5", 206, 69_995..<70_000), ("bytes=5-2", 416, 0..<0), ("bytes=70000-", 416, 0..<0),
        ]

        @Test(arguments: ranges)
        func aPartOfAFileIsSent(range: String, status: Int, bytes: Range<Int>) throws {
            let (session, path) = try photo(.http)
            let tag = try #require(session.send("GET", path)["etag"])
            for fields in [["Range: \(range)"], ["Range: \(range)", "If-Range: \(tag)"]] {
                let answer = try session.send("GET", path, fields: fields)
                #expect(answer.status == status)
                if status == 206 { #expect(answer.body == Array(Self.photo[bytes])) }
            }
            let stale = ["Range: \(range)", "If-Range: \"another\""]
            #expect(try session.send("GET", path, fields: stale).body == Self.photo)
        }

        @Test(arguments: [
            "/.attachments/", "/.attachments/ab/cd", "/.attachments/../documents.sqlite", "/.attachments//etc/passwd",
            "/.attachments/%2e%2e/documents.sqlite", "/.attachments/..%2fkeys%2fpepper",
        ])
        func nobodyGetsAFileByItsPlace(target: String) throws {
            let (session, _) = try photo(.http)
            let answer = try session.client.send("GET", target, fields: ["X-Auth-Token: \(session.token)"])
            #expect(answer.status == 404 || answer.status == 400)
        }

        @Test func withoutTheRightThereAreNoBytes() throws {
            let (session, path) = try photo(.http)
            let answer = try session.client.send("GET", "/v2/accounts/\(session.account)\(path)")
            expectError(answer, 401)
        }
    }
}
