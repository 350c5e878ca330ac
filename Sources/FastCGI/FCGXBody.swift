//  A request's body, read from libfcgi as the handler asks for it.

import HTTPMessage

/// The body of the request that a worker is serving.
struct FCGXBody: RequestBody {
    private let source: FCGXRequest
    private let serial: Int
    private var rest: Int
    let announcedLength: Int?

    init(of source: FCGXRequest, announcedLength: Int?) {
        self.source = source
        self.announcedLength = announcedLength
        serial = source.serial
        rest = announcedLength ?? .max
    }

    mutating func read(upTo count: Int) throws(RequestBodyError) -> [UInt8] {
        guard source.serial == serial else { throw .incomplete }
        let wanted = min(count, rest)
        let bytes = source.read(upTo: wanted)
        rest -= bytes.count
        // Without an announced length only the stream knows whether it ended or broke.
        if bytes.count < wanted, announcedLength != nil || source.isBroken { throw .incomplete }
        return bytes
    }
}
