//  The order of things when two documents are linked or unlinked.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// Business logic of an association. Every step is a default of this protocol.
package protocol AssociationService: Sendable {
    /// Links two documents; a link that is there already is left alone and nobody is told.
    ///
    /// - Throws: `.badIdentifier` that names the left document first; `.validation` if a side is taken or a rule objects.
    func associate(_ left: DocumentID, _ right: DocumentID, in work: AssociationWork) throws(APIError) -> Document

    /// Unlinks two documents; where there is no link nothing happens.
    func dissociate(_ left: DocumentID, _ right: DocumentID, in work: AssociationWork) throws(APIError) -> Document

    /// Replaces all links of a left document; the order is kept.
    func replace(_ left: DocumentID, _ rights: [DocumentID], in work: AssociationWork) throws(APIError) -> Document
}

/// An association with nothing special about it.
package struct StandardAssociationService: AssociationService {
    package init() {}
}

extension AssociationService {
    package func associate(
        _ left: DocumentID,
        _ right: DocumentID,
        in work: AssociationWork
    ) throws(APIError) -> Document {
        let document = try work.left(left)
        let other = try work.right(right)
        let linked = work.linked(to: document)
        if linked.contains(right) { return document }
        try work.checkLinking(document, other)
        return try work.write(document, linked + [right])
    }

    package func dissociate(
        _ left: DocumentID,
        _ right: DocumentID,
        in work: AssociationWork
    ) throws(APIError) -> Document {
        let document = try work.left(left)
        let other = try work.right(right)
        let linked = work.linked(to: document)
        guard linked.contains(right) else { return document }
        try work.checkUnlinking(document, other)
        return try work.write(document, linked.filter { $0 != right })
    }

    package func replace(
        _ left: DocumentID,
        _ rights: [DocumentID],
        in work: AssociationWork
    ) throws(APIError) -> Document {
        let document = try work.left(left)
        let linked = work.linked(to: document)
        for right in linked where !rights.contains(right) {
            try work.checkUnlinking(document, work.right(right))
        }
        for (index, right) in rights.enumerated() where !linked.contains(right) {
            try work.checkLinking(work.unlinked(document), work.member(right, at: index))
        }
        return try work.write(document, rights)
    }
}

/// Both resources of an association at work in one unit of work.
package struct AssociationWork {
    private let link: Link
    private let leftWork: Work
    private let rightWork: Work

    init(_ link: Link, _ leftWork: Work) throws(APIError) {
        self.link = link
        self.leftWork = leftWork
        rightWork = try leftWork.on(type: link.rightType)
    }

    package func left(_ id: DocumentID) throws(APIError) -> Document { try leftWork.find(id) }
    package func right(_ id: DocumentID) throws(APIError) -> Document { try rightWork.find(id) }

    /// A right document that the body names: it is the body that is wrong if there is none.
    package func member(_ id: DocumentID, at index: Int) throws(APIError) -> Document {
        do {
            return try rightWork.find(id)
        } catch .badIdentifier {
            let message = "There is no \(link.rightType) with this id"
            throw .invalid("\(link.field).\(index)", rule: "not_found", message, ["cause": .string(id.text)])
        }
    }

    /// The ids that a left document is linked to, in order.
    package func linked(to left: Document) -> [DocumentID] { link.ids(of: left) }

    /// The left document without its links, for a rule that looks at what will replace them.
    package func unlinked(_ left: Document) -> Document { link.document(left, linkedTo: []) }

    /// - Throws: `.validation` if the left document has its one link, or a rule objects.
    package func checkLinking(_ left: Document, _ right: Document) throws(APIError) {
        if link.cardinality.leftHasOne, let taken = link.ids(of: left).first {
            throw .invalid(
                link.field,
                rule: "taken",
                "The \(link.leftType) is linked to another \(link.rightType)",
                ["cause": .string(taken.text)]
            )
        }
        try refuse(link.rules.objections(toLinking: left, right, leftWork.reader), right)
    }

    package func checkUnlinking(_ left: Document, _ right: Document) throws(APIError) {
        try refuse(link.rules.objections(toUnlinking: left, right, leftWork.reader), right)
    }

    private func refuse(_ objections: [String], _ right: Document) throws(APIError) {
        guard !objections.isEmpty else { return }
        let message = objections.joined(separator: " ")
        throw .invalid(link.field, rule: "association", message, ["cause": .string(right.id.text)])
    }

    /// Writes the links of a left document and tells what changed about them.
    ///
    /// - Throws: `.validation` if an id comes twice, or there are more than the cardinality allows.
    package func write(_ left: Document, _ ids: [DocumentID]) throws(APIError) -> Document {
        if link.cardinality.leftHasOne, ids.count > 1 {
            throw .invalid(link.field, rule: "maxItems", "The list is more than 1 items", ["target": 1])
        }
        guard Set(ids).count == ids.count else {
            throw .invalid(link.field, rule: "uniqueItems", "List of items is not unique")
        }
        var change = Change(old: left, new: link.document(left, linkedTo: ids))
        guard change.isReal else { return left }
        try leftWork.check(&change)
        let before = link.ids(of: left)
        let gone = before.filter { !ids.contains($0) }.map { Notice(link.dissociated, related: [$0]) }
        let new = ids.filter { !before.contains($0) }.map { Notice(link.associated, related: [$0]) }
        // Another order is an edit.
        let edited = gone.isEmpty && new.isEmpty ? [Notice("\(link.leftType)_edited")] : []
        return try leftWork.write(change, gone + new + edited)
    }
}

extension Work {
    /// Makes and links what a new document names in its link fields: an id links what exists, an object is created first.
    func link(_ document: Document, asIn fields: JSONObject) throws(APIError) -> Document {
        var document = document
        for link in resource.links {
            guard let members = fields[link.field]?.array else { continue }
            let association = try AssociationWork(link, self)
            for (index, member) in members.enumerated() {
                let right: DocumentID
                switch member {
                case .string(let id): right = try association.member(DocumentID(id), at: index).id
                case .object(let fields):
                    let place = JSONPath(link.field).appending(index)
                    right = try on(type: link.rightType, at: place).create(fields).id
                default: throw .invalid("\(link.field).\(index)", rule: "type", "Value did not match type(s): string, object")
                }
                document = try link.service.associate(document.id, right, in: association)
            }
        }
        return document
    }
}
