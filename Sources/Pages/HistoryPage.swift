//  The past of a document: what each revision changed, and a way back.

import DocumentStore
import Gateway
import JSON
import JSONSchema
import PluginKit

struct HistoryPage {
    let visit: Visit
    let subject: Subject
    let resource: ResourceDefinition
    let value: JSON
    let revision: String?

    func page() throws(APIError) -> Page {
        let service = try visit.service(resource.documentType)
        let past = try service.pastRevisions(of: service.documentID())
        var newer = value
        var rows: [Model] = []
        for old in past {
            guard let body = try? JSON(parsing: old.body) else { continue }
            let changes = Difference.between(body, newer).filter { !hidden.contains($0.path.elements.first ?? "") }
            var row: Model = [
                "revision": old.revision.description,
                "time": Wording.time(old.modified, isExact: true),
                "changes": changes.map { change in
                    [
                        "label": label(change.path), "before": Wording.text(of: change.old, at: change.path),
                        "after": Wording.text(of: change.new, at: change.path),
                    ] as Model
                },
                "isSame": changes.isEmpty,
            ]
            if visit.mayUseHere(.post), !old.isDeleted {
                row["words"] = words(body)
                row["hasWords"] = true
            }
            rows.append(row)
            newer = body
        }
        return visit.page(
            "history",
            title: "Past of \(visit.nameHere ?? Wording.inside(Wording.one(resource)))",
            ["rows": rows, "isEmpty": rows.isEmpty, "action": visit.link(visit.request.path)]
        )
    }

    /// A form that replaces the document by what it was.
    private func words(_ body: JSON) -> Markup {
        var words = visit.formWords
        if let revision { words += .hidden("if_match", revision) }
        for (name, value) in body.object ?? [:] where !hidden.contains(name) {
            words += .hidden("json.\(JSONPath(elements: [name]))", value.text())
        }
        return words
    }

    private var hidden: Set<String> { Set(["id"] + resource.links.map(\.field) + resource.computed.map(\.name)) }

    private func label(_ path: JSONPath) -> String {
        let titles = path.elements.indices.map { index in
            let elements = Array(path.elements[...index])
            return subject.shape?.value(at: JSONPath(elements: elements))?.title
                ?? Wording.title(ofName: elements[index])
        }
        return titles.joined(separator: " › ")
    }
}
