//  What the path of a page is about, by the declarations of the plugins.

import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// A route with what stands behind it.
struct Subject: Sendable {
    enum Kind: Sendable {
        /// The documents of a resource.
        case collection(ResourceDefinition)
        /// One document of a resource.
        case item(ResourceDefinition)
        /// A value with a schema that is no document of its own.
        case value
        /// Anything else.
        case other
    }

    let kind: Kind
    let route: PluginRoute
    /// What goes in.
    let shape: SchemaShape?
    /// The names of its members, in order.
    let members: [String]

    init(_ route: PluginRoute, _ kit: Kit) {
        self.route = route
        let path = route.template.description
        switch route.content {
        case .collection(let schema), .document(let schema), .elements(_, let schema), .index(_, let schema),
            .settings(let schema):
            shape = SchemaShape(schema, in: kit.schemas)
        case .anything, .rows, .link, .links, .file: shape = nil
        }
        members = shape?.keywords["properties"]?.object?.keys ?? []
        // An account is its own item, and the collection of those below it.
        if path == "/accounts/{account}", let accounts = kit.catalogue[type: "account"] {
            kind = .item(accounts)
        } else if path == "/accounts/{account}/children", let accounts = kit.catalogue[type: "account"] {
            kind = .collection(accounts)
        } else if case .document(let schema) = route.content,
            let single = kit.catalogue.all.first(where: { $0.singleton != nil && $0.schema.name == schema })
        {
            kind = .item(single)
        } else if let resource = kit.catalogue.all.first(where: { $0.collectionPath == path }) {
            kind = .collection(resource)
        } else if let resource = kit.catalogue.all.first(where: { $0.itemPath == path }) {
            kind = .item(resource)
        } else {
            kind = shape == nil ? .other : .value
        }
    }

    /// Whether documents are made there.
    var takesNew: Bool {
        switch (kind, route.content) {
        case (.collection, _), (.value, .index), (.value, .elements): true
        default: false
        }
    }

    /// The resource whose documents are listed here.
    var listed: ResourceDefinition? {
        if case .collection(let resource) = kind { resource } else { nil }
    }

    /// What it is called among what is beside it: "Voicemail boxes"; nil if no declaration says.
    var title: String? {
        switch kind {
        case .collection(let resource): Wording.many(resource)
        case .item(let resource) where resource.singleton != nil: Wording.one(resource)
        case .item, .value, .other: nil
        }
    }

    /// Whether what is here has a schema and is no document of its own.
    var isValue: Bool {
        if case .value = kind { true } else { false }
    }

    var resource: ResourceDefinition? {
        switch kind {
        case .collection(let resource), .item(let resource): resource
        case .value, .other: nil
        }
    }

    /// Where what goes in stands in the data of a request: the first of the elements that an array gets, or the whole.
    var path: JSONPath {
        if case .elements(let field, _) = route.content { JSONPath(field).appending(0) } else { "" }
    }

    /// What one of what is here is called: "Voicemail box".
    var one: String {
        resource.map(Wording.one) ?? shape?.title
            ?? Wording.title(ofName: route.template.description.split(separator: "/").last.map(String.init) ?? "")
    }
}

extension Visit {
    /// What the path of the page is about.
    var subject: Subject? { site.subject(request.nouns) }

    /// Whether nothing need be there for the caller to set it: there is one only, or its address is its name.
    func mayBegin(_ subject: Subject) -> Bool {
        switch subject.kind {
        case .item(let resource) where resource.singleton != nil: return mayUseHere(.put)
        case .item: return isNamedByAddress(request.nouns.dropLast() + request.nouns.suffix(1).map(\.withoutArguments))
        case .value where request.nouns.last?.arguments.isEmpty == true:
            return !subject.takesNew && subject.shape != nil && mayUseHere(.post)
        case .collection, .value, .other: return false
        }
    }

    /// Whether the documents of a list are made at the addresses that they have then.
    func isNamedByAddress(_ list: [Noun]) -> Bool {
        guard list.count > 1, let last = list.last, let route = registry.route(to: list),
            !route.methods.contains(where: { $0.method == .put })
        else { return false }
        return mayUse(.put, list.dropLast() + [Noun(last.module, ["0"])])
    }
}

extension Noun {
    fileprivate var withoutArguments: Noun { Noun(module) }
}
