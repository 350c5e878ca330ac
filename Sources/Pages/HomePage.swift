//  The home of an account: what it has, and which accounts are below it.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct HomePage {
    private static let childLimit = 25

    let visit: Visit
    let subject: Subject
    let resource: ResourceDefinition
    let value: JSON
    let revision: String?

    func page() throws(APIError) -> Page {
        var tiles: [Model] = []
        for resource in visit.resources {
            let count = try visit.service(resource.documentType).count()
            let path = "\(visit.accountPath)/\(resource.name)"
            let nouns = [Noun("accounts", [visit.account?.id ?? ""]), Noun(resource.name)]
            var tile: Model = [
                "name": visit.title(resource), "count": count, "isEmpty": count == 0, "href": visit.listLink(path),
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
            "sections": item.sections,
            "item": item.model,
        ]
        if visit.mayUse(.put, visit.request.nouns) {
            home["creation"] = visit.link("\(visit.accountPath)/children", ["form": "new"])
        }
        return visit.page("home", title: value["name"]?.string ?? "Account", kind: "Account", home)
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
