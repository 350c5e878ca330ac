//  A request as the gateway sees it, whatever carried it here.

import HTTPTypes

/// One request. It lives on one thread, from accept to finish.
package struct Request {
    package var method: HTTPRequest.Method
    /// The request target exactly as the client sent it: path and query, still percent-encoded.
    package var target: [UInt8]
    /// The meta-variables: header fields (`HTTP_…`) and what the front end knows of the connection.
    package var parameters: CGIParameters
    package var body: any RequestBody

    package init(
        method: HTTPRequest.Method,
        target: [UInt8],
        parameters: CGIParameters = CGIParameters(),
        body: any RequestBody = BytesBody([])
    ) {
        self.method = method
        self.target = target
        self.parameters = parameters
        self.body = body
    }
}

/// The bytes that follow a request's head.
package protocol RequestBody {
    /// The length that the client announced, or nil if it announced none.
    var announcedLength: Int? { get }

    /// Returns up to `count` further bytes; an empty array at the end.
    ///
    /// - Throws: `.incomplete` if the client left or fell silent before the announced end.
    mutating func read(upTo count: Int) throws(RequestBodyError) -> [UInt8]
}

package enum RequestBodyError: Error, Equatable {
    /// Fewer bytes came than were announced.
    case incomplete
    /// More bytes than the reader was willing to take.
    case tooLarge(limit: Int)
}

extension RequestBody {
    /// Reads the whole body.
    ///
    /// - Throws: `.tooLarge` as soon as it is known that there are more than `limit` bytes.
    package mutating func readAll(limit: Int) throws(RequestBodyError) -> [UInt8] {
        if let announcedLength, announcedLength > limit { throw .tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        while true {
            let chunk = try read(upTo: 65_536)
            if chunk.isEmpty { return bytes }
            if bytes.isEmpty {
                bytes = chunk
            } else {
                bytes.append(contentsOf: chunk)
            }
            if bytes.count > limit { throw .tooLarge(limit: limit) }
        }
    }
}

/// A body that is in memory already.
package struct BytesBody: RequestBody {
    private var rest: ArraySlice<UInt8>
    package let announcedLength: Int?

    package init(_ bytes: [UInt8]) {
        rest = bytes[...]
        announcedLength = bytes.count
    }

    package mutating func read(upTo count: Int) -> [UInt8] {
        let chunk = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return chunk
    }
}
