//  An association's declaration as a value, and the links of a document as it sees them.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// An association's declaration as a value.
package struct Link: Sendable {
    package let leftType: String
    package let rightType: String
    /// The field of the left document that holds the ids of the right ones: `lines`.
    package let field: String
    /// The field in which the right document shows the ids of the left ones: `users`.
    package let reverseField: String
    package let cardinality: Cardinality
    let onDeletingRight: ReferenceField.DeleteRule
    let leftMayBeDeleted: Bool
    let ordersLeft: Bool
    let reloads: [String]
    let rules: [any LinkRule]
    let service: any AssociationService

    init<Association: AssociationPlugin>(_ plugin: Association.Type) {
        leftType = Association.Left.documentType
        rightType = Association.Right.documentType
        field = Association.Right.name
        reverseField = Association.Left.name
        cardinality = plugin.cardinality
        onDeletingRight = plugin.onDeletingRight
        leftMayBeDeleted = plugin.leftMayBeDeleted
        ordersLeft = plugin.ordersLeft
        reloads = plugin.reloads
        rules = plugin.rules
        service = plugin.service
    }

    /// Whether anything but cardinality counts.
    var hasRules: Bool { !rules.isEmpty }

    func isSame(as other: Link) -> Bool { leftType == other.leftType && rightType == other.rightType }

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
        ComputedField(reverseField, dependsOnOthers: true) { right, reader throws(APIError) in
            let ids = try lefts(of: right.id, reader)
            return ids.isEmpty ? nil : .array(ids.map { .string($0.text) })
        }
    }

    /// The ids of the left documents that are linked to a right one, at most 1,000.
    func lefts(of right: DocumentID, _ reader: Reader) throws(APIError) -> [DocumentID] {
        let ids = try reader.referrers(of: right, type: leftType, field: path)
        guard ordersLeft, ids.count > 1 else { return ids }
        var ranked: [(rank: Int, id: DocumentID)] = []
        for id in ids { ranked.append((try rank(of: right, in: reader.document(id, type: leftType)), id)) }
        // Two that were linked at the same moment have the same rank, and everybody sees them in the same order.
        return ranked.sorted { ($0.rank, $0.id.text) < ($1.rank, $1.id.text) }.map(\.id)
    }

    /// The linked ids of a left document, in order.
    func ids(of left: Document) -> [DocumentID] {
        (left[field]?.array ?? []).compactMap { $0.string.map(DocumentID.init) }
    }

    /// The left document with other links.
    func document(_ left: Document, linkedTo ids: [DocumentID], _ reader: Reader) throws(APIError) -> Document {
        var new = left
        new.fields[field] = ids.isEmpty ? nil : .array(ids.map { .string($0.text) })
        guard ordersLeft else { return new }
        let (before, after) = (Set(self.ids(of: left)), Set(ids))
        for id in before where !after.contains(id) { new.ranks[rankKey(id)] = nil }
        for id in ids where !before.contains(id) {
            var last = 0
            for other in try reader.referrers(of: id, type: leftType, field: path) {
                last = max(last, try rank(of: id, in: reader.document(other, type: leftType)))
            }
            new.ranks[rankKey(id)] = .number(JSONNumber(last + 1))
        }
        return new
    }

    private func rank(of right: DocumentID, in left: Document?) -> Int { left?.ranks[rankKey(right)]?.int ?? 0 }

    private func rankKey(_ right: DocumentID) -> String { "\(field).\(right)" }

    var associated: String { "\(leftType)_\(rightType)_associated" }
    var dissociated: String { "\(leftType)_\(rightType)_dissociated" }

    /// What is told when a link to a right document is made.
    func linking(_ right: DocumentID) -> Notice { Notice(associated, related: [right], reloads: reloads) }

    func unlinking(_ right: DocumentID) -> Notice { Notice(dissociated, related: [right], reloads: reloads) }

    /// What is told when the links have another order.
    var reordered: Notice { Notice("\(leftType)_edited", reloads: reloads) }
}

extension ResourceDefinition {
    /// What is told of the links of a document that goes: those who follow the other side learn that it was left.
    func unlinkings(of left: Document) -> [Notice] {
        links.flatMap { link in link.ids(of: left).map { link.unlinking($0) } }
    }
}
