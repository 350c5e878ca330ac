//  The compiler, asked by tests what it accepts.

import Foundation

/// The compiler, over the modules that these tests were built with.
enum Compiler {
    /// What it says about a file; nothing if it accepts it.
    static func complaints(about source: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        try source.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swiftc", "-typecheck", "-swift-version", "6", "-enable-upcoming-feature", "MemberImportVisibility",
            "-package-name", packageName, "-I", modules.path(),
            // The C modules that others show in their interface.
            "-I", root.appending(path: "Sources/CSodium").path(), "-I", root.appending(path: "Sources/CQRCode").path(),
            file.path(),
        ]
        // What it says goes into a file: the end of a pipe would be inherited by whatever other tests start meanwhile.
        let output = file.appendingPathExtension("out")
        defer { try? FileManager.default.removeItem(at: output) }
        FileManager.default.createFile(atPath: output.path(), contents: nil)
        process.standardError = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        let said = try String(contentsOf: output, encoding: .utf8)
        return process.terminationStatus == 0 || !said.isEmpty ? said : "it ended with \(process.terminationStatus)"
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// The package manager names a package after its directory.
    private static let packageName = String(
        root.lastPathComponent.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    )

    /// Next to the tests themselves.
    private static let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "Modules")
}
