//  Writing the projections of stored documents anew, while the server runs, when a view or a key has changed.
//
//  The caller reads documents of a type in batches, projects each, and hands the projections back with how far it
//  has come. Progress and projections are one commit, so that a rebuild goes on where a process ended. A document
//  that is written meanwhile has its new projection from that write, and is passed over.

/// Reading documents for a rebuild and replacing their projections.
package protocol ProjectionRebuild: Sendable {
    /// Returns how far the projections of a type are, or nil if none was ever recorded.
    func projectionProgress(of type: String) throws(StoreError) -> ProjectionProgress?

    /// Returns documents of all scopes, tombstones too, behind a position, in the order of their positions.
    ///
    /// - Parameter position: that of the last document seen; 0 to begin.
    func documents(of type: String, after position: Int64, limit: Int) throws(StoreError) -> [PositionedDocument]

    /// Replaces the projections of documents that still have the revision named, and records the progress.
    ///
    /// - Returns: the unique keys that could not be given because other documents hold them; the rest is done.
    func reproject(
        _ projections: [Reprojection],
        of type: String,
        progress: ProjectionProgress
    ) throws(StoreError) -> [UniqueKey]
}

package struct ProjectionProgress: Equatable, Sendable {
    /// The version of the projection that is being written, or has been.
    package var version: Int
    /// The position of the last document done; nil if all are.
    package var position: Int64?

    package init(version: Int, position: Int64?) {
        self.version = version
        self.position = position
    }

    package var isComplete: Bool { position == nil }
}

/// A document with its place in the order of first writes.
package struct PositionedDocument: Equatable, Sendable {
    package var position: Int64
    package var document: StoredDocument

    package init(position: Int64, document: StoredDocument) {
        self.position = position
        self.document = document
    }
}

/// A document's projection, made from one of its revisions.
package struct Reprojection: Equatable, Sendable {
    package var address: DocumentAddress
    package var revision: Revision
    package var projection: Projection

    package init(_ address: DocumentAddress, at revision: Revision, projection: Projection) {
        self.address = address
        self.revision = revision
        self.projection = projection
    }
}
