//  The page of one document: what it says, what it is linked to, what can be done with it.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// A document, or a value that has a schema.
struct ItemPage {
    let visit: Visit
    let subject: Subject
    let value: JSON
    let revision: String?
    /// Of settings, which account each comes from.
    var origins: [JSONPath: String] = [:]

    var resource: ResourceDefinition? { subject.resource }

    func page() -> Page { visit.page("item", title: title, kind: kind, model) }

    /// What the templates need for everything but the frame.
    var model: Model {
        let parts = parts
        let files = parts.filter { $0["isFile"] != nil }
        let pages = parts.filter { $0["isFile"] == nil }
            .sorted { ($0["name"] as? String ?? "") < ($1["name"] as? String ?? "") }
        let links = linkSections
        var item: Model = [
            "sections": sections,
            "links": links,
            "hasLinks": !links.isEmpty,
            "parts": pages,
            "hasParts": !pages.isEmpty,
            "files": files,
            "hasFiles": !files.isEmpty,
            "buttons": visit.buttons,
            "facts": facts,
            "json": visit.link(visit.request.path, ["accept": "application/json", "pretty_print": "true"]),
        ]
        if let command = visit.command(visit.request.path) { item["command"] = command }
        if visit.mayUseHere(.post), subject.shape != nil {
            item["edit"] = visit.link(visit.request.path, ["form": "edit"])
        }
        if resource != nil, revision != nil { item["history"] = visit.link(visit.request.path, ["form": "history"]) }
        if isDeletable { item["delete"] = visit.link(visit.request.path, ["form": "delete"]) }
        return item
    }

    private var kind: String? { resource.flatMap { $0.singleton == nil ? Wording.one($0) : nil } }

    private var title: String {
        if let resource, resource.singleton != nil { return Wording.one(resource) }
        return Wording.name(of: value) ?? (resource == nil ? nil : value["id"]?.string) ?? subject.one
    }

    private var isDeletable: Bool {
        guard visit.mayUseHere(.delete), resource?.singleton == nil || revision != nil else { return false }
        // What is inherited is not deleted here.
        if !origins.isEmpty, !origins.values.contains(visit.account?.id ?? "") { return false }
        return resource?.documentType != "account" || visit.account?.isMaster == false
    }

    private var facts: [Model] {
        var facts: [(String, String)] = []
        if let id = value["id"]?.string { facts.append(("ID", id)) }
        if let revision { facts.append(("Revision", revision)) }
        return facts.map { ["label": $0.0, "text": $0.1] }
    }

    // MARK: What it says

    /// The plain fields first, then a section for each group that says anything, in the order of the schema.
    var sections: [Model] {
        guard let members = value.object else { return [] }
        let known = subject.shape?.properties.map(\.name) ?? []
        let computed = (resource?.computed.map(\.name) ?? []).filter { !known.contains($0) }
        let hidden = Set(["id"] + (resource?.links.map(\.field) ?? []) + computed)
        let names = known.filter { members[$0] != nil } + members.keys.filter { !known.contains($0) }
        var plain: [Model] = []
        var groups: [Model] = []
        for name in names where !hidden.contains(name) && !name.hasPrefix("_") {
            guard let value = members[name] else { continue }
            let shape = subject.shape?.member(name)
            let path = JSONPath(elements: [name])
            if value.object != nil || value.array?.contains(where: { $0.object != nil }) == true {
                if value.isStandard(for: shape) { continue }
                let inner = groupsWithin(value, shape, path)
                if !inner.isEmpty { groups.append(["title": title(shape, name), "groups": inner]) }
            } else {
                plain += entries(value, shape, path, prefix: title(shape, name))
            }
        }
        let details: Model = ["title": "Details", "groups": [["entries": plain] as Model]]
        return (plain.isEmpty ? [] : [details]) + groups
    }

    /// The values of a section: those of its own, then a group for each member that says more than one thing.
    private func groupsWithin(_ value: JSON, _ shape: SchemaShape?, _ path: JSONPath) -> [Model] {
        guard let members = value.object else { return [["entries": entries(value, shape, path, prefix: "")] as Model] }
        var own: [Model] = []
        var groups: [Model] = []
        for (name, member) in members {
            let inner = shape?.member(name)
            let title = title(inner, name)
            let alone = entries(member, inner, path.appending(name), prefix: "")
            if member.object != nil, alone.count > 1 {
                groups.append(["title": title, "entries": alone])
            } else {
                own += entries(member, inner, path.appending(name), prefix: title)
            }
        }
        return (own.isEmpty ? [] : [["entries": own]]) + groups
    }

    private func title(_ shape: SchemaShape?, _ name: String) -> String { shape?.title ?? Wording.title(ofName: name) }

    /// The values in a value, each under the names that lead to it.
    private func entries(_ value: JSON, _ shape: SchemaShape?, _ path: JSONPath, prefix: String) -> [Model] {
        func label(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix) › \(name)" }
        switch value {
        case .null: return []
        case .object(let members):
            if path.elements.count > 8 { return [["label": prefix, "text": value.text()]] }
            return members.flatMap { name, member in
                let inner = shape?.member(name)
                return entries(member, inner, path.appending(name), prefix: label(title(inner, name)))
            }
        case .array(let elements) where elements.contains { $0.object != nil || $0.array != nil }:
            return elements.enumerated().flatMap { index, element in
                entries(element, shape?.items, path.appending(index), prefix: label(String(index + 1)))
            }
        case .array(let elements):
            if elements.isEmpty { return [] }
            if let reference = resource?.reference(at: path.appending(0)) {
                return [["label": prefix, "items": elements.map { named($0, reference) }]]
            }
            return [["label": prefix, "text": Wording.text(of: value)]]
        case .bool, .number, .string:
            if value == "" { return [] }
            guard let reference = resource?.reference(at: path) else {
                var entry: Model = ["label": prefix, "text": Wording.text(of: value), "isLong": isLong(value)]
                if let origin = origins[path] { entry["origin"] = self.origin(origin) }
                return [entry]
            }
            return [["label": prefix, "items": [named(value, reference)]]]
        }
    }

    /// Where a setting comes from, as a link if it is an account that the caller may see.
    private func origin(_ origin: String) -> Model {
        switch origin {
        case "system": return ["name": "standard"]
        case "inherited": return ["name": "from an account above"]
        case visit.account?.id: return ["name": "set here"]
        default:
            let account = visit.named(DocumentID(origin), type: "account")
            return [
                "before": "from ", "name": account["name"] ?? origin,
                "href": visit.link("/v2/accounts/\(percentEncoded(origin))/security"),
            ]
        }
    }

    private func isLong(_ value: JSON) -> Bool { value.string?.contains { $0.isNewline } ?? false }

    /// An id as the name of what it names, and a link to it.
    private func named(_ value: JSON, _ reference: ReferenceField) -> Model {
        visit.named(DocumentID(value.string ?? ""), type: reference.target)
    }

    // MARK: What it is linked to

    private var linkSections: [Model] {
        guard let resource else { return [] }
        let outgoing = resource.links.compactMap { linkSection($0, other: $0.rightType, field: $0.field, isLeft: true) }
        return outgoing
            + resource.incomingLinks.compactMap {
                linkSection($0, other: $0.leftType, field: $0.reverseField, isLeft: false)
            }
    }

    private func linkSection(_ link: Link, other: String, field: String, isLeft: Bool) -> Model? {
        guard let id = value["id"]?.string, let target = visit.kit.catalogue[type: other] else { return nil }
        let ids = (value[field]?.array ?? []).compactMap(\.string)
        let rows = ids.map { linked -> Model in
            var row = visit.named(DocumentID(linked), type: other)
            let nouns = link.nouns(visit, left: isLeft ? id : linked, right: isLeft ? linked : id)
            if visit.mayUse(.delete, nouns) {
                row["action"] = visit.link(nouns.path)
                row["words"] =
                    visit.formWords + [["name": "next", "value": visit.link(visit.request.path, ["said": "unlinked"])]]
            }
            return row
        }
        var section: Model = [
            "title": Wording.many(target),
            "rows": rows,
            "isEmpty": rows.isEmpty,
        ]
        let isFull = !rows.isEmpty && (isLeft ? link.cardinality.leftHasOne : link.cardinality.rightHasOne)
        if !isFull, visit.mayUse(.put, link.nouns(visit, left: "0", right: "0")) {
            section["chooser"] = [
                "href": visit.link(visit.request.path, ["form": "link", "to": field]),
                "thing": Wording.aOrAn(Wording.one(target)),
            ]
        }
        return section
    }

    /// What else answers below the document's path.
    private var parts: [Model] {
        guard let resource else { return [] }
        let isAccount = resource.documentType == "account"
        let isAlone = isAccount && visit.account?.ancestors.isEmpty == true
        let template = subject.route.template.description + "/"
        let linked = Set(resource.links.map(\.field) + resource.incomingLinks.map(\.reverseField))
        return visit.registry.all.compactMap { route in
            let path = route.template.description
            guard path.hasPrefix(template), case let word = path.dropFirst(template.count),
                !word.contains("/") || route.isDocument, !word.contains("{"), !linked.contains(String(word)),
                !isAccount || !isOnHome(path), !isAlone || word != "siblings",
                visit.mayUse(.get, visit.request.nouns, of: route.route)
            else { return nil }
            if case .file(let mediaTypes, _) = route.content { return file(route.route, String(word), mediaTypes) }
            let title =
                visit.kit.catalogue.all.first { $0.collectionPath == path }.map(Wording.many)
                ?? (word.contains("/") ? visit.title(of: route) : nil)
            return [
                "name": title ?? Wording.title(ofName: String(word)),
                "href": visit.listLink("\(visit.request.path)/\(word)"),
            ]
        }
    }

    /// Whether the home of an account leads there by itself.
    private func isOnHome(_ path: String) -> Bool {
        ["children", "descendants", "deleted", "search"].contains { path.hasSuffix("/\($0)") }
            || visit.kit.catalogue.all.contains { $0.collectionPath == path }
    }

    /// A file of the document: looking at it, and giving it another.
    private func file(_ route: Route, _ word: String, _ mediaTypes: [String]) -> Model {
        let path = "\(visit.request.path)/\(word)"
        var part: Model = ["name": Wording.title(ofName: word), "isFile": true]
        let file = try? route.handle(visit.call())
        let isThere = file != nil
        if isThere { part["href"] = visit.fileLink(path) }
        if case .file(let stored) = file?.content {
            if stored.mediaType.hasPrefix("audio/") { part["sound"] = visit.fileLink(path) }
            if stored.mediaType.hasPrefix("image/") { part["image"] = visit.fileLink(path) }
        }
        let access = route.methods.first { $0.method == .put }?.access
        let mayPut = try? access?.check(visit.request.caller, account: visit.account, nouns: visit.request.nouns)
        if mayPut != nil {
            part["upload"] =
                [
                    "action": visit.link(path), "words": visit.formWords, "types": mediaTypes.joined(separator: ","),
                    "button": isThere ? "Replace" : "Upload", "label": Wording.title(ofName: word),
                ] as Model
        }
        return part
    }
}

extension JSON {
    /// Whether it says no more than what holds without it.
    fileprivate func isStandard(for shape: SchemaShape?) -> Bool {
        guard let members = object else { return self == shape?.keywords["default"] }
        return members.allSatisfy { name, value in value.isStandard(for: shape?.member(name)) }
    }
}

extension PluginRoute {
    fileprivate var isDocument: Bool {
        if case .document = content { true } else { false }
    }
}

extension Visit {
    /// The buttons of what is here, and of what is directly below it and has no page of its own.
    var buttons: [Model] {
        guard let here = registry.plugged(to: request.nouns)?.template.description else { return [] }
        return registry.all.compactMap { route in
            guard let button = route.button, let word = route.template.description.word(below: here),
                word.isEmpty || !route.route.methods.contains(where: { $0.method == .get }),
                mayUse(.put, request.nouns, of: route.route)
            else { return nil }
            let next = link(request.path, ["said": "done"])
            return [
                "name": button,
                "action": link(word.isEmpty ? request.path : "\(request.path)/\(word)"),
                "words": formWords + [["name": "verb", "value": "put"], ["name": "next", "value": next]],
            ]
        }
    }

    /// What the schema of a document is called.
    fileprivate func title(of route: PluginRoute) -> String? {
        guard case .document(let schema) = route.content else { return nil }
        return SchemaShape(schema, in: kit.schemas)?.title
    }

    /// A document as its name and the link to it; its id and no link if it cannot be shown.
    func named(_ id: DocumentID, type: String) -> Model {
        guard let name = name(of: id, type: type), let path = path(of: id, type: type) else { return ["name": id.text] }
        return ["name": name.isEmpty ? id.text : name, "href": link(path)]
    }

    /// The line that gets what a page shows with curl, if the server's own address is known.
    func command(_ path: String) -> String? {
        guard let origin = request.origin else { return nil }
        return "curl -H \"X-Auth-Token: $TOKEN\" '\(origin)\(path)'"
    }
}

extension Link {
    /// The path of one link.
    func nouns(_ visit: Visit, left: String, right: String) -> [Noun] {
        let names = [leftType, rightType].map { visit.kit.catalogue[type: $0]?.name ?? $0 }
        return [
            Noun("accounts", [visit.account?.id ?? ""]), Noun(names[0], [left]), Noun(names[1], [right]),
        ]
    }
}

extension String {
    /// What a path has behind another one: nothing or one word; nil if it is not below it, or further.
    fileprivate func word(below path: String) -> String? {
        if self == path { return "" }
        guard hasPrefix(path + "/") else { return nil }
        let word = String(dropFirst(path.count + 1))
        return word.contains("/") || word.contains("{") ? nil : word
    }
}
