//  What a store of documents promises, whatever engine stands behind it.
//
//  Words
//    document   a JSON object with an id, a type and a revision, inside one scope.
//    scope      one account, or the system. A document of another scope does not exist.
//    row        an entry of a list view that a document writes about itself: (scope, view, key) → summary.
//    unique key a value that at most one document holds: (scope, name, value) → document.
//    reference  a field of a document that names another document of the same scope.
//    event      what happened to a document; it leaves the store through the outbox.
//    change set documents, rows, keys, references and events that become true together, or not at all.
//
//  Invariants, each kept by every engine
//    I1   A commit is atomic: documents, their rows, keys, references and events, or nothing.
//    I2   `commit` returns after the change set is on disk, never before.
//    I3   Concurrent commits share one sync; a failing one harms no other; a lone one does not wait.
//    I4   A reader never waits for a writer and sees the last commit.
//    I5   A write names the revision that it replaces; a stale one is refused.
//    I6   Nothing crosses a scope.
//    I7   A page costs one index range, and its cursor is key and id.
//    I8   Two documents never hold one unique key; the loser gets `.notUnique`.
//    I9   A delete leaves a tombstone.
//    I10  Opening needs no repair step.
//    I11  A failed sync is never retried: the store turns read-only and says so. A full disk is `.full`.

/// A store of documents.
///
/// The protocol is narrow on purpose: reads are single calls, and a write is one value, so that an engine on a
/// server can stand behind it and several processes can write.
package protocol DocumentStore: Sendable {
    /// A number that changes whenever any document does: what was read while it was the same is still true.
    ///
    /// Cost: reading a number in memory. Nil from an engine that cannot know what other processes write.
    var version: Int? { get }

    /// Returns the document, or nil if it does not exist in the scope; a tombstone is returned as one (`isDeleted`).
    ///
    /// Cost: one lookup.
    func document(_ id: DocumentID, in scope: Scope) throws(StoreError) -> StoredDocument?

    /// Returns one page of a list view.
    ///
    /// Cost: one index range of `query.limit` rows, wherever the page lies.
    func page(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListPage

    /// Returns what one page of a list view shows, without the documents of its rows and where they stand.
    ///
    /// Cost: that of `page`, without the memory for keys and addresses.
    func summaries(_ query: ListQuery, in scope: Scope) throws(StoreError) -> ListSummaries

    /// Returns the number of rows of a list view.
    ///
    /// Cost: one lookup of a counter that commits maintain.
    func count(of view: String, in scope: Scope) throws(StoreError) -> Int

    /// Returns who holds a unique key, or nil if it is free.
    func holder(of key: UniqueKey) throws(StoreError) -> DocumentAddress?

    /// Returns the documents that name `target`, at most `limit`, ordered by field and id.
    func references(to target: DocumentID, in scope: Scope, limit: Int) throws(StoreError) -> [IncomingReference]

    /// Returns events of all scopes with a sequence greater than `sequence`, oldest first.
    func events(after sequence: Int64, limit: Int) throws(StoreError) -> [RecordedEvent]

    /// Makes a change set true, all of it or nothing, and returns when it is on disk.
    ///
    /// - Throws: `.conflict` if a replaced revision is stale or a created id exists; `.notUnique` with every taken
    ///   key; `.missing` and `.referenced` for preconditions; `.full`, `.readOnly`, `.io` for the disk. In every
    ///   case nothing of the change set is stored.
    func commit(_ changes: ChangeSet) throws(StoreError)
}

/// Why a store refused or failed.
package enum StoreError: Error, Equatable {
    /// The caller's revision is stale, or the id exists already; `current` is nil if the document is gone.
    case conflict(DocumentAddress, current: Revision?)
    /// Other documents hold these unique keys.
    case notUnique([UniqueKey])
    /// A document that the change set relies on does not exist.
    case missing(DocumentAddress)
    /// A document that was to be deleted is named by another.
    case referenced(DocumentAddress, by: IncomingReference)
    /// A view that was to be empty has a row.
    case occupied(view: String, by: DocumentAddress)
    /// A view has another number of rows than the change set rests on.
    case changed(view: String)
    /// The disk is full; nothing was stored.
    case full
    /// A sync failed earlier; the store accepts no writes until the process is started again.
    case readOnly
    /// The engine failed: what it was doing, and the reason in words.
    case io(operation: String, reason: String)
    /// The data directory belongs to another running process.
    case locked(by: Int32)
    /// Stored data is damaged: which, and how.
    case corrupt(String)
}
