//  What the parts of a plugin cannot do: code that tries does not compile.

import Foundation
import Testing

@Suite struct RefusalTests {
    /// A part of a plugin, and the lines around one statement in it.
    enum Part: String, CaseIterable, Sendable {
        case resource, validator, notifier, dao, service

        func source(_ statement: String) -> String {
            "import PluginKit\n" + head + "\n" + statement + "\n" + tail
        }

        private var head: String {
            switch self {
            case .resource:
                """
                struct Part: ItemResource {
                func get(_ id: DocumentID, _ call: Call, _ service: BoundService) throws(APIError) -> Reply {
                """
            case .validator:
                """
                struct Part: Validator {
                func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations {
                """
            case .notifier:
                """
                struct Part: Notifier {
                func notices(of change: Change, type: String) -> [Notice] {
                """
            case .dao:
                """
                struct Part: DAO {
                func write(_ change: Change, in records: Records) throws(APIError) -> StoredDocument {
                """
            case .service:
                """
                struct Part: CRUDService {
                func delete(_ id: DocumentID, in work: Work) throws(APIError) -> Document {
                """
            }
        }

        private var tail: String {
            switch self {
            case .resource: "return .document(try service.read(id)) } }"
            case .validator: "return Violations() } }"
            case .notifier: "return [] } }"
            case .dao: "return try records.write(change) } }"
            case .service: "return try work.save(Change(old: work.find(id), new: nil)) } }"
            }
        }
    }

    /// A part, what it tries, and what the compiler says of it.
    static let table: [(Part, String, String)] = [
        (.resource, "_ = service.kit", "'kit' is inaccessible"),
        (.resource, "_ = UnitOfWork.self", "cannot find 'UnitOfWork'"),
        (.validator, "_ = reader.unit", "'unit' is inaccessible"),
        (.validator, "change.new = nil", "'change' is a 'let' constant"),
        (.validator, "_ = try reader.save(change)", "has no member 'save'"),
        (.validator, "_ = Work.init", "inaccessible"),
        (.notifier, "_ = try Part().store()", "has no member 'store'"),
        (.notifier, "throw APIError.notFound", "not handled"),
        (.notifier, "_ = Reader.init", "inaccessible"),
        (.dao, "_ = records.unit", "'unit' is inaccessible"),
        (.dao, "records.tell([])", "has no member 'tell'"),
        (.service, "_ = work.call", "has no member 'call'"),
        (.service, "_ = work.unit", "'unit' is inaccessible"),
        (.service, "_ = work.kit.store", "'store' is inaccessible"),
    ]

    @Test(arguments: Part.allCases)
    func aPartThatKeepsToItsJobCompiles(part: Part) throws {
        #expect(try Compiler.complaints(about: part.source("")) == "")
    }

    @Test(arguments: table)
    func aPartThatDoesNotIsRefused(part: Part, statement: String, complaint: String) throws {
        let complaints = try Compiler.complaints(about: part.source(statement))
        let errors = complaints.split(separator: "\n").filter { $0.contains(" error: ") }
        #expect(errors.contains { $0.contains(complaint) }, "\(complaints)")
    }
}

/// The compiler, over the modules that these tests were built with.
private enum Compiler {
    /// What it says about a file; nothing if it accepts it.
    static func complaints(about source: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        try source.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swiftc", "-typecheck", "-swift-version", "6", "-package-name", packageName, "-I", modules.path(), "-I",
            root.appending(path: "Sources/CSodium").path(), file.path(),
        ]
        let output = Pipe()
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self)
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// The package manager names a package after its directory.
    private static let packageName = String(
        root.lastPathComponent.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    )

    /// Next to the tests themselves.
    private static let modules = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "Modules")
}
