//  The command line.

import ArgumentParser
import Glibc

@main
struct Jackfield: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jackfield",
        abstract: "A configuration server for telephone systems.",
        version: Release.version,
        subcommands: [
            Initialise.self, Serve.self, RunRelay.self, LookAtEvents.self, Keys.self, ListPlugins.self,
            DescribeAPI.self, CheckStore.self, BackUp.self, Restore.self, Export.self, Import.self, Statistics.self,
            Purge.self, ShowSettings.self,
        ]
    )

    static func main() {
        // What is stored is for this user alone.
        umask(0o077)
        main(nil)
    }
}

enum Release {
    static let version = "0.1.0"
}

/// A failure as one sentence that says what to do.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}
