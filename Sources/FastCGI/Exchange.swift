//  One request and its response: read, handled, sent.

import HTTPMessage
import HTTPTypes
import Logging

/// What a worker does between accepting a request and finishing it.
struct Exchange {
    let source: FCGXRequest
    let handler: FastCGIServer.Handler
    let logger: Logger
    /// Called before a request that may change something is handled: its worker will wait for the disk.
    let mayWait: () -> Void

    /// Answers the request that `source` has accepted.
    ///
    /// - Returns: whether all of the request was read and all of the response was sent, so that the connection is in
    ///   order for another request.
    func run() -> Bool {
        do throws(FastCGIError) {
            let bodyLength = try respond()
            let isRead = source.discardBody(limit: bodyLength - source.bodyBytesRead)
            try source.finish()
            return isRead
        } catch {
            // Without the record that ends a response, the front end takes what was sent for broken, not for whole.
            logger.info("ended a response early", metadata: ["reason": "\(error)"])
            source.abandon()
            return false
        }
    }

    /// Sends the response, and returns the length of the request's body.
    private func respond() throws(FastCGIError) -> Int {
        let parameters = source.parameters()
        let head: RequestHead
        do throws(FastCGIError) {
            head = try RequestHead(parameters)
        } catch {
            guard case .badRequest(let reason) = error else { throw error }
            try send(Refusal.response(reason, parameters), withBody: true)
            return 0
        }
        var request = Request(
            method: head.method,
            target: head.target,
            parameters: parameters,
            body: FCGXBody(of: source, announcedLength: head.bodyLength)
        )
        if !head.method.isSafe { mayWait() }
        let response = handler(&request)
        try send(response, withBody: head.method != .head && response.status.allowsBody)
        return head.bodyLength ?? 0
    }

    private func send(_ response: Response, withBody: Bool) throws(FastCGIError) {
        try source.write(ResponseHead(response).bytes[...])
        guard withBody else { return }
        switch response.body {
        case .bytes(let body):
            try source.write(body[...])
        case .stream(let produce):
            do {
                try produce { chunk in try source.write(chunk) }
            } catch let error as FastCGIError {
                throw error
            } catch {
                throw .brokenStream("\(error)")
            }
        }
    }
}

extension HTTPRequest.Method {
    /// Whether a request of this method changes nothing. Source: RFC 9110 §9.2.1.
    fileprivate var isSafe: Bool { self == .get || self == .head || self == .options }
}
