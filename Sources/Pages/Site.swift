//  What the declarations of the plugins come to on pages, whoever asks.

import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// The server as its pages see it. Each answer is kept once it is worked out.
final class Site: Sendable {
    let kit: Kit
    let registry: Registry
    private let places = Kept<Bool, [Place]>()
    private let titles = Kept<String, String>()
    private let subjects = Kept<String, Subject>()
    private let tables = Kept<String, Table>()
    private let parts = Kept<String, [Part]>()
    private let buttons = Kept<String, [Part]>()

    init(_ kit: Kit, _ registry: Registry) {
        self.kit = kit
        self.registry = registry
    }

    // MARK: Where one can go

    /// A resource of an account, and the way to it.
    struct Place: Sendable {
        let name: String
        let documentType: String
        let title: String
        /// Who may look at it.
        let access: Access
    }

    /// The lists of an account, by what they are called.
    var lists: [Place] {
        places.value(false) { ofTheAccount { $0.singleton == nil }.sorted { $0.title < $1.title } }
    }

    /// The documents of which an account has one each.
    var settings: [Place] { places.value(true) { ofTheAccount { $0.singleton != nil } } }

    private func ofTheAccount(_ isMeant: (ResourceDefinition) -> Bool) -> [Place] {
        kit.catalogue.all.compactMap { resource in
            let nouns = [Noun("accounts", ["0"]), Noun(resource.name)]
            guard isMeant(resource), resource.collectionPath == "/accounts/{account}/\(resource.name)",
                let access = registry.route(to: nouns)?.methods.first(where: { $0.method == .get })?.access
            else { return nil }
            let title = resource.singleton == nil ? title(resource) : Wording.one(resource)
            return Place(name: resource.name, documentType: resource.documentType, title: title, access: access)
        }
    }

    /// What a resource is called among others: of two with one name, each says its word in the path.
    func title(_ resource: ResourceDefinition) -> String {
        titles.value(resource.name) {
            let title = Wording.many(resource)
            let isShared = kit.catalogue.all.contains { $0.name != resource.name && Wording.many($0) == title }
            return isShared ? "\(title) (\(resource.name))" : title
        }
    }

    /// What a path is about, by its nouns; nil if nothing answers there.
    func subject(_ nouns: [Noun]) -> Subject? {
        guard let route = registry.plugged(to: nouns) else { return nil }
        return subjects.value(route.template.description) { Subject(route, kit) }
    }

    // MARK: What a list shows

    /// What the list of a resource can show, and be narrowed by.
    struct Table: Sendable {
        struct Column: Sendable {
            let name: String
            let title: String
            /// The kind of document that it names.
            let target: String?
        }

        struct Box: Sendable {
            enum Choices: Sendable {
                case typed
                case fixed([(String, String)])
                case documents(type: String)
            }

            /// As the query has it: `filter_owner_id`.
            let parameter: String
            let label: String
            let choices: Choices
        }

        /// Those of the declared row, but what makes the name.
        let columns: [Column]
        /// One for each field of the row that the documents themselves have.
        let boxes: [Box]
        /// The field that the order follows; nil if it follows none.
        let sortedBy: String?
    }

    func table(_ resource: ResourceDefinition) -> Table {
        tables.value(resource.name) {
            let shape = SchemaShape(resource.schema.name, in: kit.schemas)
            func title(_ name: String) -> String { shape?.member(name)?.title ?? Wording.title(ofName: name) }
            func target(_ name: String) -> String? {
                resource.reference(at: JSONPath(elements: [name]))?.target
            }
            let view = resource.views.first
            let row = view?.row.map(\.name) ?? []
            let shown = row + (view?.counted.map(\.name) ?? [])
            let simple: Set<String> = ["string", "integer", "number", "boolean"]
            return Table(
                columns: shown.filter { $0 != "name" && !Wording.nameParts.contains($0) }.map {
                    Table.Column(name: $0, title: title($0), target: target($0))
                },
                boxes: row.compactMap { name in
                    guard let field = shape?.member(name), !field.types.isEmpty, field.types.isSubset(of: simple)
                    else { return nil }
                    let choices: Table.Box.Choices
                    if field.types == ["boolean"] {
                        choices = .fixed([("true", "Yes"), ("false", "No")])
                    } else if let values = field.keywords["enum"]?.array?.compactMap(\.controlText) {
                        choices = .fixed(values.map { ($0, $0) })
                    } else {
                        choices = target(name).map { .documents(type: $0) } ?? .typed
                    }
                    return Table.Box(parameter: "filter_\(name)", label: title(name), choices: choices)
                },
                sortedBy: view?.sortedBy.first
            )
        }
    }

    // MARK: What is below a path

    /// What answers below a path.
    struct Part: Sendable {
        /// What its path has more; empty for the path itself.
        let word: String
        let title: String
        let route: Route
        /// The kinds of files that are there, if it is one.
        let mediaTypes: [String]?

        /// Whether it is one document of several that stand below one word: `configs/fax`.
        var isSetting: Bool { word.contains("/") }
    }

    /// What answers below a document and has a page: files, lists, further documents.
    func parts(_ subject: Subject) -> [Part] {
        parts.value(subject.route.template.description) {
            guard let resource = subject.resource else { return [] }
            let isAccount = resource.documentType == "account"
            let template = subject.route.template.description + "/"
            let linked = Set(resource.links.map(\.field) + resource.incomingLinks.map(\.reverseField))
            return registry.all.compactMap { route in
                let path = route.template.description
                guard path.hasPrefix(template), case let word = String(path.dropFirst(template.count)),
                    !word.contains("/") || route.isDocument, !word.contains("{"), !linked.contains(word),
                    !isAccount || !isOnHome(path), route.route.methods.contains(where: { $0.method == .get })
                else { return nil }
                if case .file(let mediaTypes, _) = route.content {
                    let title = Wording.title(ofName: word)
                    return Part(word: word, title: title, route: route.route, mediaTypes: mediaTypes)
                }
                let title =
                    kit.catalogue.all.first { $0.collectionPath == path }.map(Wording.many)
                    ?? (word.contains("/") ? route.schemaTitle(kit) : nil)
                return Part(
                    word: word,
                    title: title ?? Wording.title(ofName: word),
                    route: route.route,
                    mediaTypes: nil
                )
            }.sorted { $0.title < $1.title }
        }
    }

    /// Whether the home of an account leads there by itself.
    private func isOnHome(_ path: String) -> Bool {
        ["children", "descendants", "deleted", "search"].contains { path.hasSuffix("/\($0)") }
            || kit.catalogue.all.contains { $0.collectionPath == path }
    }

    /// The buttons of a path, and of what is directly below it and has no page of its own; titled by what they say.
    func buttons(_ route: PluginRoute) -> [Part] {
        let here = route.template.description
        return buttons.value(here) {
            registry.all.compactMap { route in
                guard let button = route.button, let word = route.template.description.word(below: here),
                    word.isEmpty || !route.route.methods.contains(where: { $0.method == .get })
                else { return nil }
                return Part(word: word, title: button, route: route.route, mediaTypes: nil)
            }
        }
    }
}

extension PluginRoute {
    fileprivate var isDocument: Bool {
        if case .document = content { true } else { false }
    }

    /// What the schema of a document is called.
    fileprivate func schemaTitle(_ kit: Kit) -> String? {
        guard case .document(let schema) = content else { return nil }
        return SchemaShape(schema, in: kit.schemas)?.title
    }
}

extension ResourceDefinition {
    /// The reference whose value stands at a path: `members[].id` of `members.0.id`.
    func reference(at path: JSONPath) -> ReferenceField? {
        guard let field = path.elements.first, references.contains(where: { $0.path.description.hasPrefix(field) })
        else { return nil }
        let template = path.elements.reduce(into: "") { template, element in
            if Int(element) != nil { return template += "[]" }
            template += template.isEmpty ? element : ".\(element)"
        }
        return references.first { $0.path.description == template }
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
