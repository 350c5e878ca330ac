//  Where public conformance data and facts lie: next to the project, never inside it.

import Foundation
import JSON

/// A file or folder of `../shared`, seen from the project's root.
struct PublicData: Sendable {
    let url: URL

    init(_ path: String) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        url = root.deletingLastPathComponent().appending(path: "shared").appending(path: path)
    }

    var exists: Bool { FileManager.default.fileExists(atPath: url.path) }

    /// The JSON files below the folder, as paths relative to it.
    var files: [String] {
        let paths = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".json") }.sorted()
    }

    func json(_ file: String) throws -> JSON {
        try JSON(parsing: [UInt8](try Data(contentsOf: url.appending(path: file))))
    }
}
