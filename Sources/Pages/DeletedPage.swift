//  What was deleted: a list of it, and one document with the button that makes it again.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct DeletedPage {
    let visit: Visit

    static func isAbout(_ nouns: [Noun]) -> Bool { nouns.last?.module == "deleted" }

    /// - Throws: `.rangeNotSatisfiable` if the list is too long for one page.
    func list(_ reply: Reply) throws(APIError) -> Page {
        guard case .rows(let bytes) = reply.content else { throw .rangeNotSatisfiable }
        let rows = bytes.map { (try? JSON(parsing: $0)) ?? .null }.map { row -> Model in
            let id = row["id"]?.string ?? ""
            return [
                "name": Wording.name(of: row) ?? id,
                "href": visit.link("\(visit.request.path)/\(percentEncoded(id))"),
                "kind": kind(row["type"]?.string ?? ""),
                "time": Wording.time(Int64(row["deleted"]?.int ?? 0)),
            ]
        }
        var list: Model = ["rows": rows, "isEmpty": rows.isEmpty]
        if let next = reply.paging?.next { list["next"] = visit.sameLink([("start_key", next)]) }
        return visit.page("deleted", title: "Recently deleted", ["list": list])
    }

    /// - Throws: `.badIdentifier` if there is no such document.
    func item(_ reply: Reply) throws(APIError) -> Page {
        guard let id = visit.request.nouns.last?.arguments.last, case .value(let bytes) = reply.content,
            let value = try? JSON(parsing: bytes), let call = visit.request.call
        else { throw .notFound }
        let resource = try visit.kit.deletedDocument(DocumentID(id), for: call).resource
        let nouns = [Noun("accounts", [visit.account?.id ?? ""]), Noun(resource.name, [id])]
        var item: Model = [
            "action": visit.link(visit.request.path),
            "words": visit.formWords + .hidden("verb", "put"),
            "back": visit.link("\(visit.accountPath)/deleted"),
            "thing": Wording.inside(Wording.one(resource)),
        ]
        if let subject = visit.site.subject(nouns), subject.resource?.name == resource.name {
            item["sections"] = ItemPage(visit: visit, subject: subject, value: value, revision: nil).sections
        }
        let page: Model = ["item": item]
        return visit.page("deleted", title: Wording.name(of: value) ?? id, kind: "Deleted \(kind(resource))", page)
    }

    private func kind(_ type: String) -> String { visit.kit.catalogue[type: type].map(Wording.one) ?? type }

    private func kind(_ resource: ResourceDefinition) -> String { Wording.inside(Wording.one(resource)) }
}

extension Visit {
    /// The path of what was deleted in the page's account, if the caller may see it.
    var deletedPath: String? {
        guard let account, mayUse(.get, [Noun("accounts", [account.id]), Noun("deleted")]) else { return nil }
        return "\(accountPath)/deleted"
    }

    /// A deleted document as its name and the link to where it can be restored; nil if there is none.
    func deleted(_ id: DocumentID) -> Named? {
        guard let deletedPath, let found = try? kit.deletedDocument(id, for: call()),
            let value = try? JSON(parsing: found.document.body)
        else { return nil }
        let href = link("\(deletedPath)/\(percentEncoded(id.text))")
        return Named(name: Wording.name(of: value) ?? id.text, href: href)
    }
}
