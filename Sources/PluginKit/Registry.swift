//  All plugins that are on, and the routes that follow from them.

import Gateway

/// The plugins of a running server.
package struct Registry: Router {
    package let vocabulary: Vocabulary
    /// Every route by its path, for pages, documentation and tests.
    package let all: [PluginRoute]
    /// Routes by the module that ends their path, the more specific first.
    private let routes: [String: [PluginRoute]]

    /// - Throws: `RegistryError` with everything that is inconsistent.
    package init(_ plugins: [any Plugin.Type], kit: Kit) throws(RegistryError) {
        let vocabulary = Vocabulary(registered: plugins.flatMap { $0.name.split(separator: "/").map(String.init) })
        var problems = kit.catalogue.problems
        var routes: [String: [PluginRoute]] = [:]
        var owners: [String: String] = [:]
        for plugin in plugins {
            problems += plugin.problems(kit: kit)
            for route in plugin.routes(kit: kit) {
                if let owner = owners.updateValue(plugin.name, forKey: route.template.shape) {
                    problems.append("\(plugin.name): \(route.template) is answered by \(owner) already")
                }
                guard let module = route.template.lastModule(vocabulary) else {
                    problems.append("\(plugin.name): \(route.template) begins with no plugin's name")
                    continue
                }
                routes[module, default: []].append(route.readingForms(plugin.name, kit))
            }
        }
        guard problems.isEmpty else { throw RegistryError(problems: problems.sorted()) }
        self.routes = routes.mapValues { $0.sorted { $0.template.fixedWords > $1.template.fixedWords } }
        self.vocabulary = vocabulary
        all = routes.values.flatMap { $0 }.sorted { $0.template.description < $1.template.description }
    }

    package func route(to nouns: [Noun]) -> Route? { plugged(to: nouns)?.route }

    /// The route with what goes in and out of it.
    package func plugged(to nouns: [Noun]) -> PluginRoute? {
        guard let last = nouns.last else { return nil }
        return routes[last.module]?.first { $0.template.matches(nouns) }
    }
}

extension PluginRoute {
    /// The route, reading forms as its schema says.
    fileprivate func readingForms(_ plugin: String, _ kit: Kit) -> PluginRoute {
        guard let read = content.readForm(plugin, kit.schemas) else { return self }
        var route = self
        route.route.readForm = read
        return route
    }
}

/// Why the server cannot start with these plugins.
package struct RegistryError: Error, Equatable, CustomStringConvertible {
    /// Sentences, each naming the plugin.
    package let problems: [String]

    package var description: String { problems.joined(separator: "\n") }
}
