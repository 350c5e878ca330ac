//  Where the public conformance data lies: next to the project, never inside it.

import Foundation

/// A file or folder of `../shared/corpora`, seen from the project's root.
struct Corpus: Sendable {
    let url: URL

    init(_ name: String) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        url = root.deletingLastPathComponent().appending(path: "shared/corpora").appending(path: name)
    }

    var exists: Bool { FileManager.default.fileExists(atPath: url.path) }

    /// The names of the files in the folder, or nothing when it is not there.
    var fileNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }

    /// The bytes of a file in the folder, or of the file itself.
    func bytes(of name: String? = nil) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: name.map { url.appending(path: $0) } ?? url))
    }
}
