//  jackfield export and import: one JSON file a document, fit for version control, and back.

import ArgumentParser
import DocumentStore
import PluginKit
import Plugins
import SQLiteStore

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes every document into a JSON file of its own.",
        discussion: """
            The files are those of one commit; a server may run meanwhile. They hold what no client sees, derived \
            passwords among it, and are for their owner only. Two exports of one state are the same, byte by byte. \
            Events and records are not in them: a backup has those too.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The directory to make; it must be empty if it exists.")
    var directory: String

    func run() throws {
        let settings = try options.read()
        let progress = Progress("written")
        let count = try withStoreFailures(settings.data) { () throws(StoreError) in
            try StoreReader(directory: settings.data).export(to: directory, progress: progress.report)
        }
        print("Wrote \(count) documents to \(directory).")
    }
}

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads documents that `jackfield export` wrote, or another switch's call detail records.",
        subcommands: [ImportDocuments.self, ImportCallRecords.self],
        defaultSubcommand: ImportDocuments.self
    )
}

struct ImportDocuments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "documents",
        abstract: "Reads what `jackfield export` wrote: all of it, or nothing.",
        discussion: """
            The server must be stopped. Documents that the store has already become what their files say; those that \
            have no file stay. If a file is not as it should be, it is named with the reason, and nothing is imported.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Argument(help: "The directory with the files.")
    var directory: String

    func run() throws {
        let settings = try options.read()
        let catalogue = Catalogue(DiscoveredPlugins.all, schemas: try DiscoveredPlugins.schemaSet())
        let progress = Progress("imported")
        let count = try withStoreFailures(settings.data) { () throws(StoreError) in
            let store = try SQLiteStore(directory: settings.data) { _ in }
            defer { store.close() }
            return try store.importDocuments(
                from: directory,
                project: { document throws(StoreError) in try catalogue.projection(of: document) },
                progress: progress.report
            )
        }
        print("Imported \(count) documents from \(directory).")
    }
}
