//  From a response to the lines that go before its body. Source: RFC 3875 §6.

import HTTPMessage
import HTTPTypes

/// The head of a response, as bytes ready to be sent.
///
/// HTTPTypes lets no CR, LF or NUL into the name or the value of a field, so no line can be smuggled in here.
struct ResponseHead {
    let bytes: [UInt8]

    /// - Parameters:
    ///   - response: its own `Content-Length` gives way to the length of a body that is in memory; a field named
    ///     `Status` is left out, because it would replace the status.
    init(_ response: Response) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        bytes.append(contentsOf: "Status: ".utf8)
        bytes.append(contentsOf: String(response.status.code).utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: response.status.reasonPhrase.utf8)
        bytes.append(contentsOf: "\r\n".utf8)
        let length = Self.length(response)
        for field in response.fields where !Self.isReplaced(field.name, length) {
            bytes.append(contentsOf: field.name.rawName.utf8)
            bytes.append(contentsOf: ": ".utf8)
            field.withUnsafeBytesOfValue { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: "\r\n".utf8)
        }
        if let length {
            bytes.append(contentsOf: "Content-Length: \(length)\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        self.bytes = bytes
    }

    /// The length to state, or nil if none may be, or none is known. Source: RFC 9110 §8.6.
    private static func length(_ response: Response) -> Int? {
        guard response.status.allowsBody, case .bytes(let body) = response.body else { return nil }
        return body.count
    }

    private static func isReplaced(_ name: HTTPField.Name, _ length: Int?) -> Bool {
        name.canonicalName == "status" || length != nil && name == .contentLength
    }
}

extension HTTPResponse.Status {
    /// Whether a response of this status may have a body. Source: RFC 9110 §6.4.1.
    var allowsBody: Bool { code >= 200 && code != 204 && code != 304 }
}
