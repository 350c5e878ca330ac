//  One request from arrival to answer: what the answer has to tell about it.

import Bytes
import HTTPMessage
import HTTPTypes
import Identity

/// What every answer repeats of its request, gathered while the request is read.
struct Exchange {
    /// When the request arrived, in Unix seconds.
    let time: Int64
    let requestID: String
    /// The method on the request line.
    let sentMethod: HTTPRequest.Method
    /// Set once the verb is known.
    var method: HTTPRequest.Method?
    /// Set once the path is known.
    var nouns: [Noun] = []
    var path = ""
    var endsWithSlash = false
    var query = QueryParameters()
    /// Set once the route is known.
    var allowedMethods = knownMethods
    var caller: Caller?
    /// Set once everything that the endpoint has to know is known.
    var call: Call?
    /// Scheme and host as the client named them, if they are plain enough to repeat.
    let origin: String?
    /// The name that the client wants an answer saved under, from `X-File-Name`, the query or the envelope.
    var fileName: String?
    /// Whether a file is to be shown where it is opened, and not to be saved.
    var isInline = false
    /// The media types that the client accepts, as it said so last; nil if it said nothing.
    var accepted: String?
    /// The token of the request's own header, which the envelope repeats; none from a query or a body.
    var echoedToken: String?
    /// What is left of the client's tokens.
    var tokens: RequestLimits.Count?
    /// The session of the browser that sent the request: the text that a change of it has to bring.
    var csrf: String?
    /// What the browser is told of its session beside the answer.
    var session: SessionChange?
    var isPretty = false
    /// Set once the client's wish is known.
    var representation: Representation?
    let crossOrigin: CrossOrigin?
    let client: ClientDescription
    /// The steps that are done, and how long each took.
    private(set) var steps: [(name: String, duration: Duration)] = []
    private var stepBegan = ContinuousClock.now

    init(_ request: Request, time: Int64) {
        self.time = time
        sentMethod = request.method
        requestID = Self.requestID(of: request)
        crossOrigin = CrossOrigin(request.parameters)
        origin = Self.origin(of: request)
        client = ClientDescription(
            address: request.parameters.text("REMOTE_ADDR"),
            agent: request.parameters.text("HTTP_USER_AGENT")
        )
        fileName = request.parameters.text("HTTP_X_FILE_NAME")
        isPretty = request.parameters.text("HTTP_X_PRETTY_PRINT") == "true"
    }

    /// Notes that a step is done.
    mutating func finish(_ step: String) {
        let now = ContinuousClock.now
        steps.append((step, now - stepBegan))
        stepBegan = now
    }

    /// The client's own id if it is safe to repeat, else the front end's, else a new one.
    private static func requestID(of request: Request) -> String {
        for name: StaticString in ["HTTP_X_REQUEST_ID", "REQUEST_ID"] {
            guard let id = request.parameters.bytes(name), (1...64).contains(id.count) else { continue }
            if id.allSatisfy(isPlain) { return String(decoding: id, as: UTF8.self) }
        }
        return hexadecimal(randomBytes(16))
    }

    private static func origin(of request: Request) -> String? {
        guard let host = request.parameters.bytes("HTTP_HOST"), (1...255).contains(host.count),
            host.allSatisfy({
                isPlain($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]")
            })
        else { return nil }
        let scheme = request.parameters.text("HTTPS") == "on" ? "https://" : "http://"
        return scheme + String(decoding: host, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
