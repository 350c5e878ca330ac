//  The home of an account: what it has, and which accounts are below it.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct HomePage {
    private static let childLimit = 25
    private static let alertLimit = 5
    private static let changeLimit = 10

    let visit: Visit
    let subject: Subject
    let resource: ResourceDefinition
    let value: JSON
    let revision: String?

    func page() throws(APIError) -> Page {
        var tiles: [Model] = []
        for resource in visit.open(visit.site.lists).compactMap({ visit.kit.catalogue[type: $0.documentType] }) {
            let count = try visit.service(resource.documentType).count()
            let path = "\(visit.accountPath)/\(resource.name)"
            let nouns = [Noun("accounts", [visit.account?.id ?? ""]), Noun(resource.name)]
            var tile: Model = [
                "name": visit.site.title(resource), "count": count, "isEmpty": count == 0, "href": visit.listLink(path),
                "purpose": resource.schema.source["description"]?.string ?? "",
            ]
            if visit.mayUse(.put, nouns) {
                tile["creation"] = visit.link(path, ["form": "new"])
                tile["thing"] = Wording.aOrAn(Wording.one(resource))
            }
            tiles.append(tile)
        }
        let item = ItemPage(visit: visit, subject: subject, value: value, revision: revision)
        var home: Model = [
            "hasEmpty": tiles.contains { $0["isEmpty"] as? Bool == true },
            "isNew": !tiles.contains { $0["isEmpty"] as? Bool == false },
            "full": tiles.filter { $0["isEmpty"] as? Bool == false },
            "empty": tiles.filter { $0["isEmpty"] as? Bool == true },
            "children": try children(),
            "item": item.model,
            "alerts": alerts,
            "changes": changes,
            "hasChanges": !changes.isEmpty,
        ]
        if visit.mayUse(.put, visit.request.nouns) {
            home["creation"] = visit.link("\(visit.accountPath)/children", ["form": "new"])
        }
        return visit.page("home", title: value["name"]?.string ?? "Account", kind: "Account", home)
    }

    /// What people of the account are to know now.
    private var alerts: [Model] {
        let nouns = [Noun("accounts", [visit.account?.id ?? ""]), Noun("alerts")]
        guard visit.mayUse(.get, nouns), let reply = try? visit.registry.route(to: nouns)?.handle(visit.call()),
            case .rows(let rows) = reply.content
        else { return [] }
        return rows.prefix(Self.alertLimit).compactMap { bytes in
            guard let alert = try? JSON(parsing: bytes), let id = alert["id"]?.string else { return nil }
            return [
                "title": alert["title"]?.string ?? "",
                "message": alert["message"]?.string ?? "",
                "href": visit.link("\(visit.accountPath)/alerts/\(percentEncoded(id))"),
            ]
        }
    }

    /// What was done last in the account, for those who may read what was.
    private var changes: [Model] {
        guard let account = visit.account, visit.mayUse(.get, [Noun("accounts", [account.id]), Noun("changes")]),
            let events = try? visit.kit.changes.latest(limit: Self.changeLimit, in: account.id)
        else { return [] }
        return events.map { event in
            var document = visit.named(event.document, type: event.type)
            if document.href == nil, let deleted = visit.deleted(event.document) { document = deleted }
            let kind = visit.kit.catalogue[type: event.type].map(Wording.one) ?? Wording.title(ofName: event.type)
            let fields = event.action == "edited" ? event.changed.map { Wording.title(ofName: $0) } : []
            var change: Model = [
                "kind": kind, "link": document.link, "action": event.action.replacing("_", with: " "),
                "time": Wording.time(event.time),
            ]
            if !fields.isEmpty { change["fields"] = fields.joined(separator: ", ") }
            let actor = event.actor.split(separator: ":", maxSplits: 1)
            if actor.first == "user", actor.count == 2 {
                change["actor"] = visit.named(DocumentID(String(actor[1])), type: "user").name
            }
            return change
        }
    }

    private func children() throws(APIError) -> Model {
        guard let account = visit.account else { return [:] }
        var request = try ListRequest(visit.call())
        request.pageSize = Self.childLimit
        request.order = .ascending
        let reply = try visit.service("account").list(request, nil, within: account.id)
        guard case .rows(let rows) = reply.content else { return [:] }
        let accounts = rows.compactMap { bytes -> Model? in
            guard let row = try? JSON(parsing: bytes), let id = row["id"]?.string else { return nil }
            return [
                "name": row["name"]?.string ?? id,
                "realm": row["realm"]?.string ?? "",
                "href": visit.link("/v2/accounts/\(percentEncoded(id))"),
            ]
        }
        return [
            "rows": accounts,
            "isEmpty": accounts.isEmpty,
            "descendants": visit.listLink("\(visit.accountPath)/descendants"),
            "all": visit.listLink("\(visit.accountPath)/children"),
            "hasMore": reply.paging?.next != nil,
        ]
    }
}
