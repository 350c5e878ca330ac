//  jackfield user: for whoever runs the server and cannot log in.

import ArgumentParser
import Gateway
import Glibc
import Identity
import JSON
import Logging
import PluginKit
import Plugins

struct Users: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Lists users, makes one, and lets one in again who lost a password or a second factor.",
        discussion: "The server must be stopped: it alone may have the data directory.",
        subcommands: [List.self, Add.self, SetPassword.self, DisableFactor.self]
    )

    /// Where a user is.
    struct Place: ParsableArguments {
        @OptionGroup var options: SettingsOptions

        @Option(help: "The account's name or realm; the master account if there is none.")
        var account: String?

        /// Calls `body` with the account's id.
        func run(_ body: (Operator, _ account: String) throws(APIError) -> Void) throws {
            try Operator.work(in: options.read()) { worker throws(APIError) in try body(worker, worker.account(account))
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the users of an account.")

        @OptionGroup var place: Place

        func run() throws {
            try place.run { worker, account throws(APIError) in
                for user in try worker.users(in: account) {
                    let words = ["id", "username", "priv_level"].map { user[$0]?.string ?? "-" }
                    print(words.joined(separator: "  "))
                }
            }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a user.", discussion: Password.explanation)

        @OptionGroup var place: Place

        @Argument(help: "The name to log in with.")
        var username: String

        @Flag(help: "Make an administrator of the account.")
        var admin = false

        func run() throws {
            let password = Password()
            try place.run { worker, account throws(APIError) in
                let id = try worker.addUser(
                    username,
                    password: password.text,
                    isAdministrator: admin,
                    in: account
                )
                print("id: \(id)")
                password.printIfMade()
            }
        }
    }

    struct SetPassword: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a user another password, switches the user on, and ends the user's sessions.",
            discussion: Password.explanation
        )

        @OptionGroup var place: Place

        @Argument(help: "The name the user logs in with.")
        var username: String

        func run() throws {
            let password = Password()
            try place.run { worker, account throws(APIError) in
                try worker.setPassword(password.text, of: username, in: account)
                password.printIfMade()
            }
        }
    }

    struct DisableFactor: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes a user's second factor away, and ends the user's sessions."
        )

        @OptionGroup var place: Place

        @Argument(help: "The name the user logs in with.")
        var username: String

        func run() throws {
            try place.run { worker, account throws(APIError) in
                let hadOne = try worker.endSecondFactor(of: username, in: account)
                print(hadOne ? "The second factor is gone." : "There was no second factor.")
            }
        }
    }
}

/// A new password: from the environment, so that no list of processes shows it, or made here.
struct Password {
    static let explanation = """
        The password is read from the environment variable JACKFIELD_PASSWORD; without it one is made and printed.
        """

    let text: String
    private let isMade: Bool

    init() {
        let given = getenv("JACKFIELD_PASSWORD").map { String(cString: $0) } ?? ""
        isMade = given.isEmpty
        text = given.isEmpty ? DocumentID.random().text : given
    }

    func printIfMade() { if isMade { print("password: \(text)") } }
}

extension Operator {
    /// Opens a data directory for an operator's work.
    ///
    /// - Throws: `Failure` with a sentence that says what to do.
    static func work(in settings: Settings, _ body: (Operator) throws(APIError) -> Void) throws {
        let application = try Application(settings) { failure in
            LogLines.write(level: .critical, "the disk failed; nothing more is stored", ["reason": "\(failure)"])
        }
        defer { application.close() }
        guard application.kit.installation.isComplete else {
            throw Failure("The data directory \(settings.data) is not set up; run `jackfield init`.")
        }
        do {
            try body(Operator(application.kit, time: Application.now()))
        } catch {
            throw Failure(error)
        }
    }
}

extension Failure {
    /// What a refusal means to whoever typed the command.
    ///
    /// - Parameter outcome: what has come of the command.
    init(_ error: APIError, outcome: String = "Nothing was changed") {
        switch error {
        case .badIdentifier(let name): self.init("There is no \(name) here, or it is switched off.")
        case .invalidCredentials, .expiredToken: self.init("This token is not good any more.")
        case .validation(let violations): self.init("\(outcome): \(violations.text()).")
        case .internalFault(let reason): self.init("\(outcome): \(reason).")
        default: self.init("\(outcome): \(error.message).")
        }
    }
}
