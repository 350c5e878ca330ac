//  jackfield plugins: what there is, what it answers, and whether it is on.

import ArgumentParser
import Gateway
import PluginKit
import Plugins

struct ListPlugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Lists the plugins with their routes, their verbs and whether they are on.",
        discussion: """
            A name that is listed here can be given to --disable. With a name it prints that plugin's page, as Markdown.
            """
    )

    @OptionGroup var options: PluginOptions

    @Argument(help: "The plugin whose page is printed.")
    var name: String?

    func run() throws {
        guard let name else { return try list() }
        guard let plugin = DiscoveredPlugins.all.first(where: { $0.name == name }) else {
            throw Failure("There is no plugin \(name). `jackfield plugins` lists them.")
        }
        try Application.withScratch { application in
            print(PluginPage(plugin, application.kit).markdown, terminator: "")
        }
    }

    private func list() throws {
        let on = Set(try options.read().plugins.map { $0.name })
        try Application.withScratch { application in
            for plugin in DiscoveredPlugins.all.sorted(by: { $0.name < $1.name }) {
                print("\(plugin.name): \(on.contains(plugin.name) ? "on" : "off")")
                for route in plugin.routes(kit: application.kit) {
                    let verbs = route.route.methods.map(\.method.rawValue).joined(separator: " ")
                    print("  /v2\(route.template)  \(verbs)")
                }
            }
        }
    }
}
