//  From a reply or an error to a response in the representation that was asked for.

import HTTPMessage
import HTTPTypes
import JSON

/// Makes responses.
struct Renderer: Sendable {
    let server: ServerDescription

    func response(_ reply: Reply, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        if let revision = reply.revision, exchange.method == .get {
            fields.append(HTTPField(name: .eTag, value: "\"\(revision)\""))
        }
        if let location = reply.location { fields.append(HTTPField(name: .location, value: location)) }
        let representation = exchange.representation ?? .json
        switch (representation, reply.content) {
        case (.csv, .rows), (.csv, .value):
            fields.append(HTTPField(name: .contentDisposition, value: CSVRenderer.disposition(exchange)))
            return finish(.ok, fields, CSVRenderer.render(reply.content), representation, exchange)
        case (.html, _):
            let page = HTMLRenderer.page(reply, exchange)
            return finish(reply.isCreated ? .created : .ok, fields, page, representation, exchange)
        case (.json, _), (.csv, .none):
            let body = JSONRenderer(server: server).success(reply, exchange)
            return finish(reply.isCreated ? .created : .ok, fields, body, .json, exchange)
        }
    }

    func response(_ error: APIError, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        for field in error.fields { fields.append(field) }
        if exchange.crossOrigin == nil { CrossOrigin.append(to: &fields, methods: exchange.allowedMethods) }
        if exchange.representation == .html {
            return finish(error.status, fields, HTMLRenderer.page(error, exchange), .html, exchange)
        }
        return finish(error.status, fields, JSONRenderer(server: server).failure(error, exchange), .json, exchange)
    }

    /// The answer to a client that has this revision already.
    func notModified(_ revision: String, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        fields.append(HTTPField(name: .eTag, value: "\"\(revision)\""))
        return Response(status: .notModified, fields: fields)
    }

    /// The answer to a browser that asks whether another origin may send a request.
    func preflight(_ exchange: Exchange) -> Response {
        Response(status: .ok, fields: commonFields(exchange))
    }

    /// A plain text for whoever looks at the root.
    func banner(_ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        fields.append(HTTPField(name: .contentType, value: "text/plain; charset=utf-8"))
        return Response(status: .ok, fields: fields, body: .bytes(Array("Jackfield \(server.version)\n".utf8)))
    }

    private func commonFields(_ exchange: Exchange) -> HTTPFields {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .requestID, value: exchange.requestID))
        fields.append(HTTPField(name: .cacheControl, value: "no-store"))
        fields.append(HTTPField(name: .vary, value: "accept"))
        fields.append(HTTPField(name: .xContentTypeOptions, value: "nosniff"))
        if exchange.crossOrigin != nil { CrossOrigin.append(to: &fields, methods: exchange.allowedMethods) }
        return fields
    }

    private func finish(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        _ body: [UInt8],
        _ representation: Representation,
        _ exchange: Exchange
    ) -> Response {
        var fields = fields
        fields.append(HTTPField(name: .contentType, value: representation.contentType))
        if representation == .html {
            fields.append(HTTPField(name: .contentSecurityPolicy, value: HTMLRenderer.contentSecurityPolicy))
            fields.append(HTTPField(name: .referrerPolicy, value: "no-referrer"))
        }
        fields.append(HTTPField(name: .contentLength, value: String(body.count)))
        return Response(status: status, fields: fields, body: .bytes(exchange.sentMethod == .head ? [] : body))
    }
}

/// What a server says about itself.
package struct ServerDescription: Sendable {
    /// An opaque constant of this installation.
    package var node: String
    package var version: String

    package init(node: String, version: String) {
        self.node = node
        self.version = version
    }
}

extension HTTPField.Name {
    static let requestID = registered("x-request-id")
    static let referrerPolicy = registered("referrer-policy")

    private static func registered(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("a literal that is a token") }
        return name
    }
}
