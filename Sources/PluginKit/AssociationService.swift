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
        try work.checkFree(document)
        return try work.link(document, linked + [right], new: [other])
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
        return try work.link(document, linked.filter { $0 != right }, gone: [other])
    }

    package func replace(
        _ left: DocumentID,
        _ rights: [DocumentID],
        in work: AssociationWork
    ) throws(APIError) -> Document {
        let document = try work.left(left)
        let linked = work.linked(to: document)
        let (before, after) = (Set(linked), Set(rights))
        try work.checkLength(rights.count)
        try work.checkUnique(rights, after)
        var gone: [Document] = []
        for right in linked where !after.contains(right) { gone.append(try work.right(right)) }
        var new: [Document] = []
        for (index, right) in rights.enumerated() where !before.contains(right) {
            new.append(try work.member(right, at: index))
        }
        return try work.link(document, rights, new: new, gone: gone)
    }
}
