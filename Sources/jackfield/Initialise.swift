//  jackfield init: a data directory with its first account and its first login.

import ArgumentParser
import DocumentStore
import Gateway
import Identity
import Logging
import PluginKit
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

    @OptionGroup var options: SettingsOptions

    @Option(help: "The master account's name.")
    var account = "demo"

    @Option(help: "The administrator's user name.")
    var username = "admin"

    @Flag(help: "Leave the demo company out.")
    var noDemo = false

    func run() throws {
        let application = try Application(try options.read(), isNew: true) { failure in
            LogLines.write(level: .critical, "the disk failed; nothing more is stored", ["reason": "\(failure)"])
        }
        defer { application.close() }
        if application.kit.installation.isComplete { return }

        let password = Password()
        password.printIfMade()
        let founding = Founding(application.kit, time: Application.now())
        do throws(APIError) {
            try founding.makeMasterAccount(named: account)
            try founding.makeAdministrator(username, password: password.text)
            if !noDemo { try founding.makeDemoCompany() }
            try application.completeInstallation()
        } catch {
            throw Failure(error, outcome: "The data directory is not complete; call this again when it can be")
        }
    }
}
