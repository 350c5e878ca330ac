//  jackfield init: a data directory with its first account and its first login.

import ArgumentParser
import DocumentStore
import Glibc
import Identity
import Plugins

struct Initialise: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes a data directory with a master account, an administrator and a demo company.",
        discussion: """
            The administrator's password is read from the environment variable JACKFIELD_PASSWORD; without it one is \
            made and printed. A data directory that is set up already stays as it is.
            """
    )

    @OptionGroup var data: DataOption

    @Option(help: "The master account's name.")
    var account = "demo"

    @Option(help: "The administrator's user name.")
    var username = "admin"

    @Flag(help: "Leave the demo company out.")
    var noDemo = false

    func run() throws {
        let application = try Application(data: data.directory, createKeys: true) { failure in
            LogLines.write(level: "critical", "the disk failed; nothing more is stored", ["reason": "\(failure)"])
        }
        defer { application.close() }
        let founding = Founding(application.kit, time: Application.now())
        if try founding.hasMasterAccount(), try founding.hasUser(username) { return }

        var password = getenv("JACKFIELD_PASSWORD").map { String(cString: $0) } ?? ""
        if password.isEmpty {
            password = DocumentID.random().text
            print("password: \(password)")
        }
        if try !founding.hasMasterAccount() { try founding.makeMasterAccount(named: account) }
        if !noDemo { try founding.makeDemoCompany(password: password) }
        // The administrator comes last: his being there says that everything else is.
        try founding.makeAdministrator(username, password: password)
    }
}
