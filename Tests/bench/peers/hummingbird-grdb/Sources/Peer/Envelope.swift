//  What every answer says around its data.

import Foundation
import HTTPTypes
import Hummingbird

struct Envelope<Data: Encodable>: Encodable {
    var data: Data?
    var error: String?
    var message: String?
    var status = "success"
    var request_id = ""
    var node: String
    var timestamp = presentTime()
    var version = "peer"
    var auth_token: String?
    var revision: String?
    var page_size: Int?
    var start_key: String?
    var next_start_key: String?

    init(_ data: Data?, node: String, request: Request) {
        self.data = data
        self.node = node
        request_id = request.requestID
        auth_token = request.headers[.authToken]
    }

    func response(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        Response(status, try encoder.encode(self), headers)
    }
}

extension Response {
    init(_ status: HTTPResponse.Status, _ bytes: Foundation.Data, _ headers: HTTPFields) {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        self.init(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// The envelope of a document: its text is stored as it is shown, so it is put in, not parsed again.
func documentResponse(
    _ stored: StoredDevice,
    _ status: HTTPResponse.Status = .ok,
    node: String,
    request: Request,
    headers: HTTPFields = [:]
) throws -> Response {
    var envelope = Envelope<String>(nil, node: node, request: request)
    envelope.revision = stored.revision
    var bytes = Data("{\"data\":".utf8)
    bytes.append(contentsOf: stored.body.utf8)
    bytes.append(UInt8(ascii: ","))
    bytes.append(try encoder.encode(envelope).dropFirst())
    return Response(status, bytes, headers)
}

private let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return encoder
}()

private func presentTime() -> String { Date.now.formatted(.iso8601) }

struct Refusal: Error {
    var status: HTTPResponse.Status
    var message: String
    var data: [String: [String: [String: String]]] = [:]

    static let invalidCredentials = Refusal(status: .unauthorized, message: "invalid credentials")
}

/// Adds the fields of every answer, and turns refusals into answers.
struct RefusalMiddleware<Context: RequestContext>: RouterMiddleware {
    let node: String

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws
        -> Response
    {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let refusal as Refusal {
            var envelope = Envelope(refusal.data, node: node, request: request)
            envelope.error = String(refusal.status.code)
            envelope.message = refusal.message
            envelope.status = "error"
            response = try envelope.response(refusal.status)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.requestID] = request.requestID
        return response
    }
}

extension Request {
    var requestID: String { headers[.requestID] ?? "" }
}

extension HTTPField.Name {
    static let authToken = registered("X-Auth-Token")
    static let requestID = registered("X-Request-ID")

    private static func registered(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("a literal that is a token") }
        return name
    }
}
