//  The way of a request, a line a step.

import HTTPMessage
import HTTPTypes
import Identity
import JSON

/// Answers requests: reads them, decides who may do what, calls the endpoint and renders what it says.
package struct Dispatcher: Sendable {
    private let router: any Router
    private let authenticator: Authenticator
    private let accounts: any AccountDirectory
    private let replies: (any ReplyArchive)?
    private let renderer: Renderer
    private let clock: @Sendable () -> Int64
    private let observe: @Sendable (Observation) -> Void

    /// - Parameters:
    ///   - replies: keeps what repeated requests are answered with; nil to take no notice of `Idempotency-Key`.
    ///   - clock: the time in Unix seconds.
    ///   - observe: is told of every answered request, for logs and metrics.
    package init(
        router: any Router,
        authenticator: Authenticator,
        accounts: any AccountDirectory,
        replies: (any ReplyArchive)? = nil,
        server: ServerDescription,
        clock: @escaping @Sendable () -> Int64,
        observe: @escaping @Sendable (Observation) -> Void
    ) {
        self.router = router
        self.authenticator = authenticator
        self.accounts = accounts
        self.replies = replies
        renderer = Renderer(server: server)
        self.clock = clock
        self.observe = observe
    }

    /// Answers one request, whatever it is.
    package func respond(to request: inout Request) -> Response {
        let began = ContinuousClock.now
        var exchange = Exchange(request, time: clock())
        var failure: APIError?
        let response: Response
        do {
            response = try answer(&request, &exchange)
        } catch {
            failure = error
            exchange.representation = exchange.representation ?? preference(of: request)
            response = renderer.response(error, exchange)
        }
        let observation = Observation(exchange, response, failure: failure, began: began)
        guard case .stream(let produce) = response.body, request.method != .head else {
            observe(observation)
            return response
        }
        var streamed = response
        streamed.body = .stream(observation.watching(produce, began: began, observe))
        return streamed
    }

    /// The steps. The first that refuses answers; so a body that cannot be read is refused before anybody is asked who
    /// he is, and a method that the endpoint lacks before anything is said about documents. Whether the endpoint takes
    /// what the body holds, and offers what is accepted, is said to those only who may use it.
    private func answer(_ request: inout Request, _ exchange: inout Exchange) throws(APIError) -> Response {
        let target = try RequestTarget(request.target)
        if target.segments.isEmpty { return renderer.banner(exchange) }
        let words = try APIVersion.words(after: target.segments)
        let wish = exchange.note(target, accept: request.parameters.text("HTTP_ACCEPT"))
        let envelope = try RequestEnvelope(of: &request)
        let representation = exchange.note(envelope, wish)
        exchange.finish("read")
        let method = try exchange.settle(on: request.method, target.query, envelope)
        if method == .options, exchange.crossOrigin != nil { return try preflight(words, &exchange) }
        let principal = try authenticate(request, target.query, envelope, &exchange)
        exchange.finish("authenticate")
        exchange.nouns = try nouns(of: words, for: principal)
        guard let route = router.route(to: exchange.nouns) else { throw .notFound }
        exchange.allowedMethods = route.methods.map(\.method)
        let access = try route.access(for: method)
        exchange.caller = try caller(principal)
        let account = try account(of: exchange, isKnown: principal != nil || access == .anyone)
        try access.check(exchange.caller, account: account, nouns: exchange.nouns)
        if [.put, .post, .patch].contains(method) { try route.bodies.check(envelope.files) }
        exchange.representation = route.answersFiles && method == .get ? nil : try representation.get()
        let conditions = Conditions(request.parameters)
        // What a collection creates has no revision yet that a condition could name.
        if method == .put, exchange.nouns.last?.arguments.isEmpty == true { try conditions.check(current: nil) }
        let call = Call(exchange, route, method, envelope, conditions, account, isSecure: request.isSecure)
        exchange.finish("authorise")
        let reply = try reply(to: call, at: route, request)
        exchange.finish("handle")
        if request.method == .get || request.method == .head {
            try conditions.check(reading: reply.revision ?? reply.entityTag)
            if let tag = reply.entityTag ?? reply.revision, conditions.isNotModified(tag) {
                return renderer.notModified(tag, exchange)
            }
        }
        return try renderer.response(reply, exchange)
    }

    /// What the endpoint says, or said to the same request before.
    private func reply(to call: Call, at route: Route, _ request: Request) throws(APIError) -> Reply {
        guard let replies, request.method == .put || request.method == .post,
            let key = request.parameters.bytes("HTTP_IDEMPOTENCY_KEY"),
            let repeatable = try RepeatableRequest(call, key: String(decoding: key, as: UTF8.self))
        else { return try route.handle(call) }
        return try replies.once(repeatable) { () throws(APIError) in try route.handle(call) }
    }

    /// The answer to a browser that asks whether a page of another origin may send a request. It carries no token, and
    /// is told nothing about accounts.
    private func preflight(_ words: ArraySlice<String>, _ exchange: inout Exchange) throws(APIError) -> Response {
        let words = words.first == "account" ? ["accounts", "own"] + words.dropFirst() : Array(words)
        guard let nouns = router.vocabulary.nouns(of: words) else { throw .notFound }
        if let route = router.route(to: nouns) { exchange.allowedMethods = route.methods.map(\.method) }
        return renderer.preflight(exchange)
    }

    /// Who sent the request; nil if nobody can be told.
    private func authenticate(
        _ request: Request,
        _ query: QueryParameters,
        _ envelope: RequestEnvelope,
        _ exchange: inout Exchange
    ) throws(APIError) -> Principal? {
        do {
            let presented = try presentedToken(
                parameters: request.parameters,
                query: query["auth_token"],
                envelope: envelope.members["auth_token"]?.string
            )
            if case .token(let token)? = presented?.content, presented?.source == .header {
                exchange.echoedToken = String(validating: token, as: UTF8.self)
            }
            // A browser repeats Basic credentials for whoever makes it send a request, so another site's are not heard.
            if case .basic? = presented?.content, request.isCrossSite { return nil }
            return try authenticator.authenticate(presented, now: exchange.time)
        } catch .invalidToken {
            return nil
        } catch {
            throw APIError(error)
        }
    }

    /// The path as nouns; `account` stands for the caller's own account.
    private func nouns(of words: ArraySlice<String>, for principal: Principal?) throws(APIError) -> [Noun] {
        var words = Array(words)
        if words.first == "account" {
            guard let principal else { throw .expiredToken }
            words.replaceSubrange(0...0, with: ["accounts", principal.accountID])
        }
        guard let nouns = router.vocabulary.nouns(of: words) else { throw .notFound }
        return nouns
    }

    /// The account that the path names. A stranger is not told whether it exists.
    private func account(of exchange: Exchange, isKnown: Bool) throws(APIError) -> AccountNode? {
        guard let first = exchange.nouns.first, first.module == "accounts", let id = first.arguments.first else {
            return nil
        }
        if id.isEmpty { throw .missingAccountID }
        if id.utf8.count != 32 { throw .malformedAccountID(id) }
        guard isKnown else { throw .invalidCredentials }
        if let own = exchange.caller?.account, own.id == id { return own }
        guard let account = try accounts.account(id) else { throw .badIdentifier(id) }
        return account
    }

    private func caller(_ principal: Principal?) throws(APIError) -> Caller? {
        guard let principal, let account = try accounts.account(principal.accountID),
            let privilege = try accounts.privilege(of: principal)
        else { return nil }
        return Caller(principal: principal, account: account, privilege: privilege)
    }

    /// What the `Accept` field alone asks for, for errors that came before the rest of the request was read.
    private func preference(of request: Request) -> Representation? {
        try? negotiate(tunnelled: nil, field: request.parameters.text("HTTP_ACCEPT"))
    }
}

/// The first word of a path.
enum APIVersion {
    /// - Throws: `.versionGone` for `v1`, `.notFound` for what is no version of ours.
    static func words(after segments: [String]) throws(APIError) -> ArraySlice<String> {
        switch segments.first {
        case "v2": return segments.dropFirst()
        case "v1": throw .versionGone
        default: throw .notFound
        }
    }
}

extension Exchange {
    /// Takes from the request target what the answer needs.
    ///
    /// The representation is a result, because it is refused only after the caller proved to be welcome.
    fileprivate mutating func note(_ target: RequestTarget, accept: String?) -> Result<Representation, APIError> {
        query = target.query
        path = "/" + target.segments.map(percentEncoded).joined(separator: "/")
        if query["pretty_print"] == "true" { isPretty = true }
        if fileName == nil { fileName = query["file_name"] }
        return settle(on: query["accept"], accept)
    }

    /// Takes from the envelope what the query left open.
    fileprivate mutating func note(
        _ envelope: RequestEnvelope,
        _ wish: Result<Representation, APIError>
    ) -> Result<Representation, APIError> {
        func word(_ name: String) -> String? { query[name] == nil ? envelope.members[name]?.controlText : nil }
        if word("pretty_print") == "true" { isPretty = true }
        if fileName == nil { fileName = word("file_name") }
        guard let accept = word("accept") else { return wish }
        return settle(on: accept, nil)
    }

    private mutating func settle(on tunnelled: String?, _ field: String?) -> Result<Representation, APIError> {
        let wish = Result { () throws(APIError) in try negotiate(tunnelled: tunnelled, field: field) }
        representation = try? wish.get()
        return wish
    }

    fileprivate mutating func settle(
        on sent: HTTPRequest.Method,
        _ query: QueryParameters,
        _ envelope: RequestEnvelope
    ) throws(APIError) -> HTTPRequest.Method {
        let verb = try effectiveMethod(
            sent,
            query: query["verb"],
            envelope: envelope.members["verb"]?.controlText
        )
        method = verb
        return verb
    }
}

extension Call {
    fileprivate init(
        _ exchange: Exchange,
        _ route: Route,
        _ method: HTTPRequest.Method,
        _ envelope: RequestEnvelope,
        _ conditions: Conditions,
        _ account: AccountNode?,
        isSecure: Bool
    ) {
        self.init(
            nouns: exchange.nouns,
            placeholders: route.placeholders,
            path: exchange.path,
            method: method,
            envelope: envelope,
            query: exchange.query,
            conditions: conditions,
            caller: exchange.caller,
            account: account,
            requestID: exchange.requestID,
            time: exchange.time,
            isSecure: isSecure
        )
    }
}

extension Conditions {
    fileprivate init(_ parameters: CGIParameters) {
        // A condition that is not text is still a condition: it names no revision of ours.
        func field(_ name: StaticString) -> String? {
            parameters.bytes(name).map { String(decoding: $0, as: UTF8.self) }
        }
        self.init(ifMatch: field("HTTP_IF_MATCH"), ifNoneMatch: field("HTTP_IF_NONE_MATCH"))
    }
}

extension Request {
    /// Whether a browser says that another site made it send the request. Source: Fetch Metadata, "Sec-Fetch-Site".
    fileprivate var isCrossSite: Bool {
        guard let site = parameters.bytes("HTTP_SEC_FETCH_SITE") else { return false }
        return !site.elementsEqual("same-origin".utf8) && !site.elementsEqual("none".utf8)
    }

    /// Whether the front end received it over TLS; it alone says so.
    fileprivate var isSecure: Bool { parameters.text("HTTPS") == "on" }
}
