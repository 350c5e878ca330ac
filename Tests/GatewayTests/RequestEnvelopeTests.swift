//  Reading bodies.

import HTTPMessage
import HTTPTypes
import JSON
import Testing

@testable import Gateway

@Suite struct RequestEnvelopeTests {
    private func envelope(_ body: String, type: String? = nil) throws(APIError) -> RequestEnvelope {
        var parameters = CGIParameters()
        if let type { parameters.append(name: "CONTENT_TYPE".utf8, value: type.utf8) }
        var request = Request(
            method: .put,
            target: [],
            parameters: parameters,
            body: BytesBody(Array(body.utf8))
        )
        return try RequestEnvelope(of: &request)
    }

    @Test func anEmptyBodyIsAnEmptyObject() throws {
        #expect(try envelope("").data == [:])
    }

    @Test(arguments: [
        #"{"data":{"a":1},"Auth-Token":"t"}"#, #"{"DATA":{"a":1},"auth_token":"t","verb":null}"#,
    ])
    func namesAroundDataAreNormalised(body: String) throws {
        let envelope = try envelope(body)
        #expect(envelope.data == ["a": 1])
        #expect(envelope.members["auth_token"] == "t")
        #expect(envelope.members["verb"] == nil)
    }

    @Test func aBodyOfNothingButBracketsIsRefused() throws {
        let brackets = Array(repeating: "[]", count: RequestEnvelope.valueLimit).joined(separator: ",")
        let error = #expect(throws: APIError.self) { _ = try envelope(#"{"data":[\#(brackets)]}"#) }
        #expect(error?.status.code == 400)
    }

    @Test func aFormOfTooManyFieldsIsRefused() throws {
        func form(_ count: Int) -> String { (0..<count).map { "data.k\($0)=" }.joined(separator: "&") }
        #expect(try envelope(form(4_000), type: "application/x-www-form-urlencoded").data.object?.count == 4_000)
        let error = #expect(throws: APIError.self) {
            _ = try envelope(form(4_001), type: "application/x-www-form-urlencoded")
        }
        #expect(error?.status.code == 400)
    }

    @Test(arguments: [
        #"{"data":{},"verb":"delete","Verb":"put"}"#, #"{"data":{},"Data":{"a":1}}"#,
        #"{"data":{},"auth-token":"t","auth_token":"t"}"#,
    ])
    func twoNamesOfOneMemberAreRefused(body: String) {
        let error = #expect(throws: APIError.self) { _ = try envelope(body) }
        #expect(error?.status.code == 400)
    }

    /// A body, and the path and rule of what is wrong with it.
    static let refused: [(String, JSONPath)] = [
        (#"{"foo":1}"#, "data.required"), (#"{"data":null}"#, "data.required"), (#"{"data":"x"}"#, "data.type"),
        (#"{"data":1}"#, "data.type"), (#"{"data":"#, "json.invalid"), ("[]", "json.invalid"), ("1", "json.invalid"),
        (#"{"data":{"a":1,"a":2}}"#, "json.invalid"), ("\u{FEFF}{}", "json.invalid"),
    ]

    @Test(arguments: refused)
    func aBodyThatIsNoEnvelopeIsRefusedWhereItIsWrong(body: String, path: JSONPath) throws {
        let error = #expect(throws: APIError.self) { _ = try envelope(body) }
        #expect(error?.status.code == 400)
        #expect(error?.data.value(at: path)?["message"]?.string?.isEmpty == false)
    }

    @Test func aBodyThatBeginsWithABraceIsJSONWhateverItsTypeSays() throws {
        let data = try envelope(#"{"data":{"a":"x=1&y=2"}}"#, type: "application/x-www-form-urlencoded").data
        #expect(data == ["a": "x=1&y=2"])
    }

    @Test func aFormCarriesDataAsDottedNames() throws {
        let form = "data.first_name=Ada+L&data.hotdesk.enabled=true&verb=put"
        let envelope = try envelope(form, type: "application/x-www-form-urlencoded; charset=utf-8")
        #expect(envelope.data == ["first_name": "Ada L", "hotdesk": ["enabled": "true"]])
        #expect(envelope.members["verb"] == "put")
    }

    @Test(arguments: ["data.a=1&data.a=2", "data.a=1&data.a.b=2", "data.a.b=1&data.a=2"])
    func aFormThatContradictsItselfIsRefused(form: String) {
        let error = #expect(throws: APIError.self) {
            _ = try envelope(form, type: "application/x-www-form-urlencoded")
        }
        #expect(error?.status.code == 400)
    }

    /// A body's type and text, and the file that it is.
    static let uploads: [(String, String, UploadedFile)] = [
        ("text/xml; charset=utf-8", "<a/>", UploadedFile(mediaType: "text/xml", content: Array("<a/>".utf8))),
        ("nonsense", "a", UploadedFile(mediaType: "application/octet-stream", content: Array("a".utf8))),
        (
            "application/base64", "QU\r\nJD",
            UploadedFile(mediaType: "application/octet-stream", content: Array("ABC".utf8))
        ),
        (
            "application/x-base64", "data:image/png;base64,QUI=",
            UploadedFile(mediaType: "image/png", content: Array("AB".utf8))
        ),
        ("application/base64", "data:;base64,QQ", UploadedFile(mediaType: "application/octet-stream", content: [65])),
    ]

    @Test(arguments: uploads)
    func aBodyThatIsNoEnvelopeIsAFile(type: String, body: String, file: UploadedFile) throws {
        let envelope = try envelope(body, type: type)
        #expect(envelope.files == [file])
        #expect(envelope.data == [:])
    }

    @Test(arguments: ["A", "QUJD=", "QQ=", "QQ===", "Q=Q=", "QU*D", "data:image/png,QUJD", "data:image/png;base64"])
    func aBrokenBase64IsRefused(body: String) {
        let error = #expect(throws: APIError.self) { _ = try envelope(body, type: "application/base64") }
        #expect(error?.data.value(at: "file.encoding") != nil)
    }

    @Test func filesOfAFormKeepTheirFieldNameTypeAndOrder() throws {
        let parts = [
            ["Content-Disposition: form-data; name=\"data.name\"", "", "Ada"],
            [
                #"content-disposition: form-data; name="a%22b"; filename="C:\photos\me \"x.png""#,
                "Content-Type: image/png; x=y", "", "\r\n--not the boundary",
            ],
            [
                "Content-Disposition: form-data; name=c; filename=\"x\"; filename*=UTF-8''caf%C3%A9.txt",
                "Content-Transfer-Encoding: base64", "", "QUJD",
            ],
        ]
        let text = parts.map { "--b \t\r\n" + $0.joined(separator: "\r\n") + "\r\n" }.joined()
        let body = "preamble\r\n" + text + "--b--\r\nepilogue"
        let envelope = try envelope(body, type: "multipart/form-data; charset=x; boundary=b")
        #expect(envelope.data == ["name": "Ada"])
        let photo = UploadedFile(
            field: "a\"b",
            name: "me \"x.png",
            mediaType: "image/png",
            content: Array("\r\n--not the boundary".utf8)
        )
        let type = "application/octet-stream"
        let note = UploadedFile(field: "c", name: "café.txt", mediaType: type, content: Array("ABC".utf8))
        #expect(envelope.files == [photo, note])
    }

    /// A name that a client gives a file, and the one that we know it by.
    static let names: [(String, String?)] = [
        ("a.txt", "a.txt"), ("/etc/passwd", "passwd"), ("..", nil), (".", nil), ("a/..", nil), ("", nil), ("a/", "a"),
        ("..\\..\\x", "x"), ("a\r\nb\u{0}", "ab"), (String(repeating: "é", count: 128), nil),
    ]

    @Test(arguments: names)
    func aFileNameIsOneSafeComponent(sent: String, known: String?) {
        #expect(UploadedFile(name: sent, mediaType: "a/b", content: []).name == known)
    }

    /// What an endpoint takes, the type of a file, and whether it is taken.
    static let types: [(BodyTypes, String, Bool)] = [
        (.envelope, "image/png", false), (.envelope(orFiles: ["image/png"]), "image/png", true),
        (.envelope(orFiles: ["image/*"]), "image/png", true), (.envelope(orFiles: ["image/*"]), "imagex/png", false),
        (.envelope(orFiles: ["image/*", "audio/mpeg"]), "audio/wav", false),
    ]

    @Test(arguments: types)
    func anEndpointTakesTheTypesThatItStates(types: BodyTypes, type: String, isTaken: Bool) {
        let file = UploadedFile(mediaType: type, content: [])
        if isTaken {
            #expect(throws: Never.self) { try types.check([file]) }
        } else {
            let error = #expect(throws: APIError.self) { try types.check([file]) }
            #expect(error?.status.code == 415)
        }
    }

    /// Bytes of the body, and whether it is taken.
    static let sizes = [(RequestEnvelope.limit, true), (RequestEnvelope.limit + 1, false)]

    @Test(arguments: sizes)
    func theLimitIsExact(size: Int, isTaken: Bool) {
        let frame = #"{"data":{"a":""}}"#
        let body = #"{"data":{"a":""# + String(repeating: "x", count: size - frame.utf8.count) + #""}}"#
        if isTaken {
            #expect(throws: Never.self) { _ = try envelope(body) }
        } else {
            let error = #expect(throws: APIError.self) { _ = try envelope(body) }
            #expect(error?.data["file"]?["maxSize"]?["target"] == .number(JSONNumber(RequestEnvelope.limit)))
        }
    }
}
