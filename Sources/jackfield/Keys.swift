//  jackfield keys: the secrets that sign tokens.

import ArgumentParser
import Identity

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Changes the keys that sign tokens.",
        subcommands: [Rotate.self]
    )

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the next key the one that signs.",
            discussion: """
                Tokens of the key before are accepted as long as they may live. A running server signs with the new key \
                when it reloads its settings (SIGHUP), or when it is started again.
                """
        )

        @OptionGroup var options: SettingsOptions

        func run() throws {
            let settings = try options.read()
            do {
                var keys = try KeySet.load(from: settings.data + "/keys", pepperPath: settings.pepper)
                try keys.rotate(now: Application.now())
            } catch IdentityError.keyFile(let path, let reason) {
                throw Failure("\(path): \(reason). Nothing was changed.")
            }
            print("The keys are rotated; reload the server to sign with the new one.")
        }
    }
}
