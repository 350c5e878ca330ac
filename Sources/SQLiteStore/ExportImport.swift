//  The whole store as one JSON file a document, and back.

import DocumentStore
import GRDB
import Glibc
import JSON

extension StoreReader {
    /// Writes every document of one commit, tombstones too, and the attachments they name into a new directory.
    ///
    /// Files can be read by their owner only: the private fields are in them.
    ///
    /// - Parameter directory: made; it must be empty. Its parent must exist.
    /// - Returns: how many documents there are.
    package func export(
        to directory: String,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> Int {
        try makeDirectory(directory)
        guard try names(in: directory).isEmpty else {
            throw .io(operation: "export to \(directory)", reason: "It is not empty.")
        }
        return try readers.snapshot { [attachments] database throws(StoreError) in
            let total = try database.rowCount(of: "documents")
            var done = 0
            let statement = try database.prepare("SELECT scope, id, \(documentColumns) FROM documents ORDER BY number")
            while try statement.step() {
                let address = DocumentAddress(DocumentID(statement.text(1)), in: Scope(text: statement.text(0)))
                let exported = ExportedDocument(try storedDocument(statement, at: address, from: 2))
                try makeDirectories(exported.folder, in: directory)
                let file = try File(creating: "\(directory)/\(exported.path)")
                try file.write(try exported.text())
                done += 1
                progress(done, total)
            }
            for digest in try database.usedAttachments() {
                try makeDirectories("attachments/\(digest.path.prefix(2))", in: directory)
                let file = try File(creating: "\(directory)/attachments/\(digest.path)")
                guard try attachments.read(digest, file.write) != nil else { throw .lost(digest) }
            }
            // One sync for all: an export that a power cut interrupts is made again.
            sync()
            return done
        }
    }
}

extension SQLiteStore {
    /// Reads what `export` wrote: all of it or, if any file is not as it should be, nothing.
    ///
    /// A document that the store has already becomes what the file says, in a revision of its own.
    ///
    /// - Parameter project: the projection of a document; what it throws refuses the import.
    /// - Throws: `.corrupt` with the file and the reason.
    /// - Returns: how many documents were read.
    ///
    /// Cost: each file is read three times, so that memory does not grow with the export.
    package func importDocuments(
        from directory: String,
        project: @escaping @Sendable (StoredDocument) throws(StoreError) -> Projection,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StoreError) -> Int {
        let source = ImportSource(directory: directory, project: project)
        let paths = try source.paths()
        for path in paths { _ = try source.document(path) }
        try importAttachments(from: directory)
        try writer.perform(needsSpace: true) { session throws(StoreError) in
            var counts = RowCounts()
            for (index, path) in paths.enumerated() {
                try source.naming(path) { () throws(StoreError) in
                    let (document, projection) = try source.document(path)
                    try session.take(document, projection, counting: &counts)
                }
                progress(index + 1, paths.count)
            }
            // Keys last: documents may have exchanged them.
            for path in paths {
                let (document, projection) = try source.document(path)
                let taken = try session.claim(projection.uniqueKeys, for: document.address)
                if let key = taken.first {
                    throw .corrupt("\(directory)/\(path): another document has the \(key.name) \"\(key.value)\".")
                }
            }
            try counts.add(to: session.database)
        }
        return paths.count
    }

    private func importAttachments(from directory: String) throws(StoreError) {
        guard access(directory + "/attachments", F_OK) == 0 else { return }
        for folder in try names(in: directory + "/attachments") {
            for name in try names(in: "\(directory)/attachments/\(folder)") {
                let path = "\(directory)/attachments/\(folder)/\(name)"
                guard let file = try File(reading: path) else { continue }
                guard try storeAttachment(from: file.nextPiece).text == folder + name else {
                    throw .corrupt("\(path): its bytes are not those that its name says.")
                }
            }
        }
    }
}

/// The files of an export.
private struct ImportSource: Sendable {
    let directory: String
    let project: @Sendable (StoredDocument) throws(StoreError) -> Projection

    /// The documents' files under the directory, in order.
    func paths() throws(StoreError) -> [String] {
        var paths: [String] = []
        for scope in try names(in: directory) where scope != "attachments" && !scope.hasPrefix(".") {
            for type in try names(in: "\(directory)/\(scope)") {
                for name in try names(in: "\(directory)/\(scope)/\(type)") where name.hasSuffix(".json") {
                    paths.append("\(scope)/\(type)/\(name)")
                }
            }
        }
        return paths
    }

    func document(_ path: String) throws(StoreError) -> (StoredDocument, Projection) {
        try naming(path) { () throws(StoreError) in
            guard let file = try File(reading: "\(directory)/\(path)") else { throw .corrupt("It is gone.") }
            let exported = try ExportedDocument(parsing: try file.readAll())
            guard exported.path == path else { throw .corrupt("It should be \(exported.path).") }
            return (exported.document, try project(exported.document))
        }
    }

    /// Says of which file an error is.
    func naming<Value>(_ path: String, _ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch {
            switch error {
            case .corrupt(let reason) where !reason.hasPrefix(directory):
                throw .corrupt("\(directory)/\(path): \(reason)")
            case .missing(let address): throw .corrupt("\(directory)/\(path): attachment \(address.id) is not there.")
            default: throw error
            }
        }
    }
}

extension WriteSession {
    /// Writes a document over what is there, whatever its revision.
    fileprivate func take(
        _ document: StoredDocument,
        _ projection: Projection,
        counting counts: inout RowCounts
    ) throws(StoreError) {
        var document = document
        let address = document.address
        let trace = ProjectionTrace(projection, in: address.scope)
        let previous = try database.place(of: address)
        let current = try database.document(at: address)
        if let previous, current.map({ isSame($0, document) }) == true {
            try keep(trace, at: previous)
        } else {
            // A file that was edited by hand still has the revision that it was exported with.
            if let revision = current?.revision {
                document.revision = Revision(after: revision, content: document.body, document.privateBody)
            }
            try store(document, trace, over: previous)
        }
        try replace(previous, by: projection, trace, of: address, type: document.type, counting: &counts)
        // The cache forgets it, rather than holding an import in memory.
        touched.append((document.address, nil))
    }
}

/// Whether two documents say the same, in whatever order.
private func isSame(_ left: StoredDocument, _ right: StoredDocument) -> Bool {
    func canonical(_ text: [UInt8]) -> [UInt8]? { (try? JSON(parsing: text))?.canonicalBytes() }
    return left.revision == right.revision && left.type == right.type && left.isDeleted == right.isDeleted
        && canonical(left.body) == canonical(right.body)
        && canonical(left.privateBody) == canonical(right.privateBody)
}

private func makeDirectories(_ folders: String, in directory: String) throws(StoreError) {
    var path = directory
    for folder in folders.split(separator: "/") {
        path += "/\(folder)"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw fileError(errno, "make directory \(path)") }
    }
}
