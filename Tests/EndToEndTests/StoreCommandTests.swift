//  What an operator does with the store: look at it, copy it, bring it back.

import Crypto
import Foundation
import Glibc
import JSON
import Testing

/// A data directory without a server, with the program that works on it.
private struct DataDirectory {
    let folder = FileManager.default.temporaryDirectory.appending(path: uniqueName("jackfield-"))
    var path: String { folder.appending(path: "data").path }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// One with the first documents.
    static func initialised() throws -> DataDirectory {
        let data = try DataDirectory()
        try #require(try data.jackfield("init", "--no-demo").status == 0)
        return data
    }

    func jackfield(_ arguments: String...) throws -> Outcome {
        try run(URL(filePath: try Stack.binary()), arguments + ["--data", path])
    }

    /// Runs the program where it may have only so much memory of its own.
    func jackfield(kilobytes: Int, _ arguments: [String]) throws -> Outcome {
        let limited = ["-c", "ulimit -d \(kilobytes) && exec \"$0\" \"$@\"", try Stack.binary()]
        return try run(URL(filePath: "/bin/bash"), limited + arguments + ["--data", path])
    }

    func file(_ name: String) -> String { folder.appending(path: name).path }

    /// The files of an export by their paths.
    func export(_ name: String) throws -> [String: Data] {
        let outcome = try jackfield("export", file(name))
        try #require(outcome.status == 0, "\(outcome)")
        return try files(in: name)
    }

    func files(in name: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: file(name)) {
            var isDirectory: ObjCBool = false
            FileManager.default.fileExists(atPath: "\(file(name))/\(path)", isDirectory: &isDirectory)
            if !isDirectory.boolValue { files[path] = FileManager.default.contents(atPath: "\(file(name))/\(path)") }
        }
        return files
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// Turns one bit of a file, behind the first place where a text stands.
private func flipBit(in path: String, behind text: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    let place = try #require(bytes.range(of: Data(text.utf8))).upperBound
    bytes[place] ^= 1
    try bytes.write(to: URL(filePath: path))
}

extension EndToEnd {
    @Suite struct StoreCommandTests {
        @Test func whatOnlyReadsWorksWhileTheServerRuns() throws {
            let stack = try Stack.current
            let copies = try DataDirectory()
            defer { copies.remove() }
            _ = try stack.session(.http).create("/menus", ["name": "a menu that is checked"])
            for arguments in [["check"], ["stats"], ["backup", copies.file("b")], ["export", copies.file("e")]] {
                let outcome = try run(URL(filePath: try Stack.binary()), arguments + ["--data", stack.data])
                #expect(outcome.status == 0, "\(arguments): \(outcome)")
                #expect(!outcome.output.isEmpty)
            }
            let check = try copies.jackfield("check", "--backup", copies.file("b"))
            #expect(check.output == "Everything is in order.\n", "\(check)")
        }

        @Test(arguments: ["restore", "import"])
        func whatWritesNeedsTheServerStoppedAndNamesIt(command: String) throws {
            let stack = try Stack.current
            let copies = try DataDirectory.initialised()
            defer { copies.remove() }
            try #require(try copies.jackfield("backup", copies.file("restore")).status == 0)
            _ = try copies.export("import")
            let outcome = try run(
                URL(filePath: try Stack.binary()),
                [command, copies.file(command), "--data", stack.data]
            )
            #expect(outcome.status != 0)
            #expect(outcome.error.contains("process \(try #require(stack.process))"), "\(outcome)")
        }

        @Test func aRestoredBackupIsTheStoreThatWasBackedUp() throws {
            let data = try DataDirectory.initialised()
            let other = try DataDirectory.initialised()
            defer { for data in [data, other] { data.remove() } }
            let before = try data.export("before")
            #expect(before.count >= 3)
            #expect(try data.jackfield("backup", data.file("b")).status == 0)
            // A store that is there is replaced only when that is asked for.
            #expect(try other.jackfield("restore", data.file("b")).error.contains("--replace"))
            let restored = try other.jackfield("restore", data.file("b"), "--replace")
            #expect(restored.status == 0, "\(restored)")
            #expect(try other.export("after") == before)
            #expect(try other.jackfield("check").output == "Everything is in order.\n")
            #expect(try other.jackfield("stats").output.contains("documents.account 1\n"))
        }

        @Test func anImportMakesTheStoreThatWasExported() throws {
            let data = try DataDirectory.initialised()
            let other = try DataDirectory()
            defer { for data in [data, other] { data.remove() } }
            let first = try data.export("first")
            #expect(try data.export("second") == first)
            let outcome = try other.jackfield("import", data.file("first"))
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try other.export("third") == first)
            #expect(try other.jackfield("check").output == "Everything is in order.\n")
        }

        @Test func aFileLargerThanTheMemoryGoesThroughEveryCommand() throws {
            let data = try DataDirectory()
            let imported = try DataDirectory()
            let restored = try DataDirectory()
            defer { for data in [data, imported, restored] { data.remove() } }
            // The first documents of a demonstration have sounds.
            try #require(try data.jackfield("init").status == 0)
            let files = try data.export("small")
            let path = try #require(files.keys.filter { $0.hasPrefix("attachments/") }.min())
            let digest = path.dropFirst("attachments/".count).replacing("/", with: "")
            let document = try #require(
                files.first { $0.key.hasSuffix(".json") && $0.value.range(of: Data(digest.utf8)) != nil }?.key
            )
            let large = Data(count: 128 << 20)
            let name = SHA256.hash(data: large).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let folder = "\(data.file("small"))/attachments/\(name.prefix(2))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try large.write(to: URL(filePath: "\(folder)/\(name.dropFirst(2))"))
            let text = try String(contentsOfFile: data.file("small/\(document)"), encoding: .utf8)
            try text.replacing(digest, with: name)
                .write(toFile: data.file("small/\(document)"), atomically: true, encoding: .utf8)

            let backup = data.file("b")
            let steps: [(DataDirectory, [String])] = [
                (imported, ["import", data.file("small")]), (imported, ["check"]), (imported, ["backup", backup]),
                (imported, ["check", "--backup", backup]), (restored, ["restore", backup]), (restored, ["check"]),
                (restored, ["export", data.file("again")]),
            ]
            for (data, arguments) in steps {
                let outcome = try data.jackfield(kilobytes: 96 << 10, arguments)
                try #require(outcome.status == 0, "\(arguments): \(outcome)")
            }
            let again = data.file("again/attachments/\(name.prefix(2))/\(name.dropFirst(2))")
            #expect(try Data(contentsOf: URL(filePath: again)) == large)
        }

        @Test func aDamagedImportIsNamedAndImportsNothing() throws {
            let data = try DataDirectory.initialised()
            defer { data.remove() }
            let before = try data.export("before")
            let path = try #require(before.keys.filter { $0.contains("/user/") }.min())
            let file = "\(data.file("before"))/\(path)"
            var text = try String(contentsOfFile: file, encoding: .utf8)
            text = text.replacingOccurrences(of: #""created""#, with: #""created"x"#)
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let outcome = try data.jackfield("import", data.file("before"))
            #expect(outcome.status != 0)
            #expect(outcome.error.contains(file) && outcome.error.contains("line "), "\(outcome)")
            #expect(try data.export("after") == before)
        }

        @Test func damageIsNamedByTheCheckAndNotRestored() throws {
            let data = try DataDirectory.initialised()
            let other = try DataDirectory()
            defer { for data in [data, other] { data.remove() } }
            #expect(try data.jackfield("backup", data.file("b")).status == 0)
            try flipBit(in: data.file("b"), behind: #"{"name":"de"#)
            let check = try data.jackfield("check", "--backup", data.file("b"))
            #expect(check.status == 1)
            #expect(check.output.contains("The checksum of document "), "\(check)")
            let restore = try other.jackfield("restore", data.file("b"))
            #expect(restore.status != 0)
            #expect(restore.error.contains("The checksum of document "), "\(restore)")
            #expect(!FileManager.default.fileExists(atPath: other.path + "/documents.sqlite"))
        }

        @Test func aFolderKeepsTheLatestBackups() throws {
            let data = try DataDirectory.initialised()
            defer { data.remove() }
            let folder = data.file("backups")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let old = ["jackfield-20200101T000000Z.backup", "jackfield-20210101T000000Z.backup", "of another.backup"]
            for name in old { FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil) }
            #expect(try data.jackfield("backup", folder, "--keep", "2").status == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names.count == 3 && !names.contains(old[0]) && names.contains(old[1]) && names.contains(old[2]))
        }

        @Test func callRecordsComeInFromAFileAndGoWhenTheyAreTooOld() throws {
            let data = try DataDirectory.initialised()
            defer { data.remove() }
            // Of January 2020, in seconds since the year 0.
            let lines = [
                #"{"call_id": "one", "timestamp": 63746352000, "duration_seconds": 30}"#,
                #"{"call_id": "two", "timestamp": 63746352001, "duration_seconds": 0}"#, "no record at all",
            ]
            let file = data.file("records.json")
            try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let imported = try data.jackfield("import", "cdrs", "--account", "demo", file)
            #expect(imported.status == 1 && imported.output == "2 records stored, 1 lines refused\n", "\(imported)")
            #expect(imported.error.contains("3"), "\(imported)")
            #expect(try data.jackfield("stats").output.contains("records.202001 "))

            let purged = try data.jackfield("purge")
            #expect(purged.status == 0 && purged.output == "record_months 1\n", "\(purged)")
            #expect(try !data.jackfield("stats").output.contains("records.202001"))
            #expect(try data.jackfield("purge").output == "")
            #expect(try data.jackfield("check").output == "Everything is in order.\n")
        }

        @Test func theDemoCompanyIsInOrder() throws {
            let data = try DataDirectory()
            defer { data.remove() }
            #expect(try data.jackfield("init").status == 0)
            let check = try data.jackfield("check")
            #expect(check.output == "Everything is in order.\n", "\(check)")
        }

        @Test func aStoreThatIsServedIsPurgedByItsServer() throws {
            let stack = try Stack.current
            let outcome = try run(URL(filePath: try Stack.binary()), ["purge", "--data", stack.data])
            #expect(outcome.status != 0)
            #expect(outcome.error.contains("process \(try #require(stack.process))"), "\(outcome)")
        }

        @Test(arguments: [["check"], ["stats"], ["purge"], ["backup", "/nowhere/b"], ["export", "/nowhere/e"]])
        func whereThereIsNoStoreOneSentenceSaysSo(arguments: [String]) throws {
            let outcome = try run(URL(filePath: try Stack.binary()), arguments + ["--data", "/nowhere"])
            #expect(outcome.status != 0)
            #expect(outcome.error.contains("/nowhere/documents.sqlite"), "\(outcome)")
        }
    }
}
