//  From meta-variables to the head of an HTTP request. Source: RFC 3875 §4.1, RFC 9110 §9.1.

import HTTPMessage
import HTTPTypes

/// What must be known of a request before a handler sees it.
struct RequestHead {
    let method: HTTPRequest.Method
    /// As the client sent it.
    let target: [UInt8]
    /// The length of the body, or nil if none was announced.
    let bodyLength: Int?

    /// - Throws: `.badRequest`.
    init(_ parameters: CGIParameters) throws(FastCGIError) {
        // HTTP/0.9 has no version, and no fields that a handler could rely on.
        guard let version = parameters.bytes("SERVER_PROTOCOL"), !version.isEmpty else {
            throw .badRequest("the request names no version of HTTP")
        }
        guard let name = parameters.text("REQUEST_METHOD"), let method = HTTPRequest.Method(name) else {
            throw .badRequest("the method is not a token")
        }
        guard let target = parameters.bytes("REQUEST_URI"), !target.isEmpty else {
            throw .badRequest("the request has no target")
        }
        self.method = method
        self.target = Array(target)
        bodyLength = try Self.length(parameters.bytes("CONTENT_LENGTH") ?? [])
    }

    /// Reads `1*DIGIT`; an empty value means that there is no body. Source: RFC 3875 §4.1.2.
    private static func length(_ digits: ArraySlice<UInt8>) throws(FastCGIError) -> Int? {
        if digits.isEmpty { return nil }
        let isNumber = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let length = Int(String(decoding: digits, as: UTF8.self)) else {
            throw .badRequest("the content length is not a number")
        }
        return length
    }
}
