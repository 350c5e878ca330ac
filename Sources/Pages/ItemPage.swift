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
        if resource != nil { visit.note(value) }
        let files = visit.open(visit.site.parts(subject)).compactMap(file)
        var item: Model = [
            "sections": sections,
            "files": files,
            "hasFiles": !files.isEmpty,
            "actions": actions,
            "facts": facts,
        ]
        let links = links
        if !links.isEmpty { item["links"] = links }
        let pages = pages
        let groups = [("More", pages.filter { !$0.isSetting }), ("Settings", pages.filter(\.isSetting))]
        item["parts"] = groups.filter { !$0.1.isEmpty }.map { section($0, parts($1)) }.joined()
        return item
    }

    /// What can be done with it.
    private var actions: Markup {
        var actions: Markup = ""
        if visit.mayUseHere(.post), subject.shape != nil {
            actions += "<a class=\"button\" href=\"\(visit.link(visit.request.path, ["form": "edit"]))\">Change</a>\n"
        }
        actions += visit.buttons
        if isDeletable {
            let question = visit.link(visit.request.path, ["form": "delete"])
            actions += "<a class=\"button quiet danger\" href=\"\(question)\">Delete…</a>\n"
        }
        return actions
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

    private var facts: Markup {
        var facts: Markup = ""
        if let id = value["id"]?.string { facts += .line("ID", "<code>\(id)</code>") }
        if let revision { facts += .line("Revision", "<code>\(revision)</code>") }
        if resource != nil, revision != nil {
            let history = visit.link(visit.request.path, ["form": "history"])
            facts += .line("History", .link("What it was before", history))
        }
        let json = visit.link(visit.request.path, ["accept": "application/json", "pretty_print": "true"])
        facts += .line("JSON", .link("This document as JSON", json))
        if let command = visit.command(visit.request.path) {
            facts += .line("In a shell", "<code class=\"line\">\(command)</code>")
        }
        return facts
    }

    // MARK: What it says

    /// The plain fields first, then a section for each group that says anything, in the order of the schema.
    var sections: Markup {
        guard let members = value.object else { return "" }
        let known = subject.members
        let computed = (resource?.computed.map(\.name) ?? []).filter { !known.contains($0) }
        let hidden = Set(["id"] + (resource?.links.map(\.field) ?? []) + computed)
        var plain: [Markup] = []
        var groups: Markup = ""
        for name in known + members.keys.filter({ !known.contains($0) }) {
            guard let value = members[name], !hidden.contains(name), !name.hasPrefix("_") else { continue }
            let shape = subject.shape?.member(name)
            let path = JSONPath(elements: [name])
            if value.object != nil || value.array?.contains(where: { $0.object != nil }) == true {
                if value.isStandard(for: shape) { continue }
                let inner = groupsWithin(value, shape, path)
                if !inner.isEmpty { groups += section(title(shape, name), inner) }
            } else {
                plain += entries(value, shape, path, prefix: title(shape, name))
            }
        }
        return plain.isEmpty ? groups : section("Details", list(plain)) + groups
    }

    private func section(_ title: String, _ content: Markup) -> Markup {
        "<section>\n<h2>\(title)</h2>\n\(content)</section>\n"
    }

    private func list(_ entries: [Markup]) -> Markup { "<dl>\n\(entries.joined())</dl>\n" }

    /// The values of a section: those of its own, then a group for each member that says more than one thing.
    private func groupsWithin(_ value: JSON, _ shape: SchemaShape?, _ path: JSONPath) -> Markup {
        guard let members = value.object else {
            let entries = entries(value, shape, path, prefix: "")
            return entries.isEmpty ? "" : list(entries)
        }
        var own: [Markup] = []
        var groups: Markup = ""
        for (name, member) in members {
            let inner = shape?.member(name)
            let title = title(inner, name)
            if member.object != nil, case let alone = entries(member, inner, path.appending(name), prefix: ""),
                alone.count > 1
            {
                groups += "<h3>\(title)</h3>\n\(list(alone))"
            } else {
                own += entries(member, inner, path.appending(name), prefix: title)
            }
        }
        return own.isEmpty ? groups : list(own) + groups
    }

    private func title(_ shape: SchemaShape?, _ name: String) -> String { shape?.title ?? Wording.title(ofName: name) }

    /// The values in a value, each under the names that lead to it.
    private func entries(_ value: JSON, _ shape: SchemaShape?, _ path: JSONPath, prefix: String) -> [Markup] {
        func label(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix) › \(name)" }
        switch value {
        case .null: return []
        case .object(let members):
            if path.elements.count > 8 { return [.line("\(prefix)", "\(value.text())")] }
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
            guard let reference = resource?.reference(at: path.appending(0)) else {
                return [.line("\(prefix)", "\(Wording.text(of: value))")]
            }
            return [.line("\(prefix)", elements.map { "\(named($0, reference).link)<br>" }.joined())]
        case .bool, .number, .string:
            if value == "" { return [] }
            if let reference = resource?.reference(at: path) {
                return [.line("\(prefix)", named(value, reference).link)]
            }
            let origin = origins[path].map(self.origin) ?? ""
            let text = Wording.text(of: value, in: path.elements.last ?? "")
            // What has lines keeps them.
            if value.string?.utf8.contains(UInt8(ascii: "\n")) == true {
                return ["<div><dt>\(prefix)</dt><dd class=\"long\">\(text)\(origin)</dd></div>\n"]
            }
            return [.line("\(prefix)", "\(text)\(origin)")]
        }
    }

    /// Where a setting comes from, as a link if it is an account that the caller may see.
    private func origin(_ origin: String) -> Markup {
        let words: Markup
        switch origin {
        case "system": words = "standard"
        case "inherited": words = "from an account above"
        case visit.account?.id: words = "set here"
        default:
            let name = visit.named(DocumentID(origin), type: "account").name
            words = "from \(Markup.link(name, visit.link("/v2/accounts/\(percentEncoded(origin))/security")))"
        }
        return " <span class=\"quiet origin\">\(words)</span>"
    }

    /// An id as the name of what it names, and a link to it.
    private func named(_ value: JSON, _ reference: ReferenceField) -> Named {
        visit.named(DocumentID(value.string ?? ""), type: reference.target)
    }

    // MARK: What it is linked to

    private var links: Markup {
        guard let resource else { return "" }
        let outgoing = resource.links.compactMap { linked($0, other: $0.rightType, field: $0.field, isLeft: true) }
        let incoming = resource.incomingLinks.compactMap {
            linked($0, other: $0.leftType, field: $0.reverseField, isLeft: false)
        }
        return (outgoing + incoming).joined()
    }

    /// What one association links it to, with what can be done about that.
    private func linked(_ link: Link, other: String, field: String, isLeft: Bool) -> Markup? {
        guard let id = value["id"]?.string, let target = visit.kit.catalogue[type: other] else { return nil }
        let ids = (value[field]?.array ?? []).compactMap(\.string)
        var links = ids.map { linked -> Markup in
            let named = visit.named(DocumentID(linked), type: other)
            let nouns = link.nouns(visit, left: isLeft ? id : linked, right: isLeft ? linked : id)
            let button = visit.mayUse(.delete, nouns) ? unlinking(visit.link(nouns.path), named.name) : ""
            return "<div class=\"link\">\(named.link)\(button)</div>\n"
        }.joined()
        let isFull = !ids.isEmpty && (isLeft ? link.cardinality.leftHasOne : link.cardinality.rightHasOne)
        if !isFull, visit.mayUse(.put, link.nouns(visit, left: "0", right: "0")) {
            let href = visit.link(visit.request.path, ["form": "link", "to": field])
            links += "<a class=\"more\" href=\"\(href)\">Link \(Wording.aOrAn(Wording.one(target)))…</a>\n"
        }
        return .line("\(Wording.many(target))", links)
    }

    private func unlinking(_ action: String, _ name: String) -> Markup {
        let next = visit.link(visit.request.path, ["said": "unlinked"])
        let words = visit.formWords + .hidden("next", next) + .hidden("verb", "delete")
        let button: Markup = "<button class=\"plain\">Unlink<span class=\"unseen\"> \(name)</span></button>"
        return "<form method=\"post\" action=\"\(action)\">\(words)\(button)</form>"
    }

    // MARK: What is below it

    /// Lists and documents that have pages of their own.
    private var pages: [Site.Part] {
        let isAlone = resource?.documentType == "account" && visit.account?.ancestors.isEmpty == true
        return visit.open(visit.site.parts(subject))
            .filter { $0.mediaTypes == nil && (!isAlone || $0.word != "siblings") }
    }

    private func parts(_ pages: [Site.Part]) -> Markup {
        let items = pages.map { part -> Markup in
            "<li>\(Markup.link(part.title, visit.listLink("\(visit.request.path)/\(part.word)")))</li>\n"
        }
        return "<ul class=\"parts\">\n\(items.joined())</ul>\n"
    }

    /// A file of the document: looking at it, and giving it another; nil of what is no file.
    private func file(_ part: Site.Part) -> Model? {
        guard let mediaTypes = part.mediaTypes else { return nil }
        let path = "\(visit.request.path)/\(part.word)"
        let stored = try? part.route.handle(visit.call())
        let isThere = stored != nil
        var file: Model = ["link": Markup.link(part.title, isThere ? visit.fileLink(path) : nil)]
        if case .file(let stored) = stored?.content {
            if stored.mediaType.hasPrefix("audio/") { file["sound"] = visit.fileLink(path) }
            if stored.mediaType.hasPrefix("image/") { file["image"] = visit.fileLink(path) }
        }
        if visit.mayUse(.put, visit.request.nouns, of: part.route) {
            file["upload"] =
                [
                    "action": visit.link(path), "words": visit.formWords, "types": mediaTypes.joined(separator: ","),
                    "button": isThere ? "Replace" : "Upload", "label": part.title,
                ] as Model
        }
        return file
    }
}

extension JSON {
    /// Whether it says no more than what holds without it.
    fileprivate func isStandard(for shape: SchemaShape?) -> Bool {
        guard let members = object else { return self == shape?.keywords["default"] }
        return members.allSatisfy { name, value in value.isStandard(for: shape?.member(name)) }
    }
}

/// A document in a sentence: what it is called, and where it is if it can be shown.
struct Named {
    let name: String
    var href: String?

    var link: Markup { .link(name, href) }
}

extension Visit {
    /// The buttons of what is here, and of what is directly below it and has no page of its own.
    var buttons: Markup {
        guard let route = registry.plugged(to: request.nouns) else { return "" }
        return site.buttons(route).filter { mayUse(.put, request.nouns, of: $0.route) }.map { part -> Markup in
            let action = link(part.word.isEmpty ? request.path : "\(request.path)/\(part.word)")
            let next = link(request.path, ["said": "done"])
            let words = formWords + .hidden("verb", "put") + .hidden("next", next)
            let button: Markup = "<button class=\"quiet\">\(part.title)</button>"
            return "<form method=\"post\" action=\"\(action)\">\(words)\(button)</form>\n"
        }.joined()
    }

    /// Those parts of the page's document that the caller may look at.
    fileprivate func open(_ parts: [Site.Part]) -> [Site.Part] {
        parts.filter { mayUse(.get, request.nouns, of: $0.route) }
    }

    /// A document as its name and the link to it; its id and no link if it cannot be shown.
    ///
    /// - Parameter isNear: whether the link may count on the page's own address.
    func named(_ id: DocumentID, type: String, isNear: Bool = false) -> Named {
        guard let name = name(of: id, type: type), let path = path(of: id, type: type) else {
            return Named(name: id.text)
        }
        let href = link(path)
        return Named(name: name.isEmpty ? id.text : name, href: isNear ? near(href) : href)
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
