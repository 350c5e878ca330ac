//  jackfield purge: what the server lets go of while it runs, at once and without it.

import ArgumentParser
import DocumentStore
import PluginKit
import SQLiteStore

struct Purge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Removes what was kept for its time: tombstones, past revisions, delivered events and the like.",
        discussion: "A server does that by itself while it runs; this is for one that is stopped."
    )

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.read()
        let now = Application.now()
        let report = try withStoreFailures(settings.data) { () throws(StoreError) in
            // Not to begin a store where there is none.
            _ = try StoreReader(directory: settings.data)
            let store = try SQLiteStore(directory: settings.data) { _ in }
            defer { store.close() }
            let housekeeping = Housekeeping(
                store: store,
                revocations: try Revocations(store: store, now: now),
                retention: settings.retention
            )
            return try housekeeping.run(now: now)
        }
        for (name, count) in report { print("\(name) \(count)") }
    }
}
