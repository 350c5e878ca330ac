//  HTTP in and out of a resource: the collection's URL and one item's.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// The URL of a collection: listing and creating.
package protocol ListResource: Sendable {
    func get(_ call: Call, _ service: BoundService) throws(APIError) -> Reply
    func put(_ call: Call, _ service: BoundService) throws(APIError) -> Reply
}

/// The URL of one document: reading, replacing, merging and deleting.
package protocol ItemResource: Sendable {
    func get(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply
    func post(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply
    func patch(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply
    func delete(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply
}

package struct StandardListResource: ListResource {
    package init() {}
}

package struct StandardItemResource: ItemResource {
    package init() {}
}

extension ListResource {
    package func get(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        try service.list(ListRequest(call))
    }

    package func put(_ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        let created = try service.create(call.fields(), with: call.envelope.file)
        return .created(created, at: "\(call.path)/\(created.id)")
    }
}

extension ItemResource {
    package func get(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        try service.show(id)
    }

    package func post(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        .document(try service.replace(id, with: call.fields()))
    }

    package func patch(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        .document(try service.merge(call.fields(), into: id))
    }

    package func delete(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
        .deleted(try service.delete(id))
    }
}

extension ItemResource {
    /// Answers a call of the item that its path names.
    package func respond(to call: Call, _ service: BoundService) throws(APIError) -> Reply {
        let id = try service.documentID()
        switch call.method {
        case .get: return try get(id, call, service)
        case .post: return try post(id, call, service)
        case .patch: return try patch(id, call, service)
        case .delete: return try delete(id, call, service)
        default: throw .methodNotAllowed(allowed: service.resource.access.item.map(\.method))
        }
    }
}

extension Reply {
    /// A document as clients see it.
    package static func document(_ document: Published) -> Reply {
        var reply = Reply(.value(document.body))
        reply.revision = document.revision.description
        reply.entityTag = document.entityTag
        return reply
    }

    package static func created(_ document: Published, at location: String) -> Reply {
        var reply = Reply.document(document)
        reply.isCreated = true
        reply.location = location
        return reply
    }

    /// A document that was deleted: as it was, marked, with the revision that it had.
    package static func deleted(_ document: Published) -> Reply {
        var reply = Reply.document(document)
        if case .object(var fields)? = try? JSON(parsing: document.body) {
            fields["_read_only"] = ["deleted": true]
            reply.content = .value(JSON.object(fields).bytes())
        }
        return reply
    }
}

extension Call {
    /// The id in the path of a document of one kind.
    package func id(_ type: String) throws(APIError) -> DocumentID {
        guard let id = argument(type) else { throw .internalFault("\(path) names no \(type)") }
        return DocumentID(id)
    }

    /// The public fields that the client sent; `id` and private names are not the client's to set.
    ///
    /// - Throws: `.validation` if `data` is an array.
    package func fields() throws(APIError) -> JSONObject {
        guard case .object(let data) = envelope.data else {
            throw .invalid(
                "data",
                rule: "type",
                "Value did not match type(s): object",
                ["target": "object", "value": envelope.data]
            )
        }
        return publicFields(data)
    }
}

/// The fields of a document that are the client's to set.
func publicFields(_ fields: JSONObject) -> JSONObject {
    JSONObject(fields.filter { $0.key != "id" && !isPrivate($0.key) }.map { ($0.key, $0.value) })
}

/// Whether a top-level field is the server's own: such a one is never read from a client and never shown.
func isPrivate(_ name: String) -> Bool { name.hasPrefix("_") || name.hasPrefix("pvt_") }

extension ResourceDefinition {
    package func listRoute(_ kit: Kit) -> Route {
        let terms = firstFile.map { file in
            FileTerms(file.mediaTypes) { call throws(APIError) in
                try kit.service(type: documentType, for: call).fileAllowance(for: nil, atMost: file.sizeLimit)
            }
        }
        return Route(access.list, files: terms) { call throws(APIError) in
            let service = try kit.service(type: documentType, for: call)
            switch call.method {
            case .get: return try listResource.get(call, service)
            case .put: return try listResource.put(call, service)
            default: throw .methodNotAllowed(allowed: access.list.map(\.method))
            }
        }
    }

    package func itemRoute(_ kit: Kit) -> Route {
        var route = Route(access.item) { call throws(APIError) in
            let service = try kit.service(type: documentType, for: call)
            guard call.wantsFile, let file = ownFile else { return try itemResource.respond(to: call, service) }
            return try service.file(file.word, of: service.documentID(), called: file.fileName)
        }
        route.fileTypes = ownFile?.mediaTypes ?? []
        return route
    }
}
