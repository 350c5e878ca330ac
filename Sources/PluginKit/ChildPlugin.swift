//  A child collection: documents that belong to a document of another kind.

import DocumentStore
import Gateway
import JSON

/// A plugin that manages documents of one kind, each of which belongs to one parent document.
///
/// `PUT` and `GET /accounts/{A}/lists/{L}/entries`, and all verbs of one under `…/entries/{E}`. A child names its parent
/// in a field that the path sets and no body changes. The kit sees to what every child owes: the parent exists, a child
/// of another parent does not, the list is one index range of the parent's own, and the children go with their parent
/// in the same commit. Everything else is declared as for every other resource.
package protocol ChildPlugin: ResourcePlugin {
    associatedtype Parent: ResourcePlugin

    /// The word behind the parent's path: `entries`.
    static var word: String { get }

    /// The field that holds the parent's id: by default `list_id`, after the parent's kind.
    static var parentField: String { get }

    /// Whether a caller who may use the endpoint may use the children of this parent. By default all of them may.
    static func isOpen(_ parent: Document, to caller: Caller) -> Bool
}

extension ChildPlugin {
    package static var name: String { "\(Parent.name)_\(word)" }
    package static var documentType: String { "\(Parent.documentType)_\(word.singular)" }
    package static var parentField: String { "\(Parent.documentType)_id" }
    package static var collectionPath: String { "\(Parent.itemPath)/\(word)" }
    package static var parents: [Parentage] {
        [Parentage(type: Parent.documentType, field: parentField, isOpen: isOpen)]
    }

    package static func isOpen(_ parent: Document, to caller: Caller) -> Bool { true }
}

/// That documents of one kind belong to documents of another.
package struct Parentage: Sendable {
    /// The parent's kind, which is also the name of its id in the path.
    package let type: String
    /// The child's field that holds the parent's id.
    package let field: String
    /// Whether a caller may use the children of a parent.
    let isOpen: @Sendable (Document, Caller) -> Bool

    package init(
        type: String,
        field: String,
        isOpen: @escaping @Sendable (Document, Caller) -> Bool = { _, _ in true }
    ) {
        self.type = type
        self.field = field
        self.isOpen = isOpen
    }

    /// A child goes with its parent.
    var reference: ReferenceField { ReferenceField(FieldPath(field), to: type, onDelete: .cascade, mustExist: true) }

    func id(of child: Document) -> DocumentID? { child[field]?.string.map(DocumentID.init) }
}

/// The parent that a path names.
struct PathParent: Sendable {
    let parentage: Parentage
    let id: DocumentID

    func owns(_ child: Document) -> Bool { parentage.id(of: child) == id }
}

extension ResourceDefinition {
    /// The parent that the path of a call names; nil if it names none of a kind that these documents belong to.
    func parent(in call: Call) -> PathParent? {
        for parentage in parents {
            if let id = call.argument(parentage.type) { return PathParent(parentage: parentage, id: DocumentID(id)) }
        }
        return nil
    }
}

extension ListView {
    /// The view divided by parent: each has a list of its own.
    func divided(by parents: [Parentage]) -> ListView {
        guard !parents.isEmpty else { return self }
        return ListView(name, isSystemWide: isSystemWide, row: row, counted: counted, sortedBy: sortedBy) { document in
            guard let parent = parents.lazy.compactMap({ $0.id(of: document) }).first else { return [] }
            return places(document).map { Place(within: parent.text, key: $0.key, fields: $0.fields) }
        }
    }
}

extension String {
    /// An English plural without its ending: `entries` is `entry`, `boxes` is `box`, `users` is `user`.
    package var singular: String {
        if hasSuffix("ies") { return dropLast(3) + "y" }
        if hasSuffix("xes") { return String(dropLast(2)) }
        return hasSuffix("s") ? String(dropLast()) : self
    }
}
