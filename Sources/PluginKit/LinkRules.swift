//  What the links of a document say to its edits and its deletion.

import DocumentStore
import Gateway
import JSON
import JSONSchema

extension DeclaredRules {
    /// Adds what is wrong with a change in the eyes of the document's associations.
    func checkLinks(of change: Change, _ violations: inout Violations) throws(APIError) {
        guard let old = change.old else { return }
        guard let new = change.new else { return checkRemains(of: old, &violations) }
        guard change.isReal else { return }
        let reader = Reader(unit, isBinding: true)
        for link in resource.links where link.hasRules {
            for id in link.ids(of: new) {
                guard let right = try reader.document(id, type: link.rightType) else { continue }
                let broken = try objections(old, new) { left throws(APIError) in
                    try link.objections(toLinking: left, right, reader)
                }
                add(broken, link.field, cause: id, &violations)
            }
        }
        for link in resource.incomingLinks where link.hasRules {
            for id in try link.lefts(of: new.id, reader) {
                guard let left = try reader.document(id, type: link.leftType) else { continue }
                let broken = try objections(old, new) { right throws(APIError) in
                    try link.objections(toLinking: left, right, reader)
                }
                add(broken, link.reverseField, cause: id, &violations)
            }
        }
    }

    /// What an edit breaks; what was broken before, by a change elsewhere, is not its fault.
    private func objections(
        _ old: Document,
        _ new: Document,
        _ objections: (Document) throws(APIError) -> [String]
    ) throws(APIError) -> [String] {
        let broken = try objections(new)
        if broken.isEmpty { return [] }
        return try objections(old).isEmpty ? broken : []
    }

    /// A document that must not be deleted while it has links.
    private func checkRemains(of old: Document, _ violations: inout Violations) {
        for link in resource.links where !link.leftMayBeDeleted {
            guard let right = link.ids(of: old).first else { continue }
            add(["The \(link.leftType) is linked to a \(link.rightType)."], link.field, cause: right, &violations)
        }
    }

    private func add(_ objections: [String], _ field: String, cause: DocumentID, _ violations: inout Violations) {
        guard !objections.isEmpty else { return }
        violations.add(
            path: JSONPath(field),
            rule: "association",
            message: objections.joined(separator: " "),
            cause: .string(cause.text)
        )
    }
}
