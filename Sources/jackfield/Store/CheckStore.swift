//  jackfield check: everything that is stored, looked at once.

import ArgumentParser
import DocumentStore
import PluginKit
import Plugins
import SQLiteStore

struct CheckStore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads everything that is stored and says what is damaged.",
        discussion: """
            Reads every document, row, key, reference, event, record and attachment, and compares what the indexes say \
            of each document with its fields. A server may run meanwhile; after an upgrade it first brings the indexes up \
            to date, and its log says when it has rebuilt them. Ends with 1 if anything is not in order, with a line for \
            each finding.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: ArgumentHelp("Look at a backup instead of the data directory.", valueName: "file"))
    var backup: String?

    func run() throws {
        let settings = try options.read()
        let catalogue = Catalogue(DiscoveredPlugins.all, schemas: try DiscoveredPlugins.schemaSet())
        let progress = Progress("checked")
        let findings = try withStoreFailures(settings.data) { () throws(StoreError) in
            let reader =
                if let backup { try StoreReader(backup: backup) } else { try StoreReader(directory: settings.data) }
            return try reader.check(
                project: { document throws(StoreError) in try catalogue.projection(of: document) },
                progress: progress.report
            )
        }
        for finding in findings { print(finding) }
        guard findings.isEmpty else { throw ExitCode.failure }
        print("Everything is in order.")
    }
}
