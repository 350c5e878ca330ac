//  A read-only view: rows that nobody stores under their own path.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that shows rows: `GET /accounts/{A}/channels`, `GET /accounts/{A}/users/{U}/devices`.
package protocol ViewPlugin: Plugin {
    /// The word at the end of the path; by default the plugin's name.
    static var word: String { get }

    /// The kinds of document below whose paths it stands; by default below the account's alone.
    static var owners: [any ResourcePlugin.Type] { get }

    /// Where the rows come from.
    static var source: ViewSource { get }

    static var access: Access { get }
}

/// Where the rows of a view come from.
package enum ViewSource: Sendable {
    /// There are none, because what they would tell of is not this server's to know.
    case nothing
    /// A view of a resource, with its pages and filters; below a document, the part of it that is the document's.
    case list(any ResourcePlugin.Type, ListView)
    /// Computed from a bounded number of documents.
    case rows(@Sendable (ViewRequest) throws(APIError) -> [JSONObject])
    /// One text in a form of its own, made of the owner, which is a document: a card for an address book.
    case text(@Sendable (Document, Reader) throws(APIError) -> InlineText)
}

/// What a computed view is asked.
package struct ViewRequest {
    /// The document whose rows are wanted; nil for the account's.
    package let owner: Document?
    package let query: QueryParameters
    package let reader: Reader
}

extension ViewPlugin {
    package static var word: String { name }
    package static var owners: [any ResourcePlugin.Type] { [] }
    package static var access: Access { .account(.user) }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let places = owners.isEmpty ? [nil] : owners.map { $0.documentType == "account" ? nil : $0 }
        return zip(ownerPaths(owners), places).map { path, owner in
            let view = View(source: source, owner: owner?.documentType, kit: kit)
            let route = Route([(.get, access)], answersFiles: view.isText ? [.get] : []) { call throws(APIError) in
                try view.reply(to: call)
            }
            return PluginRoute(RouteTemplate("\(path)/\(word)"), route, view.isText ? .anything : .rows)
        }
    }

    package static func problems(kit: Kit) -> [String] {
        var needed = owners
        if case .list(let resource, _) = source { needed.append(resource) }
        var problems = needed.flatMap { kit.catalogue.missing($0, for: name) }
        if case .text = source, owners.isEmpty { problems.append("\(name): it names no resource to make its text of") }
        return problems
    }
}

/// A view below one kind of owner.
private struct View: Sendable {
    let source: ViewSource
    /// Nil for the account.
    let owner: String?
    let kit: Kit

    var isText: Bool {
        if case .text = source { true } else { false }
    }

    func reply(to call: Call) throws(APIError) -> Reply {
        // A document that is not there has no rows, not even none.
        let document = try owner.map { owner throws(APIError) in
            try kit.service(type: owner, for: call).find(call.id(owner))
        }
        switch source {
        case .nothing: return reply([])
        case .list(let resource, let view):
            let service = try kit.service(type: resource.documentType, for: call)
            return try service.list(ListRequest(call), view, within: document?.id.text)
        case .rows(let rows):
            let unit = try kit.unit(for: call)
            return reply(try rows(ViewRequest(owner: document, query: call.query, reader: Reader(unit))))
        case .text(let text):
            guard let document else { throw .notFound }
            return Reply(.text(try text(document, Reader(kit.unit(for: call)))))
        }
    }

    private func reply(_ rows: [JSONObject]) -> Reply {
        var reply = Reply(.rows(rows.map { JSON.object($0).bytes() }))
        reply.paging = Paging(count: rows.count)
        return reply
    }
}
