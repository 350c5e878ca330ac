//  The rules of associations beyond their cardinality, and those that recur.

import DocumentStore
import Gateway
import JSON

/// Two documents that an association links, or is to link.
package struct LinkedPair {
    let link: Link
    package let left: Document
    package let right: Document
}

/// A rule of an association.
///
/// It is asked when a link is made, when either side is edited, and when either side is linked otherwise: no change may
/// break what held before it. So a rule may look two links far, at a user's line's extension.
package protocol LinkRule: Sendable {
    /// Returns why two documents cannot be linked, as a sentence, or nil.
    ///
    /// - Parameter pair: as it will be, with all of its links.
    func objection(toLinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String?

    /// Returns why two documents cannot be unlinked, as a sentence, or nil.
    func objection(toUnlinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String?

    /// The other associations that it looks at.
    var associations: [any AssociationPlugin.Type] { get }
}

extension LinkRule {
    package var associations: [any AssociationPlugin.Type] { [] }
    package func objection(toLinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? { nil }
    package func objection(toUnlinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? { nil }
}

/// What the two documents alone decide.
package struct LinkCondition: LinkRule {
    private let sentence: String
    private let holds: @Sendable (_ left: Document, _ right: Document) -> Bool

    /// - Parameter sentence: what is said where it does not hold.
    package init(_ sentence: String, holds: @escaping @Sendable (Document, Document) -> Bool) {
        self.sentence = sentence
        self.holds = holds
    }

    package func objection(toLinking pair: LinkedPair, _ reader: Reader) -> String? {
        holds(pair.left, pair.right) ? nil : sentence
    }
}

/// The right document has a link of its own by another association: a user of a group has a line.
package struct RightHasLink<Association: AssociationPlugin>: LinkRule {
    package init(_ association: Association.Type) {}

    package var associations: [any AssociationPlugin.Type] { [Association.self] }

    package func objection(toLinking pair: LinkedPair, _ reader: Reader) -> String? {
        let link = Link(Association.self)
        return link.ids(of: pair.right).isEmpty ? "The \(link.leftType) has no \(link.rightType)." : nil
    }
}

/// No two right documents of a left one share a link by another association: no two users of a group share a line.
package struct RightsShareNoLink<Association: AssociationPlugin>: LinkRule {
    package init(_ association: Association.Type) {}

    package var associations: [any AssociationPlugin.Type] { [Association.self] }

    package func objection(toLinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? {
        let link = Link(Association.self)
        let own = Set(link.ids(of: pair.right))
        for id in pair.link.ids(of: pair.left) where id != pair.right.id {
            guard let other = try reader.document(id, type: link.leftType) else { continue }
            if link.ids(of: other).contains(where: own.contains) {
                return "Another \(link.leftType) of the \(pair.link.leftType) has the same \(link.rightType)."
            }
        }
        return nil
    }
}

/// All left documents of a right one have the same main left document by another association: all lines that ring for an
/// extension have one main user.
package struct LeftsShareMain<Association: AssociationPlugin>: LinkRule {
    package init(_ association: Association.Type) {}

    package var associations: [any AssociationPlugin.Type] { [Association.self] }

    package func objection(toLinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? {
        guard let main = try reader.lefts(of: pair.left.id, Association.self).first else { return nil }
        for other in try pair.link.lefts(of: pair.right.id, reader) where other != pair.left.id {
            guard let owner = try reader.lefts(of: other, Association.self).first, owner != main else { continue }
            return "The \(pair.link.rightType) belongs to another main \(Link(Association.self).leftType)."
        }
        return nil
    }
}

/// The left document that was linked first is unlinked last: it is the main one.
package struct MainLeavesLast: LinkRule {
    package init() {}

    package func objection(toUnlinking pair: LinkedPair, _ reader: Reader) throws(APIError) -> String? {
        let lefts = try pair.link.lefts(of: pair.right.id, reader)
        guard lefts.count > 1, lefts.first == pair.left.id else { return nil }
        return "The main \(pair.link.leftType) leaves the \(pair.link.rightType) after all others."
    }
}

extension Link {
    /// Why two documents cannot be linked, in the words of all rules.
    func objections(toLinking left: Document, _ right: Document, _ reader: Reader) throws(APIError) -> [String] {
        let pair = LinkedPair(link: self, left: left, right: right)
        return try sentences { rule throws(APIError) in try rule.objection(toLinking: pair, reader) }
    }

    /// Why two documents cannot be unlinked, in the words of all rules.
    func objections(toUnlinking left: Document, _ right: Document, _ reader: Reader) throws(APIError) -> [String] {
        let pair = LinkedPair(link: self, left: left, right: right)
        return try sentences { rule throws(APIError) in try rule.objection(toUnlinking: pair, reader) }
    }

    private func sentences(_ ask: (any LinkRule) throws(APIError) -> String?) throws(APIError) -> [String] {
        var sentences: [String] = []
        for rule in rules {
            if let sentence = try ask(rule) { sentences.append(sentence) }
        }
        return sentences
    }
}

/// Two documents that an association with rules links, by their ids.
struct LinkedIDs {
    let link: Link
    let left: DocumentID
    let right: DocumentID

    /// Why they should not be linked as things stand in the unit of work; nothing if one of them is gone.
    func objections(_ reader: Reader) throws(APIError) -> [String] {
        guard let left = try reader.document(left, type: link.leftType),
            let right = try reader.document(right, type: link.rightType)
        else { return [] }
        return try link.objections(toLinking: left, right, reader)
    }
}

extension ResourceDefinition {
    /// Whether other links of its documents than those by one association have rules.
    func hasRules(besides other: Link) -> Bool {
        (links + incomingLinks).contains { $0.hasRules && !$0.isSame(as: other) }
    }

    /// The links of a document whose rules another link of it may break.
    func neighbours(of document: Document, except changed: Link, _ reader: Reader) throws(APIError) -> [LinkedIDs] {
        var pairs: [LinkedIDs] = []
        for link in links where link.hasRules && !link.isSame(as: changed) {
            pairs += link.ids(of: document).map { LinkedIDs(link: link, left: document.id, right: $0) }
        }
        for link in incomingLinks where link.hasRules && !link.isSame(as: changed) {
            for left in try link.lefts(of: document.id, reader) {
                pairs.append(LinkedIDs(link: link, left: left, right: document.id))
            }
        }
        return pairs
    }
}
