//  A server on an empty data directory, for what the plugins alone say.

import DocumentStore
import Foundation
import PluginKit
import Plugins

extension Application {
    /// Calls `body` with a server on a directory of its own, which is gone afterwards.
    static func withScratch(
        plugins: [any Plugin.Type] = DiscoveredPlugins.all,
        _ body: (Application) throws -> Void
    ) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "jackfield-\(DocumentID.random())")
        defer { try? FileManager.default.removeItem(at: directory) }
        var settings = Settings(data: directory.path())
        settings.plugins = plugins
        let application = try Application(settings, isNew: true) { _ in }
        defer { application.close() }
        try body(application)
    }
}
