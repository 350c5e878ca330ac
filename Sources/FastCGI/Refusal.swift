//  The answer to what makes no HTTP request, in the envelope that every error has.

import HTTPMessage
import HTTPTypes

/// A 400 that no handler has seen.
enum Refusal {
    /// - Parameters:
    ///   - reason: plain text without quotes, backslashes or control characters.
    ///   - parameters: where the front end's request id is found.
    static func response(_ reason: String, _ parameters: CGIParameters) -> Response {
        let requestID = requestID(parameters).map { #","request_id":"\#($0)""# } ?? ""
        let envelope = #"{"data":{},"error":"400","message":"\#(reason)","status":"error"\#(requestID)}"#
        return Response(
            status: .badRequest,
            fields: [.contentType: "application/json"],
            body: .bytes(Array(envelope.utf8))
        )
    }

    private static func requestID(_ parameters: CGIParameters) -> String? {
        guard let id = parameters.text("REQUEST_ID"), !id.isEmpty, id.utf8.allSatisfy(isHexadecimal) else { return nil }
        return id
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
