//  jackfield token: tokens for whoever runs the server, without a login.

import ArgumentParser
import Gateway
import Plugins

struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Makes a token for a user, or ends one.",
        discussion: "The server must be stopped: it alone may have the data directory.",
        subcommands: [Issue.self, Revoke.self]
    )

    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a token that speaks for a user.")

        @OptionGroup var place: Users.Place

        @Argument(help: "The name the user logs in with.")
        var username: String

        @Option(help: "How long it lasts, in seconds: 1 to 43200.")
        var seconds = 3_600

        func validate() throws {
            guard (1...43_200).contains(seconds) else {
                throw ValidationError("--seconds is a number from 1 to 43200.")
            }
        }

        func run() throws {
            try place.run { worker, account throws(APIError) in
                print(try worker.token(for: username, in: account, lifetime: Int64(seconds)))
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a token, which is read from standard input."
        )

        @OptionGroup var options: SettingsOptions

        func run() throws {
            let token = readLine() ?? ""
            try Operator.work(in: options.read()) { worker throws(APIError) in try worker.revoke(token) }
        }
    }
}
