//  Which plugins an operator leaves on.

/// The plugins of a server without those that are switched off by name: their routes, access rules and rows are not
/// there. Documents that they wrote stay.
package struct PluginSelection: Sendable {
    package let plugins: [any Plugin.Type]

    /// - Throws: `RegistryError` with every name that no plugin has.
    package init(_ all: [any Plugin.Type], without disabled: [String]) throws(RegistryError) {
        let known = Set(all.map { $0.name })
        let unknown = Set(disabled).subtracting(known).sorted()
        guard unknown.isEmpty else {
            throw RegistryError(problems: unknown.map { "\($0): there is no plugin with this name" })
        }
        plugins = all.filter { !disabled.contains($0.name) }
    }
}
