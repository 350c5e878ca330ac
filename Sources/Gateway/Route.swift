//  What answers under a path: its methods, who may use them, and the code that does.

import HTTPTypes
import JSON

/// An endpoint under one path.
package struct Route: Sendable {
    /// The methods in the order in which `Allow` names them, each with who may use it.
    package var methods: [(method: HTTPRequest.Method, access: Access)]
    /// What bodies PUT, POST and PATCH may have.
    package var bodies: BodyTypes
    /// Whether GET answers with a file, or in one form only: then its media type is its own, whatever the client accepts.
    package var answersFiles: Bool
    /// The names of the arguments, and where each stands among the words of the path.
    package var placeholders: [(name: String, position: Int)] = []
    /// What the fields of a form mean here: text becomes what the schema asks for.
    package var readForm: @Sendable (JSON) -> JSON = { $0 }
    package var handle: @Sendable (Call) throws(APIError) -> Reply

    package init(
        _ methods: [(method: HTTPRequest.Method, access: Access)],
        bodies: BodyTypes = .envelope,
        answersFiles: Bool = false,
        handle: @escaping @Sendable (Call) throws(APIError) -> Reply
    ) {
        self.methods = methods
        self.bodies = bodies
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

/// Whatever knows all routes; the plugin kit's registry.
package protocol Router: Sendable {
    var vocabulary: Vocabulary { get }

    /// Returns the route, or nil if nothing answers under these nouns.
    func route(to nouns: [Noun]) -> Route?
}
