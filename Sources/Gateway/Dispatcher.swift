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
    private let sessions: SessionSigner
    private let limits: RequestLimits
    private let uploads: Uploads
    private let links: DownloadLinks
    private let replies: (any ReplyArchive)?
    private let pages: any PageMaker
    private let renderer: Renderer
    private let clock: @Sendable () -> Int64
    private let observe: @Sendable (Observation) -> Void

    /// - Parameters:
    ///   - limits: counts requests that nobody answers for.
    ///   - uploads: where files go, and how large a body with one may be.
    ///   - links: makes and checks links that open one path for a minute.
    ///   - replies: keeps what repeated requests are answered with; nil to take no notice of `Idempotency-Key`.
    ///   - pages: makes what people with browsers see.
    ///   - clock: the time in Unix seconds.
    ///   - observe: is told of every answered request, for logs and metrics.
    package init(
        router: any Router,
        authenticator: Authenticator,
        accounts: any AccountDirectory,
        sessions: SessionSigner,
        limits: RequestLimits,
        uploads: Uploads,
        links: DownloadLinks,
        replies: (any ReplyArchive)? = nil,
        pages: any PageMaker,
        server: ServerDescription,
        clock: @escaping @Sendable () -> Int64,
        observe: @escaping @Sendable (Observation) -> Void
    ) {
        self.router = router
        self.authenticator = authenticator
        self.accounts = accounts
        self.sessions = sessions
        self.limits = limits
        self.uploads = uploads
        self.links = links
        self.replies = replies
        self.pages = pages
        renderer = Renderer(server: server, pages: pages)
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

    /// The steps. The first that refuses answers; so an envelope that cannot be read is refused before anybody is asked
    /// who he is, and a method that the endpoint lacks before anything is said about documents. Whether the endpoint
    /// takes what the body holds, and offers what is accepted, is said to those only who may use it; and a file is read
    /// for them only.
    private func answer(_ request: inout Request, _ exchange: inout Exchange) throws(APIError) -> Response {
        let target = try RequestTarget(request.target)
        let wish = exchange.note(target, accept: request.parameters.text("HTTP_ACCEPT"))
        if target.segments.isEmpty, exchange.representation != .html { return renderer.banner(exchange) }
        let isSite = pages.isSite(target.segments)
        if isSite { exchange.representation = .html }
        let words = isSite ? [] : try APIVersion.words(after: target.segments)
        let body = try IncomingBody(request, limit: uploads.limit)
        let sender = body.isLarge ? sender(request, target.query, exchange) : nil
        if sender != nil { body.trustSender() }
        let envelope = try body.readEnvelope()
        let representation = exchange.note(envelope, wish)
        exchange.finish("read")
        let method = try exchange.settle(on: request.method, target.query, envelope)
        if method == .options, exchange.crossOrigin != nil { return try preflight(words, &exchange) }
        let principal = try authenticate(request, words, target.query, envelope, sender, &exchange)
        exchange.finish("authenticate")
        if isSite {
            guard method == .get else { throw .methodNotAllowed(allowed: [.get]) }
            exchange.caller = try caller(principal)
            return renderer.response(try pages.page(at: target.segments, PageRequest(exchange)), exchange)
        }
        exchange.nouns = try nouns(of: words, for: principal)
        guard let route = router.route(to: exchange.nouns) else { throw .notFound }
        exchange.allowedMethods = route.methods.map(\.method)
        let access = try route.access(for: method)
        exchange.caller = try caller(principal)
        let isLinked = method == .get && route.answersFiles.contains(.get) ? try links.open(exchange) : false
        // A link gives the right that it was made with, whoever follows it.
        if isLinked { exchange.caller = nil }
        let account = try account(of: exchange, isKnown: principal != nil || isLinked || access == .anyone)
        if !isLinked {
            try access.check(exchange.caller, account: account, nouns: exchange.nouns)
            if let caller = exchange.caller, let endpoint = exchange.nouns.last {
                try accounts.checkRestrictions(caller, endpoint: endpoint, method: method, account: account)
            }
        }
        let wantsFile = method == .get && prefersFile(of: route.fileTypes, accept: exchange.accepted)
        exchange.representation = wantsFile || route.answersFiles.contains(method) ? nil : try representation.get()
        let conditions = Conditions(request.parameters, envelope)
        // What a collection creates has no revision yet that a condition could name.
        if method == .put, exchange.nouns.last?.arguments.isEmpty == true { try conditions.check(current: nil) }
        let understood = envelope.understood(by: route)
        var call = Call(exchange, route, method, understood, conditions, account, request.parameters)
        call.wantsFile = wantsFile
        exchange.finish("authorise")
        if [.put, .post, .patch].contains(method) {
            body.trustSender()
            if let whole = try receive(body, call, route) {
                call.envelope = whole.understood(by: route)
                exchange.finish("receive")
            }
        }
        exchange.call = call
        if exchange.representation == .html, let page = try pages.page(before: call, PageRequest(exchange)) {
            return renderer.response(page, exchange)
        }
        var reply = try reply(to: call, at: route, request)
        exchange.finish("handle")
        if let type = reply.content.ownMediaType {
            // A link opens its file, and makes no further link.
            if method == .get, !isLinked, !wantsFile, exchange.query["link"] == "true" {
                reply = links.reply(exchange)
            } else if !accepts(type, by: exchange.accepted) {
                throw .notAcceptable(offered: [type])
            }
        }
        if request.method == .get || request.method == .head {
            try conditions.check(reading: reply.revision ?? reply.entityTag)
            if let tag = reply.entityTag ?? reply.revision, conditions.isNotModified(tag) {
                return renderer.notModified(tag, exchange)
            }
        }
        return try renderer.response(reply, exchange)
    }

    /// The whole envelope with the file that came, which is stored; nil if none came.
    private func receive(_ body: IncomingBody, _ call: Call, _ route: Route) throws(APIError) -> RequestEnvelope? {
        try body.receive(
            route.files?.mediaTypes ?? [],
            allowance: { () throws(APIError) in
                guard let files = route.files else { throw .unsupportedMediaType(accepted: RequestEnvelope.mediaTypes) }
                return try files.allowance(call)
            },
            into: uploads.archive
        )
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
    ///
    /// - Parameter sender: who it is, if that was found out before the body was read.
    private func authenticate(
        _ request: Request,
        _ words: ArraySlice<String>,
        _ query: QueryParameters,
        _ envelope: RequestEnvelope,
        _ sender: Sender?,
        _ exchange: inout Exchange
    ) throws(APIError) -> Principal? {
        let source = exchange.client.source
        let account = words.first == "accounts" ? words.dropFirst().first : nil
        defer { exchange.tokens = limits.count(source, account: account, now: exchange.time) }
        let presented: PresentedToken?
        do {
            presented = try presentedToken(
                parameters: request.parameters,
                query: query["auth_token"],
                envelope: envelope.members["auth_token"]?.string
            )
        } catch {
            throw APIError(error)
        }
        guard let presented else { return try session(request, words, query, envelope, &exchange) }
        do {
            if case .token(let token) = presented.content, presented.source == .header {
                exchange.echoedToken = String(validating: token, as: UTF8.self)
            }
            // A browser repeats Basic credentials for whoever makes it send a request, so another site's are not heard.
            if case .basic = presented.content, PageOrigin(request.parameters).isForeign { return nil }
            if let sender, sender.presented == presented { return sender.principal }
            return try authenticator.authenticate(presented, from: source, now: exchange.time)
        } catch {
            guard case .invalidToken = error else { throw APIError(error) }
            try limits.take(source, account: account, now: exchange.time)
            return nil
        }
    }

    private typealias Sender = (presented: PresentedToken, principal: Principal)

    /// Who sends a large body, by a token that stands outside of it; nil if none does that is good. For somebody who is
    /// known, such a body is read into memory.
    private func sender(_ request: Request, _ query: QueryParameters, _ exchange: Exchange) -> Sender? {
        guard
            let presented = try? presentedToken(
                parameters: request.parameters,
                query: query["auth_token"],
                envelope: nil
            ), case .token = presented.content
        else { return nil }
        let source = exchange.client.source
        guard let principal = try? authenticator.authenticate(presented, from: source, now: exchange.time) else {
            return nil
        }
        return (presented, principal)
    }

    /// Who sent the request, by the session of a browser; nil if it has none, or one that is over.
    ///
    /// A browser sends its cookie with whatever a page makes it send. A change counts only if a page of ours asked for
    /// it, and could show so.
    private func session(
        _ request: Request,
        _ words: ArraySlice<String>,
        _ query: QueryParameters,
        _ envelope: RequestEnvelope,
        _ exchange: inout Exchange
    ) throws(APIError) -> Principal? {
        let claims: Claims
        do {
            guard let cookie = try sessionCookie(parameters: request.parameters),
                case .token(let token) = cookie.content
            else { return nil }
            claims = try authenticator.claims(of: token, kind: .session, now: exchange.time)
        } catch {
            switch error {
            case .invalidToken, .expiredToken:
                exchange.session = .ends
                return nil
            default: throw APIError(error)
            }
        }
        if exchange.method != .get {
            // Who logs in does so whoever was logged in before.
            if words.first == "user_auth" { return nil }
            guard query["verb"] == nil else {
                throw .badRequest("With a browser's session the verb belongs into the form, not the address.")
            }
            guard PageOrigin(request.parameters).isOwn else {
                throw .forgedRequest("No page of this server asked for this change.")
            }
            let proof = request.parameters.text("HTTP_X_CSRF_TOKEN") ?? envelope.members["csrf"]?.string
            guard let proof, sessions.isProof(proof, tokenID: claims.id) else {
                throw .forgedRequest("The form is too old or not ours; load the page again.")
            }
        }
        exchange.csrf = sessions.proof(tokenID: claims.id)
        do {
            if let renewed = try sessions.renewed(claims, now: exchange.time) {
                exchange.session = .begins(token: renewed)
            }
        } catch {
            throw APIError(error)
        }
        return claims.principal
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
        path = target.path
        endsWithSlash = target.endsWithSlash
        if query["pretty_print"] == "true" { isPretty = true }
        if fileName == nil { fileName = query["file_name"] }
        isInline = query["inline"] == "true"
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
        accepted = tunnelled ?? field
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
        _ parameters: CGIParameters
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
            isSecure: parameters.isSecure,
            client: exchange.client,
            csrf: exchange.csrf,
            isFromForeignPage: PageOrigin(parameters).isKnownToBeForeign,
            isForBrowser: exchange.representation == .html
        )
    }
}

extension Conditions {
    /// The conditions of the header fields; a client that sets none says `if_match` in the envelope.
    fileprivate init(_ parameters: CGIParameters, _ envelope: RequestEnvelope) {
        // A condition that is not text is still a condition: it names no revision of ours.
        func field(_ name: StaticString) -> String? {
            parameters.bytes(name).map { String(decoding: $0, as: UTF8.self) }
        }
        let word = envelope.members["if_match"]?.controlText
        self.init(ifMatch: field("HTTP_IF_MATCH") ?? word, ifNoneMatch: field("HTTP_IF_NONE_MATCH"))
    }
}

extension RequestEnvelope {
    /// The envelope with its fields as the route means them, if it is a form.
    fileprivate func understood(by route: Route) -> RequestEnvelope {
        guard isForm else { return self }
        var envelope = self
        envelope.data = route.readForm(data)
        return envelope
    }
}

extension CGIParameters {
    /// Whether the front end received the request over TLS; it alone says so.
    fileprivate var isSecure: Bool { text("HTTPS") == "on" }
}
