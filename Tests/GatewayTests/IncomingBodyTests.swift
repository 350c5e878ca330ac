//  Files that come with requests: what they are called, what they are, and that they come piece by piece.

import HTTPMessage
import HTTPTypes
import JSON
import Synchronization
import Testing

@testable import Gateway

/// Keeps what is stored, and how large the largest piece was.
private final class MemoryArchive: FileArchive {
    struct State {
        var files: [[UInt8]] = []
        var largestPiece = 0
    }

    let state = Mutex(State())

    func store(
        for account: String?,
        length: Int?,
        _ next: () throws(APIError) -> [UInt8]?
    ) throws(APIError) -> String {
        var content: [UInt8] = []
        while let piece = try next() {
            content += piece
            state.withLock { $0.largestPiece = max($0.largestPiece, piece.count) }
        }
        return state.withLock {
            $0.files.append(content)
            return "file \($0.files.count)"
        }
    }
}

/// A body that comes in pieces of one size.
private struct PiecesBody: RequestBody {
    var rest: ArraySlice<UInt8>
    let size: Int
    var announcedLength: Int?

    init(_ bytes: [UInt8], size: Int, announcing length: Int? = nil) {
        rest = bytes[...]
        self.size = size
        announcedLength = length ?? bytes.count
    }

    mutating func read(upTo count: Int) throws(RequestBodyError) -> [UInt8] {
        let piece = Array(rest.prefix(min(count, size)))
        rest = rest.dropFirst(piece.count)
        if piece.isEmpty, isShort { throw .incomplete }
        return piece
    }

    /// Whether fewer bytes come than were announced.
    var isShort = false
}

@Suite struct IncomingBodyTests {
    private static let everything = ["application/*", "audio/*", "image/*", "text/*"]
    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private struct Read {
        var envelope: RequestEnvelope
        var content: [UInt8]?
    }

    private func read(
        _ body: some RequestBody,
        type: String,
        fields: KeyValuePairs<String, String> = [:],
        taking types: [String] = everything,
        atMost limit: Int = 100_000_000,
        into archive: MemoryArchive = MemoryArchive()
    ) throws(APIError) -> Read {
        var parameters = CGIParameters(fields)
        parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8)
        let request = Request(method: .put, target: [], parameters: parameters, body: body)
        let incoming = try IncomingBody(request, limit: 100_000_000)
        let early = try incoming.readEnvelope()
        let allowance = FileAllowance(bytes: limit, for: nil, else: .diskFull)
        let whole = try incoming.receive(types, allowance: { () throws(APIError) in allowance }, into: archive)
        return Read(envelope: whole ?? early, content: archive.state.withLock { $0.files.last })
    }

    /// A body's type and text, and the label and the content of the file that it is.
    static let uploads: [(String, String, FileLabel, [UInt8])] = [
        ("text/xml; charset=utf-8", "<a/>", FileLabel(mediaType: "text/xml"), Array("<a/>".utf8)),
        ("nonsense", "a", FileLabel(mediaType: "application/octet-stream"), [0x61]),
        ("application/base64", "QU\r\nJD", FileLabel(mediaType: "application/octet-stream"), Array("ABC".utf8)),
        ("application/x-base64", "data:image/png;base64,iVBORw0KGgo=", FileLabel(mediaType: "image/png"), png),
        ("application/base64", "data:;base64,QQ", FileLabel(mediaType: "application/octet-stream"), [65]),
    ]

    @Test(arguments: uploads, [1, 2, 5, 65_536])
    func aBodyThatIsNoEnvelopeIsAFile(upload: (String, String, FileLabel, [UInt8]), size: Int) throws {
        let (type, body, label, content) = upload
        let read = try read(PiecesBody(Array(body.utf8), size: size), type: type)
        #expect(read.envelope.file?.label == label)
        #expect(read.envelope.file?.length == content.count)
        #expect(read.content == content)
        #expect(read.envelope.data == [:])
    }

    @Test(arguments: ["A", "QUJD=", "QQ=", "QQ===", "Q=Q=", "QU*D", "data:image/png,QUJD", "data:image/png;base64"])
    func aBrokenBase64IsRefused(body: String) {
        for size in [1, 100] {
            let error = #expect(throws: APIError.self) {
                _ = try read(PiecesBody(Array(body.utf8), size: size), type: "application/base64")
            }
            #expect(error?.data.value(at: "file.encoding") != nil)
        }
    }

    /// A file among fields, with everything that a part may have.
    private static let parts = [
        ["Content-Disposition: form-data; name=\"data.name\"", "", "Ada"],
        [
            #"content-disposition: form-data; name="a%22b"; filename="C:\photos\me \"x.pdf""#,
            "Content-Type: application/pdf; x=y", "", "%PDF-\r\n--b0\r\n--not the boundary\r",
        ],
        ["Content-Disposition: form-data; name=\"data.note\"", "", "after the file"],
    ]

    private static func body(_ parts: [[String]]) -> [UInt8] {
        let text = parts.map { "--boundary \t\r\n" + $0.joined(separator: "\r\n") + "\r\n" }.joined()
        return Array(("preamble\r\n" + text + "--boundary--\r\nepilogue").utf8)
    }

    @Test func aFileAmongFieldsIsTheSameInPiecesOfAnySize() throws {
        let bytes = Self.body(Self.parts)
        for size in 1...bytes.count {
            let read = try read(PiecesBody(bytes, size: size), type: "multipart/form-data; boundary=boundary")
            #expect(read.envelope.data == ["name": "Ada", "note": "after the file"])
            #expect(read.envelope.file?.label == FileLabel(name: "me \"x.pdf", mediaType: "application/pdf"))
            #expect(read.content == Array("%PDF-\r\n--b0\r\n--not the boundary\r".utf8))
        }
    }

    @Test func aPartOfBase64IsDecodedAndItsExtendedNameCounts() throws {
        let part = [
            "Content-Disposition: form-data; name=c; filename=\"x\"; filename*=UTF-8''caf%C3%A9.txt",
            "Content-Transfer-Encoding: base64", "", "QUJD",
        ]
        let read = try read(BytesBody(Self.body([part])), type: "multipart/form-data; boundary=boundary")
        #expect(read.envelope.file?.label == FileLabel(name: "café.txt", mediaType: "application/octet-stream"))
        #expect(read.content == Array("ABC".utf8))
    }

    @Test func anEnvelopeMayFollowAFileButNoWordOfWhoAsksAndWhat() throws {
        let file = ["Content-Disposition: form-data; name=f; filename=a.txt", "Content-Type: text/plain", "", "x"]
        func envelope(_ json: String) -> [String] { ["Content-Type: application/json", "", json] }
        let type = "multipart/mixed; boundary=boundary"
        let late = try read(BytesBody(Self.body([file, envelope(#"{"data":{"a":1}}"#)])), type: type)
        #expect(late.envelope.data == ["a": 1])
        for words in [#"{"data":{},"verb":"delete"}"#, #"{"data":{},"auth_token":"t"}"#] {
            let error = #expect(throws: APIError.self) {
                _ = try read(BytesBody(Self.body([file, envelope(words)])), type: type)
            }
            #expect(error?.status.code == 400)
        }
        let early = try read(BytesBody(Self.body([envelope(#"{"data":{},"verb":"put"}"#), file])), type: type)
        #expect(early.envelope.members["verb"] == "put")
    }

    @Test func oneFileIsTakenAndNoSecond() {
        let file = ["Content-Disposition: form-data; name=f; filename=a.txt", "", "x"]
        let error = #expect(throws: APIError.self) {
            _ = try read(BytesBody(Self.body([file, file])), type: "multipart/form-data; boundary=boundary")
        }
        #expect(error?.data.value(at: "file.maxItems") != nil)
    }

    /// A name that a client gives a file, and the one that we know it by.
    static let names: [(String, String?)] = [
        ("a.txt", "a.txt"), ("/etc/passwd", "passwd"), ("..", nil), (".", nil), ("a/..", nil), ("", nil), ("a/", "a"),
        ("..\\..\\x", "x"), ("a\r\nb\u{0}", "ab"), (String(repeating: "é", count: 128), nil),
    ]

    @Test(arguments: names)
    func aFileNameIsOneSafeComponent(sent: String, known: String?) {
        #expect(FileLabel(name: sent, mediaType: "a/b").name == known)
    }

    /// What an endpoint takes, the type of a file, and whether it is taken.
    static let types: [([String], String, Bool)] = [
        ([], "text/plain", false), (["text/plain"], "text/plain", true), (["text/*"], "text/plain", true),
        (["text/*"], "textx/plain", false), (["text/*", "audio/mpeg"], "audio/wav", false),
    ]

    @Test(arguments: types)
    func anEndpointTakesTheTypesThatItStates(types: [String], type: String, isTaken: Bool) {
        if isTaken {
            #expect(throws: Never.self) { try read(BytesBody([1]), type: type, taking: types) }
        } else {
            let error = #expect(throws: APIError.self) { try read(BytesBody([1]), type: type, taking: types) }
            #expect(error?.status.code == 415)
        }
    }

    /// A type, how a file begins, and whether it can be one of the type.
    static let beginnings: [(String, [UInt8], Bool)] = [
        ("image/png", png, true), ("image/png", [0xFF, 0xD8, 0xFF, 0xE0], false),
        ("image/jpeg", [0xFF, 0xD8, 0xFF], true),
        ("image/png", Array("<script>".utf8), false), ("image/gif", Array("GIF89a".utf8), true),
        ("image/svg+xml", Array("\u{FEFF} \n<svg>".utf8), true), ("image/svg+xml", Array("GIF89a".utf8), false),
        ("audio/mpeg", [0xFF, 0xFB, 0x90], true), ("audio/mpeg", Array("ID3".utf8), true),
        ("audio/mpeg", Array("RIFFxxxxWAVE".utf8), false), ("audio/x-wav", Array("RIFFxxxxWAVE".utf8), true),
        ("audio/x-wav", Array("RIFFxxxxWEBP".utf8), false), ("audio/ogg", Array("OggS".utf8), true),
        ("audio/mp4", [0, 0, 0, 24] + Array("ftypM4A ".utf8), true), ("application/pdf", Array("%PDF-1.7".utf8), true),
        ("application/pdf", Array("<html>".utf8), false), ("audio/x-unheard-of", [1, 2, 3], true),
        ("application/octet-stream", [1, 2, 3], true), ("image/png", Array(png.prefix(4)), false),
    ]

    @Test(arguments: beginnings)
    func theFirstBytesMustBeOfTheStatedType(type: String, bytes: [UInt8], isTaken: Bool) {
        for size in [1, 1_000] {
            let body = PiecesBody(bytes, size: size)
            if isTaken {
                #expect(throws: Never.self) { try read(body, type: type) }
            } else {
                let error = #expect(throws: APIError.self) { try read(body, type: type) }
                #expect(error?.status.code == 415)
            }
        }
    }

    @Test(arguments: [(1_000, true), (1_001, false)])
    func theLimitOfAFileIsExact(size: Int, isTaken: Bool) {
        let content = [UInt8](repeating: 7, count: size)
        let head = Array("--b\r\nContent-Disposition: form-data; filename=a\r\n\r\n".utf8)
        let bodies: [(String, [UInt8])] = [
            ("application/octet-stream", content),
            ("multipart/mixed; boundary=b", head + content + Array("\r\n--b--".utf8)),
        ]
        for (type, body) in bodies {
            let archive = MemoryArchive()
            let error = Result { () throws(APIError) in
                try read(BytesBody(body), type: type, atMost: 1_000, into: archive)
            }
            if isTaken {
                #expect((try? error.get())?.envelope.file?.length == size)
            } else {
                #expect(throws: APIError.diskFull) { try error.get() }
                #expect(archive.state.withLock { $0.files.isEmpty })
            }
        }
    }

    @Test func aFileThatEndsHalfWayIsNotStored() {
        var body = PiecesBody(Self.png, size: 3, announcing: 1_000_000)
        body.isShort = true
        let archive = MemoryArchive()
        let error = #expect(throws: APIError.self) { try read(body, type: "image/png", into: archive) }
        #expect(error?.status.code == 400)
        #expect(archive.state.withLock { $0.files.isEmpty })
        let whole = Self.body(Self.parts)
        for count in stride(from: 120, to: whole.count - 30, by: 7) {
            let part = BytesBody(Array(whole.prefix(count)))
            #expect(throws: APIError.self) {
                try read(part, type: "multipart/form-data; boundary=boundary", into: archive)
            }
        }
    }

    @Test func aLargeFileComesInSmallPieces() throws {
        let archive = MemoryArchive()
        let content = [UInt8](repeating: 7, count: 3_000_000)
        let head = Array("--b\r\nContent-Disposition: form-data; filename=a\r\n\r\n".utf8)
        let body = BytesBody(head + content + Array("\r\n--b--".utf8))
        let read = try read(body, type: "multipart/mixed; boundary=b", into: archive)
        #expect(read.content == content)
        #expect(archive.state.withLock { $0.largestPiece } < 200_000)
    }

    @Test func littleIsReadForSomebodyUnknown() throws {
        func incoming(_ size: Int, _ type: String) throws -> IncomingBody {
            let body = #"{"data":{"a":""# + String(repeating: "x", count: size) + #""}}"#
            var parameters = CGIParameters()
            parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8)
            let request = Request(method: .put, target: [], parameters: parameters, body: BytesBody(Array(body.utf8)))
            return try IncomingBody(request, limit: RequestEnvelope.limit)
        }
        let small = try incoming(1_000_000, "application/json")
        #expect(!small.isLarge)
        #expect(throws: Never.self) { try small.readEnvelope() }
        let large = try incoming(1_100_000, "application/json")
        #expect(large.isLarge)
        let error = #expect(throws: APIError.self) { try large.readEnvelope() }
        #expect(error?.data["file"]?["maxSize"]?["target"]?.int == IncomingBody.anonymousLimit)
        let known = try incoming(1_100_000, "application/json")
        known.trustSender()
        #expect(throws: Never.self) { try known.readEnvelope() }
        #expect(try !incoming(1_100_000, "image/png").isLarge)
    }
}
