//  How short a plugin is: the lines of its declaration, without blank lines and comments.

import Foundation
import Plugins
import Testing

@testable import PluginKit

@Suite struct SizeTests {
    private static let plugins = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/Plugins").standardizedFileURL

    /// Resources that replace a part of the kit or compute fields; all others are declarations and no more.
    private static let special: Set<String> = [
        "accounts", "alerts", "apps_store", "callflows", "conferences", "configs", "devices", "directories",
        "faxboxes", "groups", "limits", "media", "phone_numbers", "users", "vmboxes", "vmboxes_messages", "webhooks",
        "whitelabel",
    ]

    /// The lines of a file that say something: neither empty nor a comment.
    private func lines(of file: URL) throws -> Int {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .count { !$0.isEmpty && !$0.hasPrefix("//") }
    }

    private func lines(of plugin: any Plugin.Type) throws -> Int {
        let name = "\(plugin)"
        let folder = Self.plugins.appending(path: String(name.dropLast("Plugin".count)))
        return try lines(of: folder.appending(path: "\(name).swift"))
    }

    @Test func aPlainResourceTakesAtMostTwentyLines() throws {
        let plain = DiscoveredPlugins.all.filter { $0 is any ResourcePlugin.Type && !Self.special.contains($0.name) }
        #expect(plain.count >= 7)
        for plugin in plain { #expect(try lines(of: plugin) <= 20, "\(plugin)") }
    }

    @Test func anAssociationAndAnAttachmentTakeAtMostTenLines() throws {
        let associations = DiscoveredPlugins.all.filter {
            $0 is any AssociationPlugin.Type || $0 is any AttachmentPlugin.Type
        }
        #expect(associations.count >= 6)
        for plugin in associations { #expect(try lines(of: plugin) <= 10, "\(plugin)") }
    }
}
