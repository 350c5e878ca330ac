//  jackfield stats: how much of everything is stored.

import ArgumentParser
import DocumentStore
import Events
import JSON
import SQLiteStore

struct Statistics: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Says how much of everything is stored; a line each, name and number.",
        discussion: "The numbers are those of one commit; a server may run meanwhile. Sizes are in bytes."
    )

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.read()
        let contents = try withStoreFailures(settings.data) { () throws(StoreError) in
            try StoreReader(directory: settings.data).contents()
        }
        for kind in contents.kinds {
            print("documents.\(kind.type) \(kind.documents)")
            if kind.tombstones > 0 { print("tombstones.\(kind.type) \(kind.tombstones)") }
        }
        for (name, number) in [
            ("past_revisions", contents.pastRevisions), ("list_rows", contents.listRows),
            ("unique_keys", contents.uniqueKeys), ("references", contents.references),
            ("attachments", contents.attachments), ("events", contents.events),
        ] { print("\(name) \(number)") }
        for consumer in contents.consumers { print("waiting.\(consumer.name) \(consumer.waiting)") }
        // Only the server that runs knows of failures.
        if let socket = settings.eventsSocket, let client = try? EventClient(socket, stop: Stop()) {
            for (name, consumer) in (try? client.status()["consumers"]?.object) ?? [:] {
                print("failures.\(name) \(consumer["failures"]?.int ?? 0)")
            }
        }
        for month in contents.records { print("records.\(month.month) \(month.records)") }
        print("size.database \(contents.sizes.database)")
        print("size.log \(contents.sizes.log)")
        print("size.free \(contents.sizes.free)")
    }
}
