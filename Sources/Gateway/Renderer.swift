//  From a reply or an error to a response in the representation that was asked for.

import HTTPMessage
import HTTPTypes
import JSON

/// Makes responses.
struct Renderer: Sendable {
    let server: ServerDescription
    let pages: any PageMaker

    /// - Throws: `.rangeNotSatisfiable` if the reply is a long list and the representation has to be made in memory.
    func response(_ reply: Reply, _ exchange: Exchange) throws(APIError) -> Response {
        if case .file(let file) = reply.content { return response(file, reply, exchange) }
        if case .text(let text) = reply.content { return response(text, exchange) }
        if case .made(let file) = reply.content { return response(file, exchange) }
        var fields = commonFields(exchange)
        let representation = reply.content.isEmpty && exchange.representation == .csv ? nil : exchange.representation
        // A page shows more than the document: names of others, counts, who is logged in.
        if let tag = reply.entityTag ?? reply.revision, exchange.method == .get, representation != .html {
            fields.append(HTTPField(name: .eTag, value: entityTag(tag, representation)))
        }
        if let location = reply.location { fields.append(HTTPField(name: .location, value: location)) }
        if let warning = reply.warning { fields.append(HTTPField(name: .warning, value: "214 - \"\(warning)\"")) }
        let status: HTTPResponse.Status = reply.isCreated ? .created : .ok
        switch representation {
        case .csv:
            let name = "\(exchange.nouns.last?.module ?? "result").csv"
            fields.append(HTTPField(name: .contentDisposition, value: disposition(exchange, name)))
            let body = try CSVRenderer.body(reply.content)
            return finish(status, fields, body, .csv)
        case .html:
            guard let call = exchange.call else { throw .internalFault("a reply to no call") }
            if let session = reply.session { fields.append(session.cookie) }
            return response(try pages.page(of: reply, to: call, PageRequest(exchange)), status, fields)
        case .json, nil:
            let json = JSONRenderer(server: server)
            guard case .stream(let rows) = reply.content else {
                return finish(status, fields, .bytes(json.success(reply, exchange)), .json)
            }
            return finish(status, fields, .stream(json.stream(rows, reply, exchange)), .json)
        }
    }

    /// What tells the front end to send a file. Source: nginx, "X-Accel-Redirect".
    private func response(_ file: StoredFile, _ reply: Reply, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        if let tag = reply.entityTag { fields.append(HTTPField(name: .eTag, value: "\"\(tag)\"")) }
        fields.append(HTTPField(name: .contentType, value: file.mediaType))
        fields.append(HTTPField(name: .contentDisposition, value: disposition(exchange, file.name)))
        fields.append(HTTPField(name: .accelRedirect, value: "/.attachments/\(file.path)"))
        return Response(status: .ok, fields: fields)
    }

    private func response(_ text: InlineText, _ exchange: Exchange) -> Response {
        let bytes = Array(text.text.utf8)
        var fields = commonFields(exchange)
        fields.append(HTTPField(name: .contentType, value: "\(text.mediaType); charset=utf-8"))
        fields.append(HTTPField(name: .contentDisposition, value: disposition(exchange, text.name)))
        fields.append(HTTPField(name: .contentLength, value: String(bytes.count)))
        return Response(status: .ok, fields: fields, body: .bytes(bytes))
    }

    private func response(_ file: MadeFile, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        fields.append(HTTPField(name: .contentType, value: file.mediaType))
        fields.append(HTTPField(name: .contentDisposition, value: disposition(exchange, file.name)))
        fields.append(HTTPField(name: .contentLength, value: String(file.length)))
        return Response(status: .ok, fields: fields, body: .stream(file.bytes))
    }

    /// A name to save an answer under: the client's own, else ours. Source: RFC 6266, RFC 8187.
    private func disposition(_ exchange: Exchange, _ ours: String) -> String {
        let name = exchange.fileName.flatMap(FileLabel.component) ?? ours
        let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-+ ".contains($0)) }
        let field = "\(exchange.isInline ? "inline" : "attachment"); filename=\"\(plain.isEmpty ? "file" : plain)\""
        return plain == name ? field : "\(field); filename*=UTF-8''\(percentEncoded(name))"
    }

    func response(_ error: APIError, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        for field in error.fields { fields.append(field) }
        if exchange.crossOrigin == nil { CrossOrigin.append(to: &fields, methods: exchange.allowedMethods) }
        if exchange.representation == .html {
            return response(pages.page(of: error, PageRequest(exchange)), error.status, fields)
        }
        return finish(error.status, fields, .bytes(JSONRenderer(server: server).failure(error, exchange)), .json)
    }

    /// A page that is no endpoint's answer.
    func response(_ page: Page, _ exchange: Exchange) -> Response {
        response(page, .ok, commonFields(exchange))
    }

    private func response(_ page: Page, _ status: HTTPResponse.Status, _ fields: HTTPFields) -> Response {
        switch page {
        case .html(let bytes): return finish(status, fields, .bytes(bytes), .html)
        case .next(let path):
            var fields = fields
            fields[.location] = path
            fields[.contentLength] = "0"
            return Response(status: .seeOther, fields: fields)
        }
    }

    /// The answer to a client that has this revision already.
    func notModified(_ revision: String, _ exchange: Exchange) -> Response {
        var fields = commonFields(exchange)
        fields.append(HTTPField(name: .eTag, value: entityTag(revision, exchange.representation)))
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
        fields.append(HTTPField(name: .vary, value: Self.vary))
        fields.append(HTTPField(name: .xContentTypeOptions, value: "nosniff"))
        if exchange.crossOrigin != nil { CrossOrigin.append(to: &fields, methods: exchange.allowedMethods) }
        if let session = exchange.session { fields.append(session.cookie) }
        return fields
    }

    private func finish(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        _ body: ResponseBody,
        _ representation: Representation
    ) -> Response {
        var fields = fields
        fields.append(HTTPField(name: .contentType, value: representation.contentType))
        if representation == .html {
            fields.append(HTTPField(name: .contentSecurityPolicy, value: Self.contentSecurityPolicy))
            fields.append(HTTPField(name: .referrerPolicy, value: "same-origin"))
        }
        if case .bytes(let bytes) = body {
            fields.append(HTTPField(name: .contentLength, value: String(bytes.count)))
        }
        return Response(status: status, fields: fields, body: body)
    }

    /// The fields that choose between answers to one target; `Origin`, because only some answers carry CORS fields.
    private static let vary = "accept, authorization, cookie, origin, x-auth-token, x-pretty-print"

    /// Pages need one stylesheet of ours and nothing else.
    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// A strong tag for what programs read and write back, a weak one for what is only derived from it.
    private func entityTag(_ revision: String, _ representation: Representation?) -> String {
        switch representation {
        case .json, nil: "\"\(revision)\""
        case .csv, .html: "W/\"\(revision)\""
        }
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
    package static let accelRedirect = registered("x-accel-redirect")
    static let referrerPolicy = registered("referrer-policy")
    package static let warning = registered("warning")

    private static func registered(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("a literal that is a token") }
        return name
    }
}

extension Reply.Content {
    fileprivate var isEmpty: Bool {
        if case .none = self { true } else { false }
    }
}
