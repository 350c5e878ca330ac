//  What of the settings can be given on the command line.

import ArgumentParser
import Configuration
import Foundation
import Glibc

/// Options of commands that work on a data directory.
struct SettingsOptions: ParsableArguments {
    @OptionGroup var file: SettingsFileOption

    @Option(name: .customLong("data"), help: ArgumentHelp("The data directory.", valueName: "directory"))
    var data: String?

    @Option(help: ArgumentHelp("The file of the pepper, if it is kept apart from the data.", valueName: "file"))
    var pepper: String?

    /// - Parameter more: options of the command, by the setting's key.
    /// - Throws: `Failure` with all mistakes, a line each.
    func read(_ more: [String: (name: String, value: ConfigContent)] = [:]) throws(Failure) -> Settings {
        let (settings, reader) = try file.read(options.merging(more) { $1 })
        guard !settings.data.isEmpty else {
            throw Failure(
                "Say where the data is: --data DIRECTORY, JACKFIELD_DATA, or \"data\" in the settings file."
            )
        }
        guard reader.mistakes.isEmpty else { throw Failure(reader.mistakes.joined(separator: "\n")) }
        return settings
    }

    var options: [String: (name: String, value: ConfigContent)] {
        var options: [String: (name: String, value: ConfigContent)] = [:]
        if let data { options["data"] = ("--data", .string(data)) }
        if let pepper { options["pepper"] = ("--pepper", .string(pepper)) }
        return options
    }
}

/// Options of commands that only need to know which plugins are on.
struct PluginOptions: ParsableArguments {
    @OptionGroup var file: SettingsFileOption

    @OptionGroup var disabled: DisabledOption

    func read() throws(Failure) -> Settings {
        let (settings, reader) = try file.read(disabled.options)
        guard reader.mistakes.isEmpty else { throw Failure(reader.mistakes.joined(separator: "\n")) }
        return settings
    }
}

struct DisabledOption: ParsableArguments {
    @Option(
        name: .customLong("disable"),
        help: ArgumentHelp("Switch a plugin off; can be given several times.", valueName: "plugin")
    )
    var disabled: [String] = []

    var options: [String: (name: String, value: ConfigContent)] {
        disabled.isEmpty ? [:] : ["plugins.disabled": ("--disable", .stringArray(disabled))]
    }
}

struct SettingsFileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The settings file (default: JACKFIELD_CONFIG, else \(SettingsFile.standardPath) if it is there).",
            valueName: "file"
        )
    )
    var config: String?

    /// - Throws: `Failure` if a file that was named cannot be read.
    func read(
        _ options: [String: (name: String, value: ConfigContent)]
    ) throws(Failure) -> (settings: Settings, reader: SettingsReader) {
        let environment = ProcessInfo.processInfo.environment
        let standard = access(SettingsFile.standardPath, F_OK) == 0 ? SettingsFile.standardPath : nil
        let path = config ?? environment["JACKFIELD_CONFIG"] ?? standard
        let file = try path.map { path throws(Failure) in try SettingsFile(path) }
        let reader = SettingsReader(options: options, environment: environment, file: file)
        let settings = Settings(reader)
        reader.refuseTheRest()
        return (settings, reader)
    }
}
