//  The page of a form: making a document, changing one, and what comes back when something is wrong with it.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// A form for a document.
struct FormPage {
    let visit: Visit
    let subject: Subject
    let shape: SchemaShape
    /// What the fields hold.
    let value: JSON
    /// What is wrong with it: path → rule → details, as the wire has it.
    var violations: JSON = [:]
    /// The revision that a change replaces; nil for a new document.
    var revision: String?
    /// Where a row was added, removed or moved just now.
    var touched: JSONPath?
    /// What somebody else stored meanwhile.
    var overtakenBy: JSON?

    private var isNew: Bool { subject.takesNew || isBegun }

    /// Whether the document is made at the address that it has then.
    private var isBegun: Bool {
        let isAsked = visit.request.query["form"] == "new" || visit.request.method == .put
        return isAsked && !subject.takesNew && visit.mayUseHere(.put)
    }

    private var resource: ResourceDefinition? { subject.resource }

    func page() -> Page {
        let root = subject.path
        // What is the whole form need not be opened first.
        let alone = shape.properties.count == 1 ? shape.properties.first.map { root.appending($0.name) } : nil
        let fields = FormFields(
            visit: visit,
            resource: resource,
            isNew: isNew,
            messages: messages,
            root: root,
            touched: touched ?? alone
        )
        let all = fields.members(shape, value.value(at: root), at: root, hiding: hidden)
        var form: Model = [
            "action": visit.link(action),
            "fields": all.filter { $0["group"] == nil },
            "groups": all.filter { $0["group"] != nil },
            "words": words,
            "submit": isNew ? "Create" : "Save",
            "cancel": cancel,
            "purpose": isNew ? shape.text ?? "" : "",
        ]
        if !summary.isEmpty {
            form["summary"] = [
                "count": summary.count == 1 ? "One thing has" : "\(summary.count) things have", "entries": summary,
            ]
        }
        if let overtakenBy { form["differences"] = ["rows": differences(overtakenBy, value)] }
        return visit.page("form", title: title, form)
    }

    private var title: String {
        let one = Wording.inside(subject.one)
        if isBegun { return (["New", one] + (visit.request.nouns.last?.arguments ?? [])).joined(separator: " ") }
        if isNew { return "New \(one)" }
        return "\(visit.request.query["form"] == "new" ? "Set up" : "Change") \(visit.nameHere ?? one)"
    }

    private var cancel: String {
        if isBegun { return visit.link(visit.parentPath ?? visit.accountPath) }
        return isNew ? visit.listLink(visit.request.path) : visit.link(visit.request.path)
    }

    /// An account is made by the one above it.
    private var action: String {
        isNew && resource?.documentType == "account" ? visit.accountPath : visit.request.path
    }

    private var words: Markup {
        var words = visit.formWords
        if isNew { words += .hidden("verb", "put") }
        if let revision { words += .hidden("if_match", revision) }
        return words
    }

    /// What is not the person's to set: ids, links, what is computed or follows from the path.
    private var hidden: Set<String> {
        guard let resource else { return ["id"] }
        return Set(["id"] + resource.links.map(\.field) + resource.computed.map(\.name) + resource.parents.map(\.field))
    }

    // MARK: What is wrong

    private var messages: [JSONPath: [String]] {
        var messages: [JSONPath: [String]] = [:]
        for (path, rules) in violations.object ?? [:] {
            messages[place(path)] = (rules.object ?? [:]).compactMap { $0.value["message"]?.string }
        }
        return messages
    }

    /// Where in the data of a form a place of the document is.
    private func place(_ path: String) -> JSONPath {
        let path = JSONPath(path).elements
        let root = subject.path.elements
        return JSONPath(elements: path.starts(with: root) ? path : root + path)
    }

    /// The same, as links to the fields.
    private var summary: [Model] {
        (violations.object ?? [:]).map { path, rules in
            let sentences = (rules.object ?? [:]).compactMap { $0.value["message"]?.string }
            let place = place(path)
            return [
                "href": "#data.\(place)",
                "label": label(JSONPath(elements: Array(place.elements.dropFirst(subject.path.elements.count)))),
                "text": sentences.joined(separator: " "),
            ]
        }
    }

    /// What a place in the document is called, from the outside in.
    private func label(_ path: JSONPath) -> String {
        var labels: [String] = []
        for length in path.elements.indices {
            let elements = Array(path.elements[...length])
            let last = path.elements[length]
            let title = shape.value(at: JSONPath(elements: elements))?.title
            labels.append(Int(last).map { String($0 + 1) } ?? title ?? Wording.title(ofName: last))
        }
        return labels.joined(separator: " › ")
    }

    /// What two versions say at each place where they differ.
    private func differences(_ stored: JSON, _ ours: JSON) -> [Model] {
        Difference.between(stored, ours)
            .filter { !hidden.contains($0.path.elements.first ?? "") && !$0.path.isSecret }
            .map {
                [
                    "label": label($0.path), "before": Wording.text(of: $0.old, at: $0.path),
                    "after": Wording.text(of: $0.new, at: $0.path),
                ]
            }
    }

    // MARK: Rows

    /// The data of a form after the button that adds, removes or moves a row, and where that was; nil if no such button
    /// was pressed.
    static func changed(_ call: Call) -> (data: JSON, place: JSONPath)? {
        guard let command = call.envelope.members["form"]?.string, let colon = command.firstIndex(of: ":") else {
            return nil
        }
        var data = call.envelope.data
        var path = JSONPath(String(command[command.index(after: colon)...]))
        switch command[..<colon] {
        case "remove": data.set(nil, at: path)
        case "up":
            let rows = JSONPath(elements: Array(path.elements.dropLast()))
            guard let place = path.elements.last.flatMap({ Int($0) }), var elements = data.value(at: rows)?.array,
                elements.indices.contains(place), place > 0
            else { return (data, path) }
            elements.swapAt(place, place - 1)
            data.set(.array(elements), at: rows)
        case "add":
            if let key = call.envelope.members["key.\(path)"]?.string {
                if key.isEmpty { return (data, path) }
                path = path.appending(key)
            } else {
                if data.value(at: path) == nil { data.set(.array([]), at: path) }
                path = path.appending(data.value(at: path)?.array?.count ?? 0)
            }
            if data.value(at: path) == nil { data.set(.object([:]), at: path) }
        default: return nil
        }
        return (data, path)
    }
}

/// A place at which two values differ. What is empty is no value.
struct Difference {
    let path: JSONPath
    let old: JSON?
    let new: JSON?

    private static func isNothing(_ value: JSON?) -> Bool {
        switch value {
        case nil, .null?: true
        case .object(let members)?: members.allSatisfy { isNothing($0.value) }
        case .array(let elements)?: elements.isEmpty
        case .string(let text)?: text.isEmpty
        case .bool?, .number?: false
        }
    }

    /// The places, in the order of the old value, then of the new one.
    static func between(_ old: JSON?, _ new: JSON?, at path: JSONPath = "") -> [Difference] {
        if old == new || (isNothing(old) && isNothing(new)) { return [] }
        // Text that a form holds is the number or the truth value that it will become.
        if let text = new?.string, old?.controlText == text { return [] }
        let isGroup = (old?.object != nil || old == nil) && (new?.object != nil || new == nil)
        guard isGroup, case let before = old?.object ?? [:], case let after = new?.object ?? [:] else {
            return [Difference(path: path, old: old, new: new)]
        }
        let keys = before.keys + after.keys.filter { before[$0] == nil }
        return keys.flatMap { between(before[$0], after[$0], at: path.appending($0)) }
    }
}

extension Visit {
    /// What the document of the path is called, or nil if it is none.
    var nameHere: String? {
        guard let noun = request.nouns.last, let id = noun.arguments.last else { return nil }
        let type =
            request.nouns.count == 1 ? "account" : kit.catalogue.all.first { $0.name == noun.module }?.documentType
        guard let type, let name = name(of: DocumentID(id), type: type), !name.isEmpty else { return nil }
        return name
    }
}
