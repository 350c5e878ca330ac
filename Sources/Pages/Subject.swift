//  What the path of a page is about, by the declarations of the plugins.

import Gateway
import JSONSchema
import PluginKit

/// A route with what stands behind it.
struct Subject {
    enum Kind {
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

    /// Returns nil if nothing answers there.
    init?(_ nouns: [Noun], _ kit: Kit, _ registry: Registry) {
        guard let route = registry.plugged(to: nouns) else { return nil }
        self.route = route
        let path = route.template.description
        switch route.content {
        case .collection(let schema), .document(let schema), .index(_, let schema), .settings(let schema):
            shape = SchemaShape(schema, in: kit.schemas)
        case .anything, .rows, .elements, .link, .links, .file: shape = nil
        }
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
        case (.collection, _), (.value, .index): true
        default: false
        }
    }

    var resource: ResourceDefinition? {
        switch kind {
        case .collection(let resource), .item(let resource): resource
        case .value, .other: nil
        }
    }
}

extension Visit {
    /// What the path of the page is about.
    var subject: Subject? { Subject(request.nouns, kit, registry) }

    /// Whether a subject is a value of which there is one, and which the caller may set.
    func mayBegin(_ subject: Subject) -> Bool {
        guard case .value = subject.kind, request.nouns.last?.arguments.isEmpty == true else { return false }
        return subject.shape != nil && mayUseHere(.post)
    }
}
