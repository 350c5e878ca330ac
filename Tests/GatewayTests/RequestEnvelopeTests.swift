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

    @Test func anotherMediaTypeIsRefused() {
        let error = #expect(throws: APIError.self) { _ = try envelope("<a/>", type: "text/xml") }
        #expect(error?.status.code == 415)
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
