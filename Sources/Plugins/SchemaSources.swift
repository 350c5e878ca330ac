//  The schemas of the plugins' folders, compiled.

import PluginKit

extension DiscoveredPlugins {
    /// - Throws: `JSONError` or `SchemaError` for a schema that is wrong; the latter names every one.
    package static func schemaSet() throws -> SchemaSet {
        try SchemaSet(schemas.map { (name: $0.name, source: try JSON(parsing: $0.text)) })
    }
}
