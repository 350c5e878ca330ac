//  HTTP in and out of an association.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// The routes of one association.
struct AssociationResource: Sendable {
    let link: Link
    let kit: Kit

    /// One link: PUT makes it, DELETE takes it away; both may be repeated.
    func item(_ access: Access) -> Route {
        Route([(.put, access), (.delete, access)]) { call throws(APIError) in
            let (left, right) = (try call.id(link.leftType), try call.id(link.rightType))
            let shown = try kit.service(type: link.leftType, for: call).transact(left) { work throws(APIError) in
                let association = try AssociationWork(link, work)
                return call.method == .put
                    ? try link.service.associate(left, right, in: association)
                    : try link.service.dissociate(left, right, in: association)
            }
            return reply(shown, call)
        }
    }

    /// All links of a left document: PUT replaces them by the ids in `data.RIGHT`, in that order.
    func list(_ access: Access) -> Route {
        Route([(.put, access)]) { call throws(APIError) in
            let left = try call.id(link.leftType)
            guard let members = try call.fields()[link.field]?.array else {
                throw .invalid(link.field, rule: "required", "Field is required but missing")
            }
            let rights = members.map { DocumentID($0.string ?? $0["id"]?.string ?? "") }
            let shown = try kit.service(type: link.leftType, for: call).transact(left) { work throws(APIError) in
                try link.service.replace(left, rights, in: AssociationWork(link, work))
            }
            return reply(shown, call)
        }
    }

    private func reply(_ shown: Published, _ call: Call) -> Reply {
        var reply = Reply.document(shown)
        reply.isCreated = call.method == .put
        return reply
    }
}
