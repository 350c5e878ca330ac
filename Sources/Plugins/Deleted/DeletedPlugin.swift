//  What was deleted in an account, and making it again: GET /accounts/{account}/deleted, PUT /…/deleted/{document}.
//
//  A document can be made again for as long as its tombstone is kept. Whoever may create and delete documents
//  of its kind may.

import PluginKit

struct DeletedPlugin: Plugin {
    static let name = "deleted"
    static let summary: String? = "What was deleted in an account, and making it again."

    static func routes(kit: Kit) -> [PluginRoute] {
        let all = Route([(.get, .account(.admin))]) { call throws(APIError) in try list(call, kit) }
        let item = Route([(.get, .account(.admin)), (.put, .account(.admin))]) { call throws(APIError) in
            call.method == .put ? try restore(call, kit) : try show(call, kit)
        }
        return [
            PluginRoute("/accounts/{account}/deleted", all, .rows),
            PluginRoute("/accounts/{account}/deleted/{document}", item),
        ]
    }

    /// The rows that the documents had in their lists, with `type` and `deleted` in Unix seconds; `filter_type` for one
    /// kind alone.
    private static func list(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        guard let account = call.account?.id else { throw .notFound }
        let request = try ListRequest(call)
        let type = call.query["filter_type"]
        let page = try kit.deleted.page(
            of: kit.catalogue.all.filter { ($0.documentType == type || type == nil) && mayRestore($0, call) },
            from: request.startKey,
            limit: request.pageSize ?? ListRequest.maximumPageSize,
            in: account
        )
        var reply = Reply(.rows(page.rows.map { $0.bytes() }))
        reply.paging = Paging(count: page.rows.count, start: request.startKey, next: page.next)
        return reply
    }

    private static func show(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        .deleted(try find(call, kit).document)
    }

    /// Answers 201 with the document, and where it is from now on.
    private static func restore(_ call: Call, _ kit: Kit) throws(APIError) -> Reply {
        let (document, resource) = try find(call, kit)
        let restored = try kit.service(type: resource.documentType, for: call).restore(document.id)
        return .created(restored, at: try resource.path(of: restored, in: call))
    }

    private static func find(
        _ call: Call,
        _ kit: Kit
    ) throws(APIError) -> (document: Published, resource: ResourceDefinition) {
        let id = try call.id("document")
        let found = try kit.deletedDocument(id, for: call)
        guard mayRestore(found.resource, call) else { throw .badIdentifier(id.text) }
        return found
    }

    private static func mayRestore(_ resource: ResourceDefinition, _ call: Call) -> Bool {
        guard resource.singleton == nil, resource.documentType != AccountsPlugin.documentType,
            let creation = resource.access.list.first(where: { $0.method == .put })?.access,
            let deletion = resource.access.item.first(where: { $0.method == .delete })?.access
        else { return false }
        return [creation, deletion].allSatisfy { access in
            (try? access.check(call.caller, account: call.account, nouns: call.nouns)) != nil
        }
    }
}

extension ResourceDefinition {
    /// The path of a document, below those of what it belongs to.
    fileprivate func path(of document: Published, in call: Call) throws(APIError) -> String {
        let fields = try? JSON(parsing: document.body)
        var path = "/v2\(itemPath)".replacing("{account}", with: call.account?.id ?? "")
            .replacing("{\(documentType)}", with: percentEncoded(document.id.text))
        for parent in parents {
            path.replace("{\(parent.type)}", with: percentEncoded(fields?[parent.field]?.string ?? ""))
        }
        guard !path.contains("{") else { throw .internalFault("a document of \(name) that nobody knows the path of") }
        return path
    }
}
