//  What a store remembers of documents that were changed or deleted.

/// Tombstones and past revisions.
package protocol DocumentHistory: Sendable {
    /// Returns tombstones of a type, the latest deleted first.
    ///
    /// - Parameter start: where to begin, inclusive; nil for the latest.
    ///
    /// Cost: one index range of `limit` documents.
    func tombstones(
        of type: String,
        in scope: Scope,
        from start: TombstonePosition?,
        limit: Int
    ) throws(StoreError) -> [StoredDocument]

    /// Returns the revisions before the present one, the newest first; how many there are is the store's setting.
    func pastRevisions(of id: DocumentID, in scope: Scope) throws(StoreError) -> [PastRevision]

    /// Returns what a document was at one of its past revisions, or nil if the store does not remember it.
    func pastRevision(_ revision: Revision, of id: DocumentID, in scope: Scope) throws(StoreError) -> PastRevision?

    /// Removes tombstones of all scopes that were deleted before `time` (Unix seconds), at most `limit`, with all
    /// that is known of them; returns how many went. Their ids can be created again.
    func purgeTombstones(before time: Int64, limit: Int) throws(StoreError) -> Int

    /// Removes documents for good, with all that is known of them, if they still have the revisions that they are given
    /// with; returns how many went. No tombstone is left, and no event tells of it: this is for what the server made
    /// for itself.
    func purge(_ documents: [StoredDocument]) throws(StoreError) -> Int

    /// Removes past revisions that were replaced before `time` (Unix seconds), at most `limit`; returns how many.
    func purgePastRevisions(before time: Int64, limit: Int) throws(StoreError) -> Int
}

/// A place among the tombstones of a type: the latest deleted first, then by id.
package struct TombstonePosition: Hashable, Sendable {
    /// Unix seconds.
    package var deleted: Int64
    package var id: DocumentID

    package init(deleted: Int64, id: DocumentID) {
        self.deleted = deleted
        self.id = id
    }
}

/// What a document was. Its private fields are not kept: an old password must not live on.
package struct PastRevision: Equatable, Sendable {
    package var revision: Revision
    /// Unix seconds of the write that made it.
    package var modified: Int64
    package var isDeleted: Bool
    /// The public fields: one compact JSON object in UTF-8.
    package var body: [UInt8]

    package init(revision: Revision, modified: Int64, isDeleted: Bool, body: [UInt8]) {
        self.revision = revision
        self.modified = modified
        self.isDeleted = isDeleted
        self.body = body
    }
}
