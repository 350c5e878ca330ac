//  An association: a link between documents of two resources.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// How many documents of one side may be linked to one of the other: left to right.
package enum Cardinality: Sendable {
    case oneToOne, oneToMany, manyToOne, manyToMany

    package var leftHasOne: Bool { self == .oneToOne || self == .manyToOne }
    package var rightHasOne: Bool { self == .oneToOne || self == .oneToMany }
}

/// A plugin that links and unlinks two resources: `PUT` and `DELETE /accounts/{A}/LEFT/{L}/RIGHT/{R}`.
///
/// The links are an ordered field of the left document, so they share its revision, its history and its events. The kit
/// sees to what every association owes: both sides exist and are of one account, a second `PUT` changes nothing and
/// tells nobody, a taken side is refused, both documents show the link, and a delete follows the declared rules.
package protocol AssociationPlugin: Plugin {
    associatedtype Left: ResourcePlugin
    associatedtype Right: ResourcePlugin

    static var cardinality: Cardinality { get }

    /// What happens to the links when a right document is deleted.
    static var onDeletingRight: ReferenceField.DeleteRule { get }

    /// Whether a left document can be deleted while it has links.
    static var leftMayBeDeleted: Bool { get }

    /// Whether a right document shows its left ones in the order in which they were linked: the main one first.
    static var ordersLeft: Bool { get }

    /// What a link makes stale outside of the store; by default what a change of either side does.
    static var reloads: [String] { get }

    /// The rules of this association beyond cardinality.
    static var rules: [any LinkRule] { get }

    static var service: any AssociationService { get }
    static var access: Access { get }

    /// A left and a right document that can be linked, for the tests that every association passes.
    static var leftExample: JSON { get }
    static var rightExample: JSON { get }
}

extension AssociationPlugin {
    package static var name: String { "\(Left.name)_\(Right.name)" }
    package static var summary: String? { "Links between \(Left.name) and \(Right.name)." }
    package static var onDeletingRight: ReferenceField.DeleteRule { .clear }
    package static var leftMayBeDeleted: Bool { true }
    package static var ordersLeft: Bool { false }
    package static var reloads: [String] { Left.reloads + Right.reloads }
    package static var rules: [any LinkRule] { [] }
    package static var service: any AssociationService { StandardAssociationService() }
    package static var access: Access { .account(.admin) }
    package static var leftExample: JSON { Left.examples.first ?? [:] }
    package static var rightExample: JSON { Right.examples.first ?? [:] }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let link = Link(Self.self)
        let path = "\(Left.itemPath)/\(Right.name)"
        let resource = AssociationResource(link: link, kit: kit)
        let links = RouteContent.links(schema: Left.schemaName, field: link.field)
        return [
            PluginRoute("\(path)/{\(Right.documentType)}", resource.item(access), .link(schema: Left.schemaName)),
            PluginRoute(RouteTemplate(path), resource.list(access), links),
        ]
    }
}
