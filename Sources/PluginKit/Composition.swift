//  One request that creates a document with those that it is linked to.

import DocumentStore
import Gateway
import JSON
import JSONSchema

extension Work {
    /// Makes and links what a new document names in its link fields: an id links what exists, an object is created first.
    ///
    /// - Throws: `.validation` with what is wrong with all of them.
    func link(_ document: Document, asIn fields: JSONObject) throws(APIError) -> Document {
        var document = document
        var broken = JSONObject()
        for link in resource.links {
            guard let value = fields[link.field] else { continue }
            guard let members = value.array else {
                let target: JSON = "array"
                throw .invalid(path(link.field), rule: "type", "Value did not match type(s): array", ["target": target])
            }
            let association = try AssociationWork(link, self)
            try association.checkLength(members.count)
            var rights: [DocumentID] = []
            for (index, member) in members.enumerated() {
                do throws(APIError) {
                    rights.append(try right(member, at: index, link, association))
                } catch .validation(let violations) {
                    broken.merge(violations.object ?? [:])
                }
            }
            guard rights.count == members.count else { continue }
            do throws(APIError) {
                document = try link.service.replace(document.id, rights, in: association)
            } catch .validation(let violations) {
                broken.merge(violations.object ?? [:])
            }
        }
        guard broken.isEmpty else { throw .validation(.object(broken)) }
        return document
    }

    /// The right document that a member names, or that is made of it.
    private func right(
        _ member: JSON,
        at index: Int,
        _ link: Link,
        _ association: AssociationWork
    ) throws(APIError) -> DocumentID {
        let place = JSONPath(link.field).appending(index)
        switch member {
        case .string(let id): return try association.member(DocumentID(id), at: index).id
        case .object(let fields): return try on(type: link.rightType, at: place).create(publicFields(fields)).id
        case .null, .bool, .number, .array:
            let target: JSON = ["string", "object"]
            let message = "Value did not match type(s): string, object"
            throw .invalid(path(place.description), rule: "type", message, ["target": target])
        }
    }
}

extension JSONObject {
    /// Adds violations; of two of one rule at one path the first stays.
    fileprivate mutating func merge(_ violations: JSONObject) {
        for (path, rules) in violations {
            var all = self[path]?.object ?? [:]
            for (rule, details) in rules.object ?? [:] where all[rule] == nil { all[rule] = details }
            self[path] = .object(all)
        }
    }
}
