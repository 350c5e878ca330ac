//  What is worth a log line about a request: never a token, a query or a body.

import HTTPMessage
import HTTPTypes
import Identity

/// One answered request.
package struct Observation: Sendable {
    package var requestID: String
    /// The method on the request line, and the one that it meant.
    package var sentMethod: String
    package var method: String
    /// The modules of the path: `accounts.users`.
    package var endpoint: String
    package var account: String?
    package var user: String?
    package var status: Int
    /// Bytes of the body.
    package var size: Int
    package var duration: Duration
    /// The steps that were done, and how long each took.
    package var steps: [(name: String, duration: Duration)]
    /// The reason of a fault of ours.
    package var fault: String?

    init(_ exchange: Exchange, _ response: Response, failure: APIError?, began: ContinuousClock.Instant) {
        requestID = exchange.requestID
        sentMethod = exchange.sentMethod.rawValue
        method = (exchange.method ?? exchange.sentMethod).rawValue
        endpoint = exchange.nouns.map(\.module).joined(separator: ".")
        account = exchange.caller?.principal.accountID
        user = exchange.caller?.principal.userID
        status = response.status.code
        size = if case .bytes(let bytes) = response.body { bytes.count } else { 0 }
        duration = .now - began
        steps = exchange.steps
        if case .internalFault(let reason)? = failure { fault = reason }
    }
    /// A stream that tells how it went when its last byte is sent, or when it breaks.
    func watching(
        _ produce: @escaping ResponseBody.Stream,
        began: ContinuousClock.Instant,
        _ observe: @escaping @Sendable (Observation) -> Void
    ) -> ResponseBody.Stream {
        { write in
            var observation = self
            defer {
                observation.duration = .now - began
                observe(observation)
            }
            do {
                try produce { chunk in
                    try write(chunk)
                    observation.size += chunk.count
                }
            } catch {
                observation.fault = "the answer broke off: \(error)"
                throw error
            }
        }
    }
}
