//  jackfield config: the settings that hold, and where each comes from.

import ArgumentParser

struct ShowSettings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows all settings: the value that holds, where it comes from, and what may be set.",
        discussion: """
            A setting is looked for on the command line, then in the environment (JACKFIELD_SERVER_WORKERS for \
            server.workers), then in the settings file: {"server": {"workers": 16}}. Ends with 1 and all mistakes if \
            there are any; a server would not start then.
            """
    )

    @OptionGroup var options: SettingsOptions

    @OptionGroup var disabled: DisabledOption

    func run() throws {
        let (_, reader) = try options.file.read(options.options.merging(disabled.options) { $1 })
        for entry in reader.entries {
            print("\(entry.key) = \(entry.value)  (\(entry.source))")
            print("    \(entry.help)\(entry.range.isEmpty ? "" : " [\(entry.range)]")")
        }
        for mistake in reader.mistakes { complain(mistake) }
        guard reader.mistakes.isEmpty else { throw ExitCode.failure }
    }
}
