//  What an endpoint is asked, when the gateway has read the request.

import HTTPTypes
import JSON

/// One call of an endpoint.
package struct Call: Sendable {
    /// The path as nouns; the last one is the endpoint.
    package var nouns: [Noun]
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

    package init(
        nouns: [Noun],
        path: String,
        method: HTTPRequest.Method,
        envelope: RequestEnvelope = .empty,
        query: QueryParameters = QueryParameters(),
        conditions: Conditions = Conditions(),
        caller: Caller? = nil,
        account: AccountNode? = nil,
        requestID: String,
        time: Int64,
        isSecure: Bool
    ) {
        self.nouns = nouns
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
    }

    /// The arguments of the endpoint.
    package var arguments: [String] { nouns.last?.arguments ?? [] }

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

/// The preconditions of a request. Source: RFC 9110 §13.1.
package struct Conditions: Equatable, Sendable {
    /// The revisions of `If-Match`, or nil if it did not come; `*` stands for any.
    package var ifMatch: [String]?
    /// The revisions of `If-None-Match`.
    package var ifNoneMatch: [String]?

    package init(ifMatch: String? = nil, ifNoneMatch: String? = nil) {
        self.ifMatch = ifMatch.map(Self.entityTags)
        self.ifNoneMatch = ifNoneMatch.map(Self.entityTags)
    }

    /// Whether a reply with this revision is what the client has already.
    package func isNotModified(_ revision: String?) -> Bool {
        guard let revision, let ifNoneMatch else { return false }
        return ifNoneMatch.contains(revision) || ifNoneMatch.contains("*")
    }

    /// Checks the conditions of a change against the document as it is stored; nil if there is none.
    ///
    /// - Throws: `.preconditionFailed` if `If-Match` came and does not name its revision, or `If-None-Match` does.
    package func check(current: String?) throws(APIError) {
        if let ifMatch {
            guard let current, ifMatch.contains(current) || ifMatch.contains("*") else {
                throw .preconditionFailed(current: current)
            }
        }
        if isNotModified(current) { throw .preconditionFailed(current: current) }
    }

    /// Checks `If-Match` of a call that reads.
    ///
    /// - Throws: `.preconditionFailed` if it names other revisions than that of the reply.
    func check(reading revision: String?) throws(APIError) {
        guard let ifMatch, !ifMatch.contains("*") else { return }
        guard let revision, ifMatch.contains(revision) else { throw .preconditionFailed(current: revision) }
    }

    /// Reads `"1-ab", W/"2-cd"`; weakness is ignored, because a compressing front end weakens what we sent. A quoted
    /// star is a tag like any other.
    private static func entityTags(_ field: String) -> [String] {
        field.split(separator: ",").map { element in
            var tag = element.drop { $0 == " " || $0 == "\t" }
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            let bare = tag.filter { $0 != "\"" && $0 != " " && $0 != "\t" }
            return bare == "*" ? String(tag).trimmingBlanks() : bare
        }
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String { filter { $0 != " " && $0 != "\t" } }
}
