//  An attachment: a file that belongs to a document, behind the document's path.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that gives each document of a resource one file: `GET`, `PUT`, `POST`, `DELETE /accounts/{A}/users/{U}/photo`.
///
/// The file is a part of the document: a new one is an edit with a revision and an event that names it among what
/// changed. The bytes go into the store's files; nginx sends them, ranges included.
package protocol AttachmentPlugin: Plugin {
    associatedtype Parent: ResourcePlugin

    /// The word behind the document's path: `photo`.
    static var word: String { get }

    /// The media types that a file may have: `audio/mpeg`, `image/*`.
    static var mediaTypes: [String] { get }

    /// The largest file, in bytes.
    static var sizeLimit: Int { get }

    /// Who may get the file, and who may give the document another.
    static var access: AttachmentAccess { get }

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
    package static var name: String { "\(Parent.name)_\(word)" }
    package static var sizeLimit: Int { RequestEnvelope.limit }
    package static var access: AttachmentAccess { AttachmentAccess() }
    package static func describe(_ file: Attachment?, in fields: inout JSONObject) {}

    static var path: String { "\(Parent.itemPath)/\(word)" }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let bodies = BodyTypes.envelope(orFiles: mediaTypes)
        let route = Route(access.methods, bodies: bodies, answersFiles: true) { call throws(APIError) in
            let service = try kit.service(Parent.self, for: call)
            let id = try service.documentID()
            switch call.method {
            case .get: return try service.file(word, of: id)
            case .delete:
                _ = try service.attach(nil, as: word, to: id, describing: describe)
                return Reply([:])
            default:
                let file = try call.file(atMost: sizeLimit)
                var reply = Reply.document(try service.attach(file, as: word, to: id, describing: describe))
                reply.isCreated = call.method == .put
                return reply
            }
        }
        return [PluginRoute(RouteTemplate(path), route, .file(mediaTypes: mediaTypes, schema: Parent.schemaName))]
    }

    package static func problems(kit: Kit) -> [String] {
        var problems = kit.catalogue.missing(Parent.self, for: name)
        if mediaTypes.isEmpty { problems.append("\(name): it names no media type that a file may have") }
        if sizeLimit > RequestEnvelope.limit {
            problems.append("\(name): its files may have \(sizeLimit) bytes, and a body \(RequestEnvelope.limit)")
        }
        return problems
    }
}

extension Call {
    /// The one file that the client sent.
    ///
    /// - Throws: `.validation` at `file` unless it is one, of at most `limit` bytes.
    fileprivate func file(atMost limit: Int) throws(APIError) -> UploadedFile {
        guard let file = envelope.files.first else {
            throw .invalid("file", rule: "required", "Please provide a file")
        }
        guard envelope.files.count == 1 else {
            throw .invalid("file", rule: "maxItems", "Please provide a single file", ["target": 1])
        }
        guard file.content.count <= limit else {
            throw .invalid(
                "file",
                rule: "maxSize",
                "The file must not be more than \(limit) bytes",
                ["target": .number(JSONNumber(limit))]
            )
        }
        return file
    }
}
