//  One resource's parts at work in a unit of work.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// What a service works with: the documents of its resource, and those of others in the same unit of work.
///
/// Everything that is written through it passes the resource's rules, becomes part of one commit, and is told of.
package struct Work {
    let resource: ResourceDefinition
    let unit: UnitOfWork
    let kit: Kit
    /// Where the document stands in what the client sent, for the paths of violations; empty for the request's own.
    private let place: String
    /// The parent in the path of the request, if these documents belong to one.
    private let pathParent: PathParent?
    /// What the first new document of the resource is to have for its file.
    private var broughtFile: Attachment?

    init(
        _ resource: ResourceDefinition,
        in unit: UnitOfWork,
        _ kit: Kit,
        at place: String = "",
        below parent: PathParent? = nil
    ) {
        self.resource = resource
        self.unit = unit
        self.kit = kit
        self.place = place
        pathParent = parent
    }

    /// Returns the same at work with a file for what it creates.
    func bringing(_ file: Attachment?) -> Work {
        var work = self
        work.broughtFile = file
        return work
    }

    /// The scope of the documents.
    package var scope: Scope { unit.scope }

    /// When the request arrived, in Unix seconds.
    package var time: Int64 { unit.time }

    /// Who asks, or nil if the server itself does.
    package var caller: Caller? { unit.caller }

    /// The id of the parent in the path, if the documents belong to one.
    package var parent: DocumentID? { pathParent?.id }

    package var reader: Reader { Reader(unit) }

    /// Returns another resource at work in the same unit.
    ///
    /// - Parameter place: where in the client's data that resource's fields stand: `lines.0`.
    package func on<Other: ResourcePlugin>(_ other: Other.Type, at place: JSONPath = "") throws(APIError) -> Work {
        try on(type: other.documentType, at: place)
    }

    /// Whether the plugin of another resource is on.
    package func has<Other: ResourcePlugin>(_ other: Other.Type) -> Bool {
        kit.catalogue[type: other.documentType] != nil
    }

    func on(type: String, at place: JSONPath = "") throws(APIError) -> Work {
        guard let other = kit.catalogue[type: type] else { throw .internalFault("no plugin for \(type)") }
        return Work(other, in: unit, kit, at: path(place.description))
    }

    /// Where a field of this resource stands in what the client sent.
    func path(_ field: String) -> String { [place, field].filter { !$0.isEmpty }.joined(separator: ".") }

    /// Returns a result that is dear and stays the same when the unit of work is tried again.
    package func once<Value>(_ key: String, _ make: () throws(APIError) -> Value) throws(APIError) -> Value {
        try unit.memo.once(key, make)
    }

    /// Returns a new document of the resource; nothing is written yet.
    package func document(_ fields: JSONObject) -> Document {
        let id = resource.singleton == nil ? nil : resource.singletonID(below: pathParent)
        return Document(id: id, scope: unit.scope, type: resource.documentType, fields: fields)
    }

    func isStored(_ id: DocumentID) throws(APIError) -> Bool { try unit.stored(id) != nil }

    /// Whether a change begins a singleton that is not stored yet.
    ///
    /// - Throws: `.preconditionFailed` if it does, and the client named a revision.
    func mustBegin(_ id: DocumentID) throws(APIError) -> Bool {
        guard resource.singleton != nil, try !isStored(id) else { return false }
        try unit.subject?.conditions.check(current: nil)
        return true
    }

    /// Returns a new document with an id that its service chooses; one that was deleted under this id is made again.
    package func document(id: DocumentID, _ fields: JSONObject) -> Document {
        Document(id: id, scope: unit.scope, type: resource.documentType, fields: fields)
    }

    /// Returns the document of a new account, which is a scope of its own.
    package func accountDocument(id: DocumentID, _ fields: JSONObject) -> Document {
        unit.open(.account(id))
        return Document(id: id, scope: .account(id), type: resource.documentType, fields: fields)
    }

    /// Makes the commit begin again if a document that this change rests on is changed or deleted meanwhile.
    package func keep(_ document: Document) throws(APIError) {
        guard let revision = document.revision else { return }
        unit.require(.unchanged(document.address, revision))
    }

    /// Returns the document of an account, which is a scope of its own, for a change of several accounts at once.
    ///
    /// - Throws: `.badIdentifier`.
    package func account(_ id: DocumentID) throws(APIError) -> Document {
        unit.open(.account(id))
        guard let stored = try unit.stored(id, in: .account(id)), stored.type == resource.documentType else {
            throw .badIdentifier(id.text)
        }
        return try Document(stored)
    }

    /// Makes the commit begin again if the number of a view's rows is another than the one that this change rests on.
    package func keepCount(of view: ListView, within: String? = nil, at count: Int) {
        let scope = view.isSystemWide ? Scope.system : unit.scope
        unit.require(.count(of: view.storeName(resource.name, within: within), in: scope, is: count))
    }

    /// Makes the commit begin again if a view of the resource gets a row meanwhile.
    package func keepEmpty(_ view: ListView, within: String? = nil) {
        let scope = view.isSystemWide ? Scope.system : unit.scope
        unit.require(.empty(view: view.storeName(resource.name, within: within), in: scope))
    }

    // MARK: The resource's own steps, whatever its service makes of them

    package func create(_ fields: JSONObject) throws(APIError) -> Document {
        try resource.service.create(fields, in: self)
    }

    package func replace(_ id: DocumentID, with fields: JSONObject) throws(APIError) -> Document {
        try resource.service.replace(id, with: fields, in: self)
    }

    package func merge(_ patch: JSONObject, into id: DocumentID) throws(APIError) -> Document {
        try resource.service.merge(patch, into: id, in: self)
    }

    package func delete(_ id: DocumentID) throws(APIError) -> Document {
        try resource.service.delete(id, in: self)
    }

    // MARK: What the steps are made of

    /// Returns a document.
    ///
    /// - Throws: `.badIdentifier`; `.preconditionFailed` if it is the one that the request names, and the client named
    ///   another revision of it.
    package func find(_ id: DocumentID) throws(APIError) -> Document {
        let stored = try resource.dao.find(id, in: Records(resource, unit))
        let document = try Document(stored)
        if let pathParent, !pathParent.owns(document) { throw .badIdentifier(id.text) }
        if let subject = unit.subject, subject.id == id, stored.scope == unit.scope {
            try subject.conditions.check(current: stored.revision.description)
        }
        return document
    }

    /// Normalises, prepares, validates, completes, writes and tells. A change that changes nothing does neither of the
    /// last two.
    ///
    /// - Returns: the document as it will be stored; as it was, if it is deleted.
    /// - Throws: `.validation` with everything that is wrong with it.
    package func save(_ change: Change) throws(APIError) -> Document {
        var change = change
        keepServerFields(&change)
        attachBroughtFile(&change)
        try resource.service.prepare(&change, in: self)
        try check(&change, asksLinks: true)
        try resource.service.complete(&change, in: self)
        var notices = resource.notifier.notices(of: change, type: resource.documentType)
        if let old = change.old, change.new == nil { notices += resource.unlinkings(of: old) }
        return try write(change, notices)
    }

    /// Writes what only the server knows of a document, and fields that are the server's to set. No rule is asked.
    ///
    /// - Parameter notices: what is told of it.
    package func amend(_ change: Change, telling notices: [Notice] = []) throws(APIError) -> Document {
        try write(change, notices)
    }

    /// Checks a change against all rules of the resource.
    ///
    /// - Parameter asksLinks: whether the links of the document must bear the change too.
    func check(_ change: inout Change, asksLinks: Bool = false) throws(APIError) {
        if var new = change.new {
            for normalisation in resource.normalisations { normalisation.apply(to: &new.fields) }
            change.new = new
        }
        let rules = DeclaredRules(resource: resource, unit: unit, catalogue: kit.catalogue)
        var violations = try rules.violations(of: &change)
        if asksLinks { try rules.checkLinks(of: change, &violations) }
        guard violations.isEmpty else { throw .validation(placed(violations)) }
    }

    /// Writes a change and tells of it.
    func write(_ change: Change, _ notices: [Notice]) throws(APIError) -> Document {
        if let old = change.old, change.new != nil, !change.isReal { return old }
        let stored = try resource.dao.write(change, in: Records(resource, unit))
        unit.tell(notices, of: stored, changed: change.changedFields, reloads: resource.reloads)
        if let new = change.new { return new.written(as: stored) }
        guard let old = change.old else { throw .internalFault("a change of nothing") }
        return old
    }

    private func attachBroughtFile(_ change: inout Change) {
        guard let broughtFile, let file = resource.firstFile, change.old == nil, change.new != nil else { return }
        change.new?.attach(broughtFile, as: file.word)
        if var fields = change.new?.fields {
            file.describe(broughtFile, &fields)
            change.new?.fields = fields
        }
    }

    /// Computed fields, links and the parent are not the client's to set.
    private func keepServerFields(_ change: inout Change) {
        guard change.new != nil else { return }
        for field in resource.computed { change.new?.fields[field.name] = nil }
        for link in resource.links { change.new?.fields[link.field] = change.old?.fields[link.field] }
        resource.concealment.keep(&change, by: caller)
        if let pathParent { change.new?.fields[pathParent.parentage.field] = .string(pathParent.id.text) }
    }

    private func placed(_ violations: Violations) -> JSON {
        guard !place.isEmpty, let paths = violations.json.object else { return violations.json }
        return .object(JSONObject(paths.map { (path($0.key), $0.value) }))
    }
}
