//  Writes the list of plugins and the text of their schemas as Swift.
//
//  A file `MenusPlugin.swift` holds the plugin `MenusPlugin`; a file `menus.schema.json` holds the schema `menus`.

import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: plugin-index FOLDER OUTPUT\n".utf8))
    exit(2)
}
let files = (FileManager.default.enumerator(atPath: arguments[1])?.compactMap { $0 as? String } ?? []).sorted()

let plugins = files.filter { $0.hasSuffix("Plugin.swift") }
    .map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }

let suffix = ".schema.json"
let schemas = try files.filter { $0.hasSuffix(suffix) }.map { path in
    (
        name: String(URL(fileURLWithPath: path).lastPathComponent.dropLast(suffix.count)),
        text: try String(contentsOfFile: arguments[1] + "/" + path, encoding: .utf8)
    )
}

let code = """
    //  Made by plugin-index from the folders of Sources/Plugins.

    import PluginKit

    package enum DiscoveredPlugins {
        package static let all: [any Plugin.Type] = [
    \(plugins.map { "        \($0).self," }.joined(separator: "\n"))
        ]

        /// The schemas by name, as text.
        package static let schemas: [(name: String, text: String)] = [
    \(schemas.map { "        (\n            \"\($0.name)\",\n            ###\"\"\"\n\($0.text)\n\"\"\"###\n        )," }.joined(separator: "\n"))
        ]
    }

    """
try code.write(toFile: arguments[2], atomically: true, encoding: .utf8)
