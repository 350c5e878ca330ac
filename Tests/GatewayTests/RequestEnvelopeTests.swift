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
        let request = Request(method: .put, target: [], parameters: parameters, body: BytesBody(Array(body.utf8)))
        let incoming = try IncomingBody(request, limit: RequestEnvelope.limit)
        incoming.trustSender()
        return try incoming.readEnvelope()
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
