//  Choosing what to link a document to.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct ChooserPage {
    let visit: Visit
    let resource: ResourceDefinition
    let reply: Reply

    /// - Throws: `.notFound` if the document has no such link.
    func page() throws(APIError) -> Page {
        guard let id = visit.request.nouns.last?.arguments.last, let field = visit.request.query["to"],
            case .value(let bytes) = reply.content, let document = try? JSON(parsing: bytes)
        else { throw .notFound }
        let isLeft = resource.links.contains { $0.field == field }
        let links = isLeft ? resource.links : resource.incomingLinks
        guard let link = links.first(where: { (isLeft ? $0.field : $0.reverseField) == field }),
            let target = visit.kit.catalogue[type: isLeft ? link.rightType : link.leftType]
        else { throw .notFound }
        let linked = Set((document[field]?.array ?? []).compactMap(\.string))
        var call = visit.call()
        call.query = visit.request.query
        var request = try ListRequest(call)
        request.order = .ascending
        request.filter = Filter(QueryParameters())
        let list = try visit.service(target.documentType).list(request)
        guard case .rows(let rows) = list.content else { throw .rangeNotSatisfiable }
        let choices = rows.compactMap { bytes -> Model? in
            guard let row = try? JSON(parsing: bytes), let other = row["id"]?.string, !linked.contains(other) else {
                return nil
            }
            let nouns = link.nouns(visit, left: isLeft ? id : other, right: isLeft ? other : id)
            return [
                "name": Wording.name(of: row) ?? other,
                "note": note(row),
                "action": visit.link(nouns.path),
            ]
        }
        let next = visit.link(visit.request.path, ["said": "linked"])
        var chooser: Model = [
            "many": Wording.inside(Wording.many(target)),
            "name": visit.nameHere ?? id,
            "choices": choices,
            "isEmpty": choices.isEmpty,
            "words": visit.formWords + .hidden("verb", "put") + .hidden("next", next),
            "creation": visit.link("\(visit.accountPath)/\(target.name)", ["form": "new"]),
            "thing": Wording.aOrAn(Wording.one(target)),
            "back": visit.link(visit.request.path),
        ]
        if let key = list.paging?.next { chooser["next"] = visit.sameLink([("start_key", key)]) }
        return visit.page("chooser", title: "Link \(Wording.aOrAn(Wording.one(target)))", chooser)
    }

    /// Two more words that tell one row from another.
    private func note(_ row: JSON) -> String {
        ["username", "number", "email", "mac_address", "protocol"].compactMap { row[$0]?.controlText }
            .filter { !$0.isEmpty && $0 != Wording.name(of: row) }.prefix(2).joined(separator: " · ")
    }
}
