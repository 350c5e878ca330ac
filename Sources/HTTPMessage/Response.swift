//  A response, before anything carries it away.

import HTTPTypes

/// One response. To a HEAD it is the same as to a GET; whoever carries it leaves the body out.
package struct Response {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: ResponseBody

    package init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ResponseBody = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// The bytes of a response.
package enum ResponseBody {
    /// Hands on its bytes in order, piece by piece.
    package typealias Stream = (_ write: (ArraySlice<UInt8>) throws -> Void) throws -> Void

    case bytes([UInt8])
    /// Bytes that are made while they are sent, in flat memory. A writer that throws ends the connection, so that the
    /// client sees a broken answer instead of a short one.
    case stream(Stream)
}
