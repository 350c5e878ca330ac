//  An association at work in a unit of work.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// Both resources of an association at work in one unit of work.
package struct AssociationWork {
    /// How many links one request can make.
    private static let limit = 500

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
            throw invalid("not_found", message, ["cause": .string(id.text)], at: index)
        }
    }

    /// The ids that a left document is linked to, in order.
    package func linked(to left: Document) -> [DocumentID] { link.ids(of: left) }

    /// - Throws: `.validation` if the left document may have one link, and has it.
    package func checkFree(_ left: Document) throws(APIError) {
        guard link.cardinality.leftHasOne, let taken = link.ids(of: left).first else { return }
        let message = "The \(link.leftType) is linked to another \(link.rightType)"
        throw invalid("taken", message, ["cause": .string(taken.text)])
    }

    /// - Throws: `.validation` if there are more than one request can make.
    package func checkLength(_ count: Int) throws(APIError) {
        guard count > Self.limit else { return }
        let target = JSON.number(JSONNumber(Self.limit))
        throw invalid("maxItems", "The list is more than \(Self.limit) items", ["target": target])
    }

    /// - Throws: `.validation` if an id comes twice.
    package func checkUnique(_ ids: [DocumentID], _ distinct: Set<DocumentID>) throws(APIError) {
        guard distinct.count == ids.count else { throw invalid("uniqueItems", "List of items is not unique") }
    }

    /// Gives a left document other links, and tells what changed about them.
    ///
    /// - Parameters:
    ///   - ids: all right documents that it is linked to from now on, each once.
    ///   - new: those of them that it was not linked to.
    ///   - gone: those that it is linked to no longer.
    /// - Throws: `.validation` if there are more than the cardinality allows, a right document is taken, or a rule
    ///   objects.
    package func link(
        _ left: Document,
        _ ids: [DocumentID],
        new: [Document] = [],
        gone: [Document] = []
    ) throws(APIError) -> Document {
        if link.cardinality.leftHasOne, ids.count > 1 {
            throw invalid("maxItems", "The list is more than 1 items", ["target": 1])
        }
        // The rules look at documents that this does not write: what they find must still be so when the link is made.
        let reader = Reader(leftWork.unit, isBinding: true)
        let linked = try link.document(left, linkedTo: ids, leftWork.reader)
        for right in gone { try refuse(link.objections(toUnlinking: left, right, reader), right.id) }
        for right in new { try refuse(link.objections(toLinking: linked, right, reader), right.id) }
        var change = Change(old: left, new: linked)
        guard change.isReal else { return left }
        try leftWork.check(&change)
        let neighbours = try unbrokenNeighbours(of: left, new + gone, reader)
        if link.hasRules || rightWork.resource.hasRules(besides: link) {
            for right in new + gone { try rightWork.keep(right) }
        }
        let notices = gone.map { link.unlinking($0.id) } + new.map { link.linking($0.id) }
        let written = try leftWork.write(change, notices.isEmpty ? [link.reordered] : notices)
        for pair in neighbours { try refuse(pair.objections(reader), pair.right) }
        return written
    }

    /// The links by other associations, of both sides, whose rules hold now.
    private func unbrokenNeighbours(
        of left: Document,
        _ rights: [Document],
        _ reader: Reader
    ) throws(APIError) -> [LinkedIDs] {
        var pairs = try leftWork.resource.neighbours(of: left, except: link, reader)
        for right in rights { pairs += try rightWork.resource.neighbours(of: right, except: link, reader) }
        var unbroken: [LinkedIDs] = []
        for pair in pairs where try pair.objections(reader).isEmpty { unbroken.append(pair) }
        return unbroken
    }

    private func refuse(_ objections: [String], _ cause: DocumentID) throws(APIError) {
        guard !objections.isEmpty else { return }
        throw invalid("association", objections.joined(separator: " "), ["cause": .string(cause.text)])
    }

    /// A violation of the links, or of one of them.
    private func invalid(
        _ rule: String,
        _ message: String,
        _ details: KeyValuePairs<String, JSON> = [:],
        at index: Int? = nil
    ) -> APIError {
        let path = index.map { JSONPath(link.field).appending($0) } ?? JSONPath(link.field)
        return .invalid(leftWork.path(path.description), rule: rule, message, details)
    }
}
