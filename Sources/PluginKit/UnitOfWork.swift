//  One attempt to do what a request asks: what it read, and what shall become true together.

import DocumentStore
import Gateway
import Identity
import JSON
import JSONSchema

/// Reads of one scope and the changes that one commit will make. It lives on one thread, for one attempt; plugins see
/// it through the parts that work in it.
final class UnitOfWork {
    let scope: Scope
    let caller: Caller?
    let requestID: String
    /// Unix seconds.
    let time: Int64
    /// The document that the request names, and what the client knows of it.
    let subject: (id: DocumentID, conditions: Conditions)?
    let memo: Memo
    /// Everything that is wrong so far; nothing is committed unless it is empty.
    var violations = Violations()
    private let store: any AttachmentStore & DocumentStore
    private var writes: [DocumentWrite] = []
    private var places: [DocumentAddress: Int] = [:]
    /// Who among the written documents holds a key, and who names a document: a cascade may write thousands.
    private var holders: [UniqueKey: DocumentAddress] = [:]
    private var referrers: [DocumentID: [IncomingReference]] = [:]
    private var preconditions: Set<Precondition> = []
    private var events: [Event] = []
    private var eventPlaces: [Telling: Int] = [:]

    /// What makes two events of a unit of work one.
    private struct Telling: Hashable {
        let name: String
        let document: DocumentAddress
        let related: [DocumentID]
    }
    /// The scopes of accounts that this unit makes, or changes together.
    private var openedScopes: Set<Scope> = []

    init(
        scope: Scope,
        caller: Caller?,
        requestID: String,
        time: Int64,
        subject: (id: DocumentID, conditions: Conditions)?,
        memo: Memo,
        store: any AttachmentStore & DocumentStore
    ) {
        self.scope = scope
        self.caller = caller
        self.requestID = requestID
        self.time = time
        self.subject = subject
        self.memo = memo
        self.store = store
    }

    /// What a commit is to make true. An event names the revision that the commit leaves behind.
    var changes: ChangeSet {
        let told = events.map { event in
            var event = event
            let place = places[DocumentAddress(event.document, in: event.scope)]
            event.revision = place.map { writes[$0].document.revision } ?? event.revision
            return event
        }
        return ChangeSet(writes: writes, preconditions: preconditions.union(account), events: told)
    }

    /// Nothing is written into an account that is deleted meanwhile.
    private var account: [Precondition] {
        guard !writes.isEmpty, case .account(let id) = scope, places[DocumentAddress(id, in: scope)] == nil else {
            return []
        }
        return [.exists(DocumentAddress(id, in: scope))]
    }

    // MARK: Reading

    /// The document as this unit of work left it, else as it is stored; nil if there is none or it is deleted.
    ///
    /// - Parameter scope: nil for that of the unit.
    func stored(_ id: DocumentID, in scope: Scope? = nil) throws(APIError) -> StoredDocument? {
        let stored = try latest(id, in: scope)
        return stored?.isDeleted == false ? stored : nil
    }

    /// The same, or the tombstone that a deleted document left.
    func latest(_ id: DocumentID, in other: Scope? = nil) throws(APIError) -> StoredDocument? {
        let scope = other ?? scope
        if let place = places[DocumentAddress(id, in: scope)] { return writes[place].document }
        return try store.read { store throws(StoreError) in try store.document(id, in: scope) }
    }

    /// Who holds a key when this unit is committed; nil if nobody does.
    func holder(of key: UniqueKey) throws(APIError) -> DocumentAddress? {
        if let holder = holders[key] { return holder }
        let holder = try store.read { store throws(StoreError) in try store.holder(of: key) }
        // Whoever is written in this unit and does not claim the key any more gives it up.
        return holder.flatMap { places[$0] == nil ? $0 : nil }
    }

    func count(_ view: String, in scope: Scope) throws(APIError) -> Int {
        try store.read { store throws(StoreError) in try store.count(of: view, in: scope) }
    }

    /// The ids of all rows of a view, as they are stored.
    func ids(_ view: String, in scope: Scope) throws(APIError) -> [DocumentID] {
        var ids: [DocumentID] = []
        var start: ListPosition?
        repeat {
            let query = ListQuery(view: view, order: .ascending, start: start, limit: 1_000)
            let page = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
            ids += page.entries.map(\.address.id)
            start = page.next
        } while start != nil
        return ids
    }

    /// The first rows of a view as they are stored, in ascending order.
    func rows(_ view: String, in scope: Scope, limit: Int) throws(APIError) -> [JSONObject] {
        let query = ListQuery(view: view, order: .ascending, limit: limit)
        let page = try store.read { store throws(StoreError) in try store.page(query, in: scope) }
        return page.entries.compactMap { (try? JSON(parsing: $0.summary))?.object }
    }

    /// The documents that name one: those that are stored, except where this unit wrote them, and those as it did.
    func references(to id: DocumentID, limit: Int) throws(APIError) -> [IncomingReference] {
        let stored = try store.read { store throws(StoreError) in
            try store.references(to: id, in: scope, limit: limit)
        }
        return stored.filter { places[DocumentAddress($0.source, in: scope)] == nil } + (referrers[id] ?? [])
    }

    func bytes(of file: AttachmentDigest) throws(APIError) -> [UInt8]? {
        do {
            return try store.attachment(file)
        } catch {
            throw APIError(error)
        }
    }

    // MARK: Writing

    /// The number of documents written so far.
    var writeCount: Int { writes.count }

    /// Allows documents in the scope of an account that this unit makes or changes.
    func open(_ scope: Scope) { openedScopes.insert(scope) }

    /// Adds a document's next state; a further one of the same document takes the place of the one before.
    ///
    /// - Throws: `.internalFault` for a document of another scope, which no request may write.
    func stage(_ write: DocumentWrite) throws(APIError) {
        let address = write.document.address
        guard address.scope == scope || openedScopes.contains(address.scope) else {
            throw .internalFault("a unit of work in \(scope) writes to \(address.scope)")
        }
        if let place = places[address] {
            forget(writes[place])
            var latest = write
            latest.replacing = writes[place].replacing
            writes[place] = latest
        } else {
            places[address] = writes.count
            writes.append(write)
        }
        remember(write)
    }

    private func remember(_ write: DocumentWrite) {
        for key in write.projection.uniqueKeys where holders[key] == nil { holders[key] = write.document.address }
        guard write.document.scope == scope else { return }
        for reference in write.projection.references {
            let named = IncomingReference(
                field: reference.field,
                source: write.document.id,
                sourceType: write.document.type
            )
            referrers[reference.target, default: []].append(named)
        }
    }

    private func forget(_ write: DocumentWrite) {
        for key in write.projection.uniqueKeys where holders[key] == write.document.address { holders[key] = nil }
        guard write.document.scope == scope else { return }
        for reference in write.projection.references {
            referrers[reference.target]?.removeAll { $0.source == write.document.id }
        }
    }

    /// The revision that the first write of a document replaces; a second write of a unit makes no second revision.
    func replaced(_ address: DocumentAddress, else revision: Revision?) -> Revision? {
        places[address].map { writes[$0].replacing } ?? revision
    }

    func require(_ precondition: Precondition) { preconditions.insert(precondition) }

    /// - Parameter reloads: what the document's plugin declares, for notices that do not say.
    func tell(_ notices: [Notice], of document: StoredDocument, changed: [String], reloads: [String]) {
        for notice in notices {
            let event = Event(
                name: notice.name,
                scope: document.scope,
                document: document.id,
                type: document.type,
                revision: document.revision,
                changed: changed,
                related: notice.related,
                reloads: Set(notice.reloads ?? reloads).sorted(),
                actor: actor,
                requestID: requestID,
                time: time
            )
            // One event a name and document, with what all changes of the unit changed. What is edited in the unit that
            // creates it was created so.
            var telling = Telling(name: event.name, document: document.address, related: event.related)
            if event.name == "\(event.type)_edited" {
                let created = "\(event.type)_created"
                let creation = Telling(name: created, document: document.address, related: event.related)
                if eventPlaces[creation] != nil { telling = creation }
            }
            guard let index = eventPlaces[telling] else {
                eventPlaces[telling] = events.count
                events.append(event)
                continue
            }
            events[index].changed = Set(events[index].changed + event.changed).sorted()
            events[index].reloads = Set(events[index].reloads + event.reloads).sorted()
        }
    }

    private var actor: String { actorName(caller) }
}

/// Who does something, as events say it: `user:ID`, `account:ID`, or `system` for the server itself.
func actorName(_ caller: Caller?) -> String {
    guard let principal = caller?.principal else { return "system" }
    return principal.userID.map { "user:\($0)" } ?? "account:\(principal.accountID)"
}

/// Results that are dear and stay the same when a unit of work is tried again: derived credentials.
final class Memo {
    private var results: [String: Any] = [:]

    func once<Value>(_ key: String, _ make: () throws(APIError) -> Value) throws(APIError) -> Value {
        if let known = results[key] as? Value { return known }
        let value = try make()
        results[key] = value
        return value
    }
}
