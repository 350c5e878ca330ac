//  What an endpoint is asked, when the gateway has read the request.

import HTTPTypes
import Identity
import JSON

/// One call of an endpoint.
package struct Call: Sendable {
    /// The path as nouns; the last one is the endpoint.
    package var nouns: [Noun]
    /// The names of the path's arguments, and where each stands among its words.
    package var placeholders: [(name: String, position: Int)]
    /// The path as sent, without query and trailing slashes, for `Location`.
    package var path: String
    /// The effective method.
    package var method: HTTPRequest.Method
    package var envelope: RequestEnvelope
    package var query: QueryParameters
    package var conditions: Conditions
    /// Who asks, or nil if nobody is known.
    package var caller: Caller?
    /// The account of the path, or nil if the path has none.
    package var account: AccountNode?
    package var requestID: String
    /// When the request arrived, in Unix seconds.
    package var time: Int64
    /// Whether the request came over TLS.
    package var isSecure: Bool
    package var client: ClientDescription
    /// The text that a change of the browser's session has to bring, if that is how the caller is known.
    package var csrf: String?
    /// Whether a browser sent the request for a page that is not ours.
    package var isFromForeignPage: Bool

    package init(
        nouns: [Noun],
        placeholders: [(name: String, position: Int)] = [],
        path: String,
        method: HTTPRequest.Method,
        envelope: RequestEnvelope = .empty,
        query: QueryParameters = QueryParameters(),
        conditions: Conditions = Conditions(),
        caller: Caller? = nil,
        account: AccountNode? = nil,
        requestID: String,
        time: Int64,
        isSecure: Bool,
        client: ClientDescription = ClientDescription(),
        csrf: String? = nil,
        isFromForeignPage: Bool = false,
        isForBrowser: Bool = false
    ) {
        self.nouns = nouns
        self.placeholders = placeholders
        self.path = path
        self.method = method
        self.envelope = envelope
        self.query = query
        self.conditions = conditions
        self.caller = caller
        self.account = account
        self.requestID = requestID
        self.time = time
        self.isSecure = isSecure
        self.client = client
        self.csrf = csrf
        self.isFromForeignPage = isFromForeignPage
        self.isForBrowser = isForBrowser
    }

    /// Whether a browser wants a page for an answer.
    package var isForBrowser: Bool

    /// Whether the client wants the file that belongs to the document rather than the document.
    package var wantsFile = false

    /// The arguments of the endpoint.
    package var arguments: [String] { nouns.last?.arguments ?? [] }

    /// An argument of the path by its name in the route's template: `user` of `/accounts/{account}/users/{user}`.
    package func argument(_ name: String) -> String? {
        guard let place = placeholders.first(where: { $0.name == name }) else { return nil }
        var rest = place.position
        for noun in nouns {
            if rest <= noun.arguments.count { return rest > 0 ? noun.arguments[rest - 1] : nil }
            rest -= noun.arguments.count + 1
        }
        return nil
    }

    /// A control word: from the query, else from the envelope.
    ///
    /// From `data` only where no document lies there: in a reading call, or if it is the word of an action.
    package func control(_ name: String) -> String? {
        if let word = query[name] ?? envelope.members[name]?.controlText { return word }
        guard method == .get || Self.wordsOfActions.contains(name) else { return nil }
        return envelope.data[name]?.controlText
    }

    private static let wordsOfActions: Set<String> = ["action", "accept_charges"]
}

/// What is known of the program that sent a request.
package struct ClientDescription: Sendable {
    /// Its network address, as the front end saw it.
    package var address: String?
    /// What it calls itself: at most 256 characters.
    package var agent: String?
    package var source: ClientSource

    package init(address: String? = nil, agent: String? = nil) {
        self.address = address
        // Characters are looked for only where there may be too many: a text has no more of them than bytes.
        self.agent = agent.map { $0.utf8.count <= 256 ? $0 : String($0.prefix(256)) }
        source = ClientSource(address)
    }
}

extension JSON {
    /// A scalar as the text that it would be in a query.
    package var controlText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
