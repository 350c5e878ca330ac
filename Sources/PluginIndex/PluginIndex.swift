//  Before each build of the plugins: list their folders and embed their schemas.

import Foundation
import PackagePlugin

@main
struct PluginIndex: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = target.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "DiscoveredPlugins.swift")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }
            .filter { $0.lastPathComponent.hasSuffix("Plugin.swift") || $0.lastPathComponent.hasSuffix(".schema.json") }
        return [
            .buildCommand(
                displayName: "Listing the plugins",
                executable: try context.tool(named: "plugin-index").url,
                arguments: [folder.path(), output.path()],
                inputFiles: files ?? [],
                outputFiles: [output]
            )
        ]
    }
}
