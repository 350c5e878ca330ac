//  What every plugin is: a name, and what answers under it.

import Gateway

/// A plugin of the server. `Sources/Plugins` has a folder for each; the build finds them there.
package protocol Plugin: Sendable {
    /// The word in the path: `users`.
    static var name: String { get }

    /// What answers under that name, made once, when the server starts.
    static func routes(kit: Kit) -> [PluginRoute]

    /// What is wrong with the declaration, found when the server starts: sentences that name the plugin.
    static func problems(kit: Kit) -> [String]
}

extension Plugin {
    package static func problems(kit: Kit) -> [String] { [] }
}

/// A route and the path that it answers under.
package struct PluginRoute: Sendable {
    package let template: RouteTemplate
    package let route: Route

    package init(_ template: RouteTemplate, _ route: Route) {
        self.template = template
        self.route = route
    }
}
