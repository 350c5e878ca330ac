//  Rows, keys and references of what is stored, as the plugins of this program make them.

import DocumentStore

/// Writes anew what another program made of the stored documents, while the server runs.
///
/// Views are code, so only the program itself says what it makes of a document: another build, or another choice of
/// plugins, has another version. Rows that come out as they were are not touched, and it goes on where a process ended.
package struct Rebuild: Sendable {
    /// How far one kind of documents is.
    package struct Progress: Equatable, Sendable {
        package var type: String
        /// How many documents of the kind have been looked at in this run.
        package var documents: Int
        package var isComplete: Bool
        /// Unique values of the last documents that others hold already.
        package var taken: [UniqueKey] = []

        package init(type: String, documents: Int = 0, isComplete: Bool = false) {
            self.type = type
            self.documents = documents
            self.isComplete = isComplete
        }
    }

    private let store: any ProjectionRebuild
    private let catalogue: Catalogue
    private let version: Int
    private let batch: Int

    /// - Parameters:
    ///   - version: of the program and its choice of plugins; any number that another has not.
    ///   - batch: how many documents are looked at while writers wait.
    package init(store: any ProjectionRebuild, catalogue: Catalogue, version: Int, batch: Int = 100) {
        precondition(batch > 0, "a batch has at least one")
        self.store = store
        self.catalogue = catalogue
        self.version = version
        self.batch = batch
    }

    /// Goes through all kinds of documents that have not been gone through with this version.
    ///
    /// - Parameters:
    ///   - report: told after each batch.
    ///   - pause: called after each batch; false ends the work, and the next run goes on.
    package func run(report: (Progress) -> Void, pause: () -> Bool = { true }) throws(StoreError) {
        for type in catalogue.all.map(\.documentType) {
            guard try rebuild(type, report, pause) else { return }
        }
    }

    /// - Returns: false if the work was ended.
    private func rebuild(_ type: String, _ report: (Progress) -> Void, _ pause: () -> Bool) throws(StoreError) -> Bool {
        let known = try store.projectionProgress(of: type)
        // Nil if all are done.
        var position = known?.version == version ? known?.position : 0
        var progress = Progress(type: type)
        while let start = position {
            let documents = try store.documents(of: type, after: start, limit: batch)
            position = documents.count < batch ? nil : documents.last?.position
            var projections: [Reprojection] = []
            for document in documents.map(\.document) {
                let projection = try catalogue.projection(of: document)
                projections.append(Reprojection(document.address, at: document.revision, projection: projection))
            }
            let reached = ProjectionProgress(version: version, position: position)
            progress.taken = try store.reproject(projections, of: type, progress: reached)
            progress.documents += documents.count
            progress.isComplete = reached.isComplete
            report(progress)
            guard pause() else { return false }
        }
        return true
    }
}
