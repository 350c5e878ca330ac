//  What an endpoint answers, before it has the form that the client asked for.

import HTTPMessage
import JSON

/// One answer.
package struct Reply {
    package enum Content {
        /// Nothing but the envelope.
        case none
        /// One value: compact JSON in UTF-8.
        case value([UInt8])
        /// The rows of a list: compact JSON objects in UTF-8.
        case rows([[UInt8]])
        /// The rows of a list that is too long for memory.
        case stream(RowStream)
        /// Bytes that the front end sends from its own disk.
        case file(StoredFile)
        /// A text in a form of its own, such as a card for address books.
        case text(InlineText)
        /// A file that is made while it is sent, such as an archive of others.
        case made(MadeFile)

        /// The media type of an answer that has one form only.
        var ownMediaType: String? {
            switch self {
            case .file(let file): file.mediaType
            case .text(let text): text.mediaType
            case .made(let file): file.mediaType
            case .none, .value, .rows, .stream: nil
            }
        }
    }

    package var content: Content
    /// Whether something was created (201) rather than done (200).
    package var isCreated = false
    /// Whether the value is the whole answer, without an envelope around it.
    package var isBare = false
    /// The revision of the document, or of the list as it is shown.
    package var revision: String?
    /// What tells this representation from every other, if the revision alone does not: it begins with the revision.
    package var entityTag: String?
    /// The path of what was created.
    package var location: String?
    package var paging: Paging?
    /// What the client should know of how its request was taken. Source: RFC 7234 §5.5.4, code 214.
    package var warning: String?
    /// A token made by this call.
    package var authToken: String?
    /// What happens to the browser's session, where the answer is a page.
    package var session: SessionChange?
    /// Where a browser goes on, where the answer is a page; a path of ours.
    package var nextPage: String?

    package init(_ content: Content = .none) { self.content = content }

    package init(_ value: JSON) { content = .value(value.bytes()) }
}

/// A text that is made when it is asked for.
package struct InlineText: Equatable, Sendable {
    package var text: String
    package var mediaType: String
    /// The name to save it under, unless the client names another.
    package var name: String

    package init(text: String, mediaType: String, name: String) {
        self.text = text
        self.mediaType = mediaType
        self.name = name
    }
}

/// A file that the front end sends.
package struct StoredFile: Equatable, Sendable {
    /// Where it lies under the folder of attachments; nothing that a client chose.
    package var path: String
    package var mediaType: String
    /// The name to save it under, unless the client names another.
    package var name: String

    package init(path: String, mediaType: String, name: String) {
        self.path = path
        self.mediaType = mediaType
        self.name = name
    }
}

/// A file that is made while it is sent, in flat memory.
package struct MadeFile {
    package var mediaType: String
    /// The name to save it under, unless the client names another.
    package var name: String
    /// In bytes; known before the first is sent.
    package var length: Int
    package var bytes: ResponseBody.Stream

    package init(mediaType: String, name: String, length: Int, bytes: @escaping ResponseBody.Stream) {
        self.mediaType = mediaType
        self.name = name
        self.length = length
        self.bytes = bytes
    }
}

/// Rows that are read while they are sent, on the request's own thread: compact JSON objects in UTF-8.
package struct RowStream {
    /// Hands on the rows in order, a batch at a time. It can be called again, and then reads again.
    package let read: (_ take: ([[UInt8]]) throws -> Void) throws -> Void

    package init(_ read: @escaping (_ take: ([[UInt8]]) throws -> Void) throws -> Void) { self.read = read }
}

/// Where a page lies in its list.
package struct Paging: Equatable, Sendable {
    /// The number of rows in this page.
    package var count: Int
    /// The cursor of this page, if the client gave one.
    package var start: String?
    /// The cursor of the next page, if there is one.
    package var next: String?
    /// Which way the rows run, where that is known.
    package var isAscending: Bool?

    package init(count: Int, start: String? = nil, next: String? = nil, isAscending: Bool? = nil) {
        self.isAscending = isAscending
        self.count = count
        self.start = start
        self.next = next
    }
}
