//  What a person with a browser gets: pages, made by whoever knows what the documents mean.

import HTTPTypes
import JSON

/// Makes pages of replies and errors, and those that no endpoint answers: forms, questions, the start.
package protocol PageMaker: Sendable {
    /// Whether pages answer under a path outside of the API: `["docs"]`.
    func isSite(_ segments: [String]) -> Bool

    /// Returns the page at such a path.
    ///
    /// - Throws: `.notFound`, and what its parts throw.
    func page(at segments: [String], _ request: PageRequest) throws(APIError) -> Page

    /// Returns what a person is shown before the endpoint is asked: a form to fill in, a form with another row, the
    /// question before a deletion. Nil if the endpoint shall answer.
    func page(before call: Call, _ request: PageRequest) throws(APIError) -> Page?

    /// - Throws: `.rangeNotSatisfiable` if the list is too long for one page.
    func page(of reply: Reply, to call: Call, _ request: PageRequest) throws(APIError) -> Page

    func page(of error: APIError, _ request: PageRequest) -> Page
}

/// A page, or the way to another one.
package enum Page: Sendable {
    /// HTML in UTF-8.
    case html([UInt8])
    /// A path of ours with its query, to be asked for with a GET, so that going back repeats nothing.
    case next(String)
}

/// What a page needs to know of the request that it answers.
package struct PageRequest: Sendable {
    /// The path as sent, without query and trailing slashes.
    package var path: String
    /// Whether it was sent with such a slash, so that the browser's idea of what is beside it is another one.
    package var endsWithSlash: Bool
    package var query: QueryParameters
    /// The effective method; nil if the request was refused before it was known.
    package var method: HTTPRequest.Method?
    package var nouns: [Noun]
    /// Who asks, or nil if nobody is known.
    package var caller: Caller?
    /// What the endpoint was asked; nil if the request was refused before that.
    package var call: Call?
    /// What a change of this browser's session has to bring, if it has one.
    package var csrf: String?
    /// Scheme and host as the client named them, if they are plain enough to repeat: `https://pbx.example.com:8443`.
    package var origin: String?
    package var requestID: String
    /// When the request arrived, in Unix seconds.
    package var time: Int64
}

extension PageRequest {
    init(_ exchange: Exchange) {
        self.init(
            path: exchange.path,
            endsWithSlash: exchange.endsWithSlash,
            query: exchange.query,
            method: exchange.method,
            nouns: exchange.nouns,
            caller: exchange.caller,
            call: exchange.call,
            csrf: exchange.csrf,
            origin: exchange.origin,
            requestID: exchange.requestID,
            time: exchange.time
        )
    }
}
