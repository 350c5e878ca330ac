//  A resource's service at work for one call: units of work, commits, and another try when somebody was faster.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// What a Resource sees of everything behind it.
package struct BoundService {
    let resource: ResourceDefinition
    let kit: Kit
    let scope: Scope
    let call: Call

    /// How often a change is tried again because another commit came between reading and writing.
    private static let attempts = 32

    /// The id of the document that the path names.
    package func documentID() throws(APIError) -> DocumentID {
        resource.singleton == nil ? try call.id(resource.documentType) : resource.singletonID(below: parent)
    }

    /// Answers with the document; with its standard, if it is a singleton that nobody stored.
    ///
    /// - Throws: `.badIdentifier`, like `read`.
    package func show(_ id: DocumentID) throws(APIError) -> Reply {
        do {
            return .document(try read(id))
        } catch .badIdentifier(let missing) where missing == id.text {
            guard let reply = try resource.standardReply(id, unit(subject: nil, Memo())) else {
                throw .badIdentifier(missing)
            }
            return reply
        }
    }

    /// Returns the document.
    ///
    /// - Throws: `.badIdentifier` if it does not exist, is deleted, or is of another kind.
    package func read(_ id: DocumentID) throws(APIError) -> Published {
        let unit = try unit(subject: nil, Memo())
        let stored = try resource.dao.find(id, in: Records(resource, unit))
        if let parent, try !parent.owns(Document(stored)) { throw .badIdentifier(id.text) }
        return try resource.published(stored, unit)
    }

    /// Returns the document as the caller sees it, and its private fields, which no client sees.
    func find(_ id: DocumentID) throws(APIError) -> Document {
        var document = try Work(resource, in: unit(subject: nil, Memo()), kit, below: parent).find(id)
        resource.concealment.conceal(in: &document.fields, of: id, from: call.caller)
        return document
    }

    /// Returns one page of a view, or all of it.
    package func list(
        _ request: ListRequest,
        _ view: ListView? = nil,
        within: String? = nil
    ) throws(APIError) -> Reply {
        let isOwn = view == nil
        guard let view = view ?? resource.views.first else { throw .notFound }
        let documents = Reader(try unit(subject: nil, Memo()))
        let within = within ?? (isOwn ? parent?.id.text : nil)
        let scope = view.isSystemWide ? Scope.system : scope
        let reader = ListReader(
            store: kit.store,
            scope: scope,
            view: view.storeName(resource.name, within: within),
            concealment: resource.concealment,
            caller: call.caller
        )
        let isConcealed = resource.concealment.hides(from: call.caller)
        guard isConcealed || !view.counted.isEmpty else { return try reader.read(request) { $0 } }
        return try reader.read(request) { row throws(APIError) in
            guard var fields = (try? JSON(parsing: row))?.object, let id = fields["id"]?.string else { return row }
            if isConcealed {
                resource.concealment.conceal(in: &fields, of: DocumentID(id), from: call.caller)
                for field in view.row where field.isSecret { fields[field.name] = nil }
            }
            for field in view.counted {
                fields[field.name] = try field.value(DocumentID(id), documents)
            }
            return JSON.object(fields).bytes()
        }
    }

    /// - Parameter file: what the document is to begin with, under the name that the resource has for it.
    package func create(_ fields: JSONObject, with file: UploadedFile? = nil) throws(APIError) -> Published {
        let attachment = try file.map { file throws(APIError) in try Attachment(file) }
        return try transact(nil) { work throws(APIError) in
            let work = work.bringing(attachment)
            if resource.singleton != nil, try work.isStored(resource.singletonID(below: parent)) { throw .conflict }
            return try work.create(fields)
        }
    }

    package func replace(_ id: DocumentID, with fields: JSONObject) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in
            try work.mustBegin(id) ? try work.create(fields) : try work.replace(id, with: fields)
        }
    }

    package func merge(_ patch: JSONObject, into id: DocumentID) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in
            guard try work.mustBegin(id) else { return try work.merge(patch, into: id) }
            let standard = JSON.object(resource.singleton?.standard ?? [:])
            return try work.create(standard.merging(.object(patch)).object ?? patch)
        }
    }

    /// - Returns: the document as it was.
    package func delete(_ id: DocumentID) throws(APIError) -> Published {
        try transact(id) { work throws(APIError) in try work.delete(id) }
    }

    /// Runs a unit of work that is about one document, and commits it.
    func transact(
        _ subject: DocumentID?,
        _ body: (Work) throws(APIError) -> Document
    ) throws(APIError) -> Published {
        try commit(subject) { work, unit throws(APIError) in
            guard let stored = try body(work).stored else { throw .internalFault("a document that nobody wrote") }
            return try resource.published(stored, unit)
        }
    }

    /// Runs a unit of work that is about several, and commits it.
    func transact(_ body: (Work) throws(APIError) -> JSON) throws(APIError) -> JSON {
        try commit(nil) { work, _ throws(APIError) in try body(work) }
    }

    /// Runs a unit of work and commits it.
    ///
    /// When somebody was faster it runs again on what is stored then: without `If-Match` the last write wins, and where
    /// a rule is broken now, the rules say which.
    /// - Parameter body: what it returns is made before the commit: what is shown of a document that is deleted is what
    ///   it was.
    private func commit<Result>(
        _ subject: DocumentID?,
        _ body: (Work, UnitOfWork) throws(APIError) -> Result
    ) throws(APIError) -> Result {
        let memo = Memo()
        var overtaken = StoreError.conflict(DocumentAddress(subject ?? DocumentID(""), in: scope), current: nil)
        for _ in 0..<Self.attempts {
            let unit = try unit(subject: subject.map { ($0, call.conditions) }, memo)
            let result = try body(Work(resource, in: unit, kit, below: parent), unit)
            let changes = unit.changes
            if changes.isEmpty { return result }
            do {
                try kit.store.commit(changes)
                return result
            } catch {
                switch error {
                case .conflict, .notUnique, .missing, .referenced, .occupied, .changed: overtaken = error
                default: throw APIError(error)
                }
            }
        }
        throw APIError(overtaken)
    }

    /// The parent in the path, if the documents belong to one.
    private var parent: PathParent? { resource.parent(in: call) }

    /// - Throws: `.badIdentifier` for a parent in the path that does not exist, or does not belong to its own.
    private func unit(
        subject: (id: DocumentID, conditions: Conditions)?,
        _ memo: Memo
    ) throws(APIError) -> UnitOfWork {
        let unit = kit.unit(for: call, scope: scope, subject: subject, memo: memo)
        if let parent { try require(parent, unit) }
        return unit
    }

    /// - Throws: `.badIdentifier`, `.forbidden` as above.
    func requireParents() throws(APIError) { _ = try unit(subject: nil, Memo()) }

    private func require(_ parent: PathParent, _ unit: UnitOfWork) throws(APIError) {
        guard let resource = kit.catalogue[type: parent.parentage.type] else { throw .notFound }
        let grandparent = resource.parent(in: call)
        if let grandparent { try require(grandparent, unit) }
        let document = try Document(resource.dao.find(parent.id, in: Records(resource, unit)))
        if let grandparent, !grandparent.owns(document) { throw .badIdentifier(parent.id.text) }
        if let caller = call.caller, !parent.parentage.isOpen(document, caller) { throw .forbidden }
    }
}

/// Changes that no part of a plugin can make, but whoever has the kit: a plugin that makes its own routes.
extension Kit {
    /// Changes what only the server knows of a document, on the document as it is when that is committed.
    ///
    /// - Parameters:
    ///   - account: the document's; nil for that of the call.
    ///   - notices: what is told of it.
    ///   - body: is called again if somebody was faster.
    @discardableResult
    package func amend<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        _ id: DocumentID,
        for call: Call,
        in account: String? = nil,
        telling notices: [Notice] = [],
        _ body: (inout Document) throws(APIError) -> Void
    ) throws(APIError) -> Published {
        try service(plugin, for: call, in: account).transact(id) { work throws(APIError) in
            let old = try work.find(id)
            var new = old
            try body(&new)
            return try work.amend(Change(old: old, new: new), telling: notices)
        }
    }

    /// Changes documents of several accounts in one commit, for the services that know how.
    ///
    /// - Parameter body: is called again if somebody was faster; gives the document to show.
    package func changeAccounts<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        for call: Call,
        _ body: (Work) throws(APIError) -> Document
    ) throws(APIError) -> Published {
        try systemService(plugin, for: call).transact(nil, body)
    }
}
