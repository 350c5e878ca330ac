//  What the parts of a plugin cannot do: code that tries does not compile.

import Foundation
import Testing

@Suite struct RefusalTests {
    /// A part of a plugin, and the lines around one statement in it.
    enum Part: String, CaseIterable, Sendable {
        case resource, validator, notifier, dao, service, plugin

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
            case .plugin:
                """
                struct Part: Plugin {
                static let name = "parts"
                static func routes(kit: Kit) -> [PluginRoute] {
                """
            }
        }

        private var tail: String {
            switch self {
            case .resource: "return .document(try service.read(id)) } }"
            case .validator: "return Violations() } }"
            case .notifier: "return [] } }"
            case .dao: "return try records.write(change) } }"
            case .plugin: "return [] } }"
            case .service: "return try work.save(Change(old: work.find(id), new: nil)) } }"
            }
        }
    }

    /// A part, what it tries, and what the compiler says of it.
    static let table: [(Part, String, String)] = [
        (.resource, "_ = service.kit", "'kit' is inaccessible"),
        (.resource, "_ = UnitOfWork.self", "cannot find 'UnitOfWork'"),
        (.resource, "_ = try service.transact { work in .null }", "'transact' is inaccessible"),
        (.resource, "_ = try service.find(id)", "'find' is inaccessible"),
        (.resource, "_ = try service.amend(id) { _ in }", "has no member 'amend'"),
        (.resource, "_ = Work.init", "inaccessible"),
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
        (.service, "_ = work.kit", "'kit' is inaccessible"),
        (.plugin, "_ = kit.store", "'store' is inaccessible"),
        // Tokens and credentials are made and checked only where Identity is imported.
        (.plugin, "_ = kit.identity.signer.token", "missing import of defining module 'Identity'"),
        (.plugin, "_ = kit.identity.hasher.credentials", "missing import of defining module 'Identity'"),
        (.plugin, "_ = kit.identity.box.open", "missing import of defining module 'Identity'"),
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

    /// What logs people in, and what holds their credentials; no other plugin has to do with either.
    @Test func onlyPluginsOfLoginsImportIdentity() throws {
        let plugins = Compiler.root.appending(path: "Sources/Plugins")
        let files = try FileManager.default.subpathsOfDirectory(atPath: plugins.path()).filter {
            $0.hasSuffix(".swift")
        }
        let importing = try files.filter { file in
            try String(contentsOf: plugins.appending(path: file), encoding: .utf8).contains("\nimport Identity\n")
        }
        let folders = Set(importing.compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(
            folders == [
                "APIAuth", "Accounts", "Auth", "Founding", "MultiFactor", "Security", "TokenAuth", "UserAuth", "Users",
            ]
        )
    }
}
