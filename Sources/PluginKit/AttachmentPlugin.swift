//  An attachment: a file that belongs to a document, behind the document's path.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that gives each document of a resource one file: `GET`, `PUT`, `POST`, `DELETE /accounts/{A}/users/{U}/photo`.
///
/// The file is a part of the document: a new one is an edit with a revision and an event that names it among what
/// changed. The bytes go into the store's files; nginx sends them, ranges included.
package protocol AttachmentPlugin: OwnedPlugin {
    associatedtype Parent: ResourcePlugin

    /// The word behind the document's path: `photo`.
    static var word: String { get }

    /// The media types that a file may have: `audio/mpeg`, `image/*`.
    static var mediaTypes: [String] { get }

    /// The largest file, in bytes; by default, and at the most, what the server takes.
    static var sizeLimit: Int { get }

    /// Who may get the file, and who may give the document another.
    static var access: AttachmentAccess { get }

    /// The name to save the file of a document under; nil for the plugin's word. By default the one that its client gave.
    static func fileName(of document: Document, _ file: Attachment) -> String?

    /// Writes into the document's fields what they say of its file; nil if it has none any more. By default nothing.
    static func describe(_ file: Attachment?, in fields: inout JSONObject)
}

/// Who may use an attachment.
package struct AttachmentAccess: Sendable {
    package let methods: [(method: HTTPRequest.Method, access: Access)]

    package init(read: Access = .account(.user), write: Access = .account(.admin)) {
        methods = [(.get, read), (.put, write), (.post, write), (.delete, write)]
    }
}

extension AttachmentPlugin {
    package static var ownerTypes: [String] { [Parent.documentType] }
    package static var summary: String? { "The \(word) of a \(Parent.documentType): a file, which nginx sends." }
    package static var name: String { "\(Parent.name)_\(word)" }
    package static var sizeLimit: Int { .max }
    package static var access: AttachmentAccess { AttachmentAccess() }
    package static func fileName(of document: Document, _ file: Attachment) -> String? { file.name }
    package static func describe(_ file: Attachment?, in fields: inout JSONObject) {}

    static var path: String { "\(Parent.itemPath)/\(word)" }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let terms = FileTerms(mediaTypes) { call throws(APIError) in
            let service = try kit.service(Parent.self, for: call)
            return try service.fileAllowance(for: service.documentID(), atMost: sizeLimit)
        }
        let route = Route(access.methods, files: terms, answersFiles: [.get]) { call throws(APIError) in
            let service = try kit.service(Parent.self, for: call)
            let id = try service.documentID()
            switch call.method {
            case .get: return try service.file(word, of: id, called: fileName)
            case .delete:
                _ = try service.attach(nil, as: word, to: id, describing: { describe($0, in: &$1) })
                return Reply([:])
            default:
                let file = try call.file()
                var reply = Reply.document(
                    try service.attach(file, as: word, to: id, describing: { describe($0, in: &$1) })
                )
                reply.isCreated = call.method == .put
                return reply
            }
        }
        return [PluginRoute(RouteTemplate(path), route, .file(mediaTypes: mediaTypes, schema: Parent.schemaName))]
    }

    package static func problems(kit: Kit) -> [String] {
        var problems = kit.catalogue.missing(Parent.self, for: name)
        if mediaTypes.isEmpty { problems.append("\(name): it names no media type that a file may have") }
        return problems
    }
}
