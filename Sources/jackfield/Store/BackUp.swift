//  jackfield backup and restore: the whole store in one file, and back.

import ArgumentParser
import DocumentStore
import Foundation
import Gateway
import SQLiteStore

struct BackUp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies everything that is stored into one file.",
        discussion: """
            The copy is of one commit; a server may run and write meanwhile. The keys are not in it: keep a copy of \
            them elsewhere, because without the pepper a backup gives nobody a login. With --keep, FILE is a folder: \
            the backup is named by its time, and of the backups in it only the latest stay.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: ArgumentHelp("How many backups stay in the folder.", valueName: "number"))
    var keep: Int?

    @Argument(help: "The file to make, or with --keep the folder to make it in.")
    var file: String

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep is a number from 1.") }
    }

    func run() throws {
        let settings = try options.read()
        let time = timestamp(Application.now()).filter { $0 != "-" && $0 != ":" }
        let path = keep == nil ? file : "\(file)/\(Self.prefix)\(time)\(Self.suffix)"
        let progress = Progress("copied")
        try withStoreFailures(settings.data) { () throws(StoreError) in
            try StoreReader(directory: settings.data).backup(to: path, progress: progress.report)
        }
        print(path)
        if let keep { try removeAll(but: keep) }
    }

    private static let prefix = "jackfield-"
    private static let suffix = ".backup"

    /// Names sort by time.
    private func removeAll(but count: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: file)
            .filter { $0.hasPrefix(Self.prefix) && $0.hasSuffix(Self.suffix) }.sorted()
        for name in names.dropLast(count) { try FileManager.default.removeItem(atPath: "\(file)/\(name)") }
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the store of a data directory out of a backup.",
        discussion: """
            The server must be stopped. Everything in the backup is looked at first; if anything is damaged, nothing \
            is restored.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Replace the store that is there; it stays beside the new one as documents.sqlite.replaced.")
    var replace = false

    @Argument(help: "A file that `jackfield backup` made.")
    var file: String

    func run() throws {
        let settings = try options.read()
        let progress = Progress("copied")
        do throws(StoreError) {
            try SQLiteStore.restore(
                from: file,
                to: settings.data,
                isReplacing: replace,
                progress: progress.report
            )
        } catch .io(_, "It is in use.") {
            throw Failure("\(settings.data) has a store already; give --replace, or choose another --data.")
        } catch {
            throw Failure(error, data: settings.data)
        }
        print("Restored \(file) to \(settings.data).")
    }
}
