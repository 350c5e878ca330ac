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
            for (index, member) in members.enumerated() {
                do throws(APIError) {
                    document = try add(member, at: index, to: document, link)
                } catch .validation(let violations) {
                    broken.merge(violations.object ?? [:])
                }
            }
        }
        guard broken.isEmpty else { throw .validation(.object(broken)) }
        return document
    }

    private func add(_ member: JSON, at index: Int, to left: Document, _ link: Link) throws(APIError) -> Document {
        let place = JSONPath(link.field).appending(index)
        let association = try AssociationWork(link, self)
        switch member {
        case .string(let id):
            let right = try association.member(DocumentID(id), at: index)
            return try link.service.associate(left.id, right.id, in: association)
        case .object(let fields):
            let right = try on(type: link.rightType, at: place).create(publicFields(fields))
            return try link.service.associate(left.id, right.id, in: association)
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
