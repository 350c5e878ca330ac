//  Rows of tables become documents, entries, references and events.

import DocumentStore
import GRDB
import JSON

/// The columns of a document, in the order that `storedDocument` reads them.
let documentColumns = "type, revision, created, modified, deleted, body, private, checksum"

/// The columns of an event, in the order that `recordedEvent` reads them.
let eventColumns =
    "sequence, name, scope, document, type, revision, changed, related, actor, request, time, reloads, id, checksum"

/// The columns of a past revision, in the order that `storedRevision` reads them.
let pastRevisionColumns = ["revision", "modified", "deleted", "body", "checksum"].map { "past_revisions.\($0)" }
    .joined(separator: ", ")

let incomingReferences = """
    SELECT field, source, source_type FROM document_references
    WHERE scope = ? AND target = ? ORDER BY field, source LIMIT ?
    """

extension Database {
    func document(at address: DocumentAddress) throws(StoreError) -> StoredDocument? {
        let statement = try prepare(
            "SELECT \(documentColumns) FROM documents WHERE scope = ? AND id = ?",
            .text(address.scope.text),
            .text(address.id.text)
        )
        guard try statement.step() else { return nil }
        return try storedDocument(statement, at: address, from: 0)
    }

    func holder(of key: UniqueKey) throws(StoreError) -> DocumentAddress? {
        let statement = try prepare(
            "SELECT owner, id FROM unique_keys WHERE scope = ? AND name = ? AND value = ?",
            .text(key.scope.text),
            .text(key.name),
            .text(key.value)
        )
        guard try statement.step() else { return nil }
        return DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
    }

    func count(of view: String, in scope: Scope) throws(StoreError) -> Int {
        let statement = try prepare(
            "SELECT count FROM list_counts WHERE scope = ? AND view = ?",
            .text(scope.text),
            .text(view)
        )
        return try statement.step() ? Int(statement.integer(0)) : 0
    }

    func references(to target: DocumentAddress, limit: Int) throws(StoreError) -> [IncomingReference] {
        let statement = try prepare(
            incomingReferences,
            .text(target.scope.text),
            .text(target.id.text),
            SQLValue(max(limit, 0))
        )
        var references: [IncomingReference] = []
        while try statement.step() { references.append(incomingReference(statement)) }
        return references
    }

    /// - Parameter scope: nil for events of all scopes.
    func events(after sequence: Int64, limit: Int, in scope: Scope? = nil) throws(StoreError) -> [RecordedEvent] {
        let values: [SQLValue] = [.integer(sequence), SQLValue(max(limit, 0))]
        let statement = try prepare(
            """
            SELECT \(eventColumns) FROM events
            WHERE \(scope == nil ? "" : "scope = ? AND ")sequence > ? ORDER BY sequence LIMIT ?
            """,
            (scope.map { [.text($0.text)] } ?? []) + values
        )
        return try recordedEvents(statement)
    }

    /// The newest first.
    func latestEvents(limit: Int, in scope: Scope) throws(StoreError) -> [RecordedEvent] {
        let statement = try prepare(
            "SELECT \(eventColumns) FROM events WHERE scope = ? ORDER BY sequence DESC LIMIT ?",
            .text(scope.text),
            SQLValue(max(limit, 0))
        )
        return try recordedEvents(statement)
    }

    private func recordedEvents(_ statement: borrowing PreparedStatement) throws(StoreError) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        while try statement.step() { events.append(try recordedEvent(statement)) }
        return events
    }
}

/// Reads a document from the columns of `documentColumns`, the first of which is `first`.
///
/// - Throws: `.corrupt` if the bytes are not those that were written.
func storedDocument(
    _ statement: borrowing PreparedStatement,
    at address: DocumentAddress,
    from first: Int32
) throws(StoreError) -> StoredDocument {
    guard let revision = Revision(statement.text(first + 1)) else {
        throw .corrupt("The revision of \(words(address)) cannot be read.")
    }
    let document = StoredDocument(
        id: address.id,
        scope: address.scope,
        type: statement.text(first),
        revision: revision,
        created: statement.integer(first + 2),
        modified: statement.integer(first + 3),
        isDeleted: statement.integer(first + 4) != 0,
        body: statement.bytes(first + 5),
        privateBody: statement.bytes(first + 6)
    )
    guard document.checksum == statement.integer(first + 7) else {
        throw .corrupt("The checksum of \(words(address)) does not match its content.")
    }
    return document
}

func incomingReference(_ statement: borrowing PreparedStatement) -> IncomingReference {
    IncomingReference(
        field: statement.text(0),
        source: DocumentID(statement.text(1)),
        sourceType: statement.text(2)
    )
}

func recordedEvent(_ statement: borrowing PreparedStatement) throws(StoreError) -> RecordedEvent {
    let sequence = statement.integer(0)
    guard let revision = Revision(statement.text(5)),
        let changed = (try? JSON(parsing: statement.text(6)))?.array,
        let related = (try? JSON(parsing: statement.text(7)))?.array,
        let reloads = (try? JSON(parsing: statement.text(11)))?.array
    else { throw .corrupt("Event \(sequence) cannot be read.") }
    let event = Event(
        id: statement.text(12),
        name: statement.text(1),
        scope: Scope(text: statement.text(2)),
        document: DocumentID(statement.text(3)),
        type: statement.text(4),
        revision: revision,
        changed: changed.compactMap(\.string),
        related: related.compactMap { $0.string.map(DocumentID.init) },
        reloads: reloads.compactMap(\.string),
        actor: statement.text(8),
        requestID: statement.text(9),
        time: statement.integer(10)
    )
    guard statement.isNull(13) || statement.integer(13) == event.checksum else {
        throw .corrupt("The checksum of event \(sequence) does not match its content.")
    }
    return RecordedEvent(sequence: sequence, event: event)
}

/// - Throws: `.corrupt` if the bytes are not those that were written.
func storedRevision(
    _ statement: borrowing PreparedStatement,
    of address: DocumentAddress
) throws(StoreError) -> PastRevision {
    guard let revision = Revision(statement.text(0)) else {
        throw .corrupt("A past revision of \(words(address)) cannot be read.")
    }
    let past = PastRevision(
        revision: revision,
        modified: statement.integer(1),
        isDeleted: statement.integer(2) != 0,
        body: statement.bytes(3)
    )
    guard statement.isNull(4) || statement.integer(4) == past.checksum(at: address) else {
        throw .corrupt("The checksum of the past revision \(revision) of \(words(address)) does not match its content.")
    }
    return past
}

/// A document in a sentence.
func words(_ address: DocumentAddress) -> String {
    switch address.scope {
    case .system: "document \(address.id) of the system"
    case .account(let account): "document \(address.id) of account \(account)"
    }
}

extension StoredDocument {
    /// Over everything that is stored.
    var checksum: Int64 {
        var sum = Checksum()
        sum.add(scope.text)
        sum.add(id.text)
        sum.add(type)
        sum.add(revision.description)
        sum.add(UInt64(bitPattern: created))
        sum.add(UInt64(bitPattern: modified))
        sum.add(isDeleted ? 1 : 0)
        sum.add(body)
        sum.add(privateBody)
        return sum.integer
    }
}

extension ListEntry {
    /// Over everything that is stored but the place.
    var checksum: Int64 {
        var sum = Checksum()
        sum.add(key.bytes)
        sum.add(address.scope.text)
        sum.add(address.id.text)
        sum.add(summary)
        return sum.integer
    }
}

extension Event {
    /// Over everything that is stored, but for its place in the order.
    var checksum: Int64 {
        var sum = Checksum()
        for text in [id, name, scope.text, document.text, type, revision.description, actor, requestID] {
            sum.add(text)
        }
        for list in [changed, related.map(\.text), reloads] {
            sum.add(UInt64(list.count))
            for text in list { sum.add(text) }
        }
        sum.add(UInt64(bitPattern: time))
        return sum.integer
    }
}

extension PastRevision {
    func checksum(at address: DocumentAddress) -> Int64 {
        var sum = Checksum()
        sum.add(address.scope.text)
        sum.add(address.id.text)
        sum.add(revision.description)
        sum.add(UInt64(bitPattern: modified))
        sum.add(isDeleted ? 1 : 0)
        sum.add(body)
        return sum.integer
    }
}
