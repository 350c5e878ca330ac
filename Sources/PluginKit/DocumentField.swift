//  One field of a document that has a path of its own.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// A field of the documents of one resource. A change of it is an edit of its document: the same rules, the same
/// revision, the same event.
struct DocumentField: Sendable {
    let name: String
    /// The kind of document.
    let ownerType: String
    let kit: Kit

    func read(_ call: Call) throws(APIError) -> Reply {
        let service = try kit.service(type: ownerType, for: call)
        return try reply(service.read(service.documentID()))
    }

    /// Changes the field.
    ///
    /// - Parameter edit: given the field as it is, returns what it becomes; nil to remove it.
    /// - Returns: the field as it is stored, with the document's revision.
    func change(_ call: Call, _ edit: (JSON?) throws(APIError) -> JSON?) throws(APIError) -> Reply {
        let service = try kit.service(type: ownerType, for: call)
        let id = try service.documentID()
        return try reply(
            service.transact(id) { work throws(APIError) in
                let old = try work.find(id)
                var new = old
                new.fields[name] = try edit(old[name])
                return try work.save(Change(old: old, new: new))
            }
        )
    }

    /// The field, with what tells the whole document's state.
    private func reply(_ document: Published) -> Reply {
        var reply = Reply.document(document)
        reply.content = .value(((try? JSON(parsing: document.body))?[name] ?? [:]).bytes())
        return reply
    }
}

extension Kit {
    /// Returns a value with the defaults of a schema.
    ///
    /// - Throws: `.validation` with everything that is wrong with it.
    func checked(_ value: JSON, against name: String) throws(APIError) -> JSON {
        guard let schema = schemas[name] else { throw .internalFault("there is no schema \(name)") }
        let result = schema.validate(value)
        guard result.violations.isEmpty else { throw .validation(result.violations.json) }
        return result.value
    }

    /// What is wrong with a plugin that shows a field of other resources' documents.
    func problems(_ plugin: String, schema: String, owners: [any ResourcePlugin.Type], _ examples: [JSON]) -> [String] {
        var problems = owners.flatMap { catalogue.missing($0, for: plugin) }
        if owners.isEmpty { problems.append("\(plugin): it names no resource whose field it is") }
        if schemas[schema] == nil { problems.append("\(plugin): there is no \(schema).schema.json in its folder") }
        if examples.isEmpty { problems.append("\(plugin): it declares no examples") }
        return problems
    }
}
