//  An association: a link between documents of two resources.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// How many documents of one side may be linked to one of the other: left to right.
package enum Cardinality: Sendable {
    case oneToOne, oneToMany, manyToOne, manyToMany

    var leftHasOne: Bool { self == .oneToOne || self == .manyToOne }
    var rightHasOne: Bool { self == .oneToOne || self == .oneToMany }
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

    /// The rules of this association beyond cardinality.
    static var rules: any AssociationRules { get }

    static var service: any AssociationService { get }
    static var access: Access { get }
}

/// The rules of one association.
package protocol AssociationRules: Sendable {
    /// Returns why two documents cannot be linked, as sentences.
    func objections(toLinking left: Document, _ right: Document, _ reader: Reader) throws(APIError) -> [String]

    /// Returns why two documents cannot be unlinked, as sentences.
    func objections(toUnlinking left: Document, _ right: Document, _ reader: Reader) throws(APIError) -> [String]
}

extension AssociationRules {
    package func objections(toLinking left: Document, _ right: Document, _ reader: Reader) -> [String] { [] }
    package func objections(toUnlinking left: Document, _ right: Document, _ reader: Reader) -> [String] { [] }
}

/// An association whose cardinality says everything.
package struct CardinalityAlone: AssociationRules {
    package init() {}
}

extension AssociationPlugin {
    package static var name: String { "\(Left.name)_\(Right.name)" }
    package static var onDeletingRight: ReferenceField.DeleteRule { .clear }
    package static var leftMayBeDeleted: Bool { true }
    package static var rules: any AssociationRules { CardinalityAlone() }
    package static var service: any AssociationService { StandardAssociationService() }
    package static var access: Access { .account(.admin) }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let link = Link(Self.self)
        let path = "/accounts/{account}/\(Left.name)/{left}/\(Right.name)"
        return [
            PluginRoute("\(path)/{right}", AssociationResource(link: link, kit: kit).item(access)),
            PluginRoute(RouteTemplate(path), AssociationResource(link: link, kit: kit).list(access)),
        ]
    }
}

/// An association's declaration as a value.
struct Link: Sendable {
    let leftType: String
    let rightType: String
    /// The field of the left document that holds the ids of the right ones: `lines`.
    let field: String
    /// The field in which the right document shows the ids of the left ones: `users`.
    let reverseField: String
    let cardinality: Cardinality
    let onDeletingRight: ReferenceField.DeleteRule
    let leftMayBeDeleted: Bool
    let rules: any AssociationRules
    let service: any AssociationService

    init<Association: AssociationPlugin>(_ plugin: Association.Type) {
        leftType = Association.Left.documentType
        rightType = Association.Right.documentType
        field = Association.Right.name
        reverseField = Association.Left.name
        cardinality = plugin.cardinality
        onDeletingRight = plugin.onDeletingRight
        leftMayBeDeleted = plugin.leftMayBeDeleted
        rules = plugin.rules
        service = plugin.service
    }

    private var path: FieldPath { FieldPath("\(field)[]") }

    var reference: ReferenceField {
        ReferenceField(path, to: rightType, onDelete: onDeletingRight, mustExist: true)
    }

    /// A right document that may have one link only is a value that no two left documents share: a race ends in the
    /// store.
    var uniqueField: UniqueField? {
        guard cardinality.rightHasOne else { return nil }
        return UniqueField(path, message: "The \(rightType) is linked to another \(leftType)")
    }

    /// How the right document shows its links.
    var reverse: ComputedField {
        ComputedField(reverseField) { right, reader throws(APIError) in
            let ids = try reader.referrers(of: right.id, type: leftType, field: path)
            return ids.isEmpty ? nil : .array(ids.map { .string($0.text) })
        }
    }

    /// The linked ids of a left document, in order.
    func ids(of left: Document) -> [DocumentID] {
        (left[field]?.array ?? []).compactMap { $0.string.map(DocumentID.init) }
    }

    /// The left document with other links.
    func document(_ left: Document, linkedTo ids: [DocumentID]) -> Document {
        var new = left
        new.fields[field] = ids.isEmpty ? nil : .array(ids.map { .string($0.text) })
        return new
    }

    var associated: String { "\(leftType)_\(rightType)_associated" }
    var dissociated: String { "\(leftType)_\(rightType)_dissociated" }
}
