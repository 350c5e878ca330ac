//  Which plugins are on.

import ArgumentParser
import PluginKit
import Plugins

struct PluginOptions: ParsableArguments {
    @Option(
        name: .customLong("disable"),
        help: ArgumentHelp("Switch a plugin off; can be given several times.", valueName: "plugin")
    )
    var disabled: [String] = []

    /// - Throws: `Failure` with every name that no plugin has.
    func selected() throws(Failure) -> [any Plugin.Type] {
        do {
            return try PluginSelection(DiscoveredPlugins.all, without: disabled).plugins
        } catch {
            throw Failure("\(error). `jackfield plugins` lists them.")
        }
    }
}
