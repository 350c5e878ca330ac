//  What answers under a path: its methods, who may use them, and the code that does.

import HTTPTypes
import JSON

/// An endpoint under one path.
package struct Route: Sendable {
    /// The methods in the order in which `Allow` names them, each with who may use it.
    package var methods: [(method: HTTPRequest.Method, access: Access)]
    /// Which files PUT, POST and PATCH may bring; nil if none.
    package var files: FileTerms?
    /// The methods that answer with a file, or in one form only: then the media type is the answer's own.
    package var answersFiles: Set<HTTPRequest.Method>
    /// The media types of the file that GET answers with instead, to whoever accepts these rather than a document; empty
    /// if there is none.
    package var fileTypes: [String] = []
    /// The names of the arguments, and where each stands among the words of the path.
    package var placeholders: [(name: String, position: Int)] = []
    /// What the fields of a form mean here: text becomes what the schema asks for.
    package var readForm: @Sendable (JSON) -> JSON = { $0 }
    package var handle: @Sendable (Call) throws(APIError) -> Reply

    package init(
        _ methods: [(method: HTTPRequest.Method, access: Access)],
        files: FileTerms? = nil,
        answersFiles: Set<HTTPRequest.Method> = [],
        handle: @escaping @Sendable (Call) throws(APIError) -> Reply
    ) {
        self.methods = methods
        self.files = files
        self.answersFiles = answersFiles
        self.handle = handle
    }

    /// - Throws: `.methodNotAllowed` with the methods that are.
    func access(for method: HTTPRequest.Method) throws(APIError) -> Access {
        guard let entry = methods.first(where: { $0.method == method }) else {
            throw .methodNotAllowed(allowed: methods.map(\.method))
        }
        return entry.access
    }
}

/// Which files an endpoint takes besides envelopes.
package struct FileTerms: Sendable {
    /// `audio/mpeg`, `image/*`.
    package let mediaTypes: [String]
    /// How much a call may bring; asked before its file is read, so that no byte is stored for a document that is not
    /// there.
    let allowance: @Sendable (Call) throws(APIError) -> FileAllowance

    package init(
        _ mediaTypes: [String],
        allowance: @escaping @Sendable (Call) throws(APIError) -> FileAllowance
    ) {
        self.mediaTypes = mediaTypes
        self.allowance = allowance
    }
}

/// Whatever knows all routes; the plugin kit's registry.
package protocol Router: Sendable {
    var vocabulary: Vocabulary { get }

    /// Returns the route, or nil if nothing answers under these nouns.
    func route(to nouns: [Noun]) -> Route?
}
