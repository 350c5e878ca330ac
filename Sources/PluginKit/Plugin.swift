//  What every plugin is: a name, and what answers under it.

import Gateway

/// A plugin of the server. `Sources/Plugins` has a folder for each; the build finds them there.
package protocol Plugin: Sendable {
    /// The word in the path: `users`.
    static var name: String { get }

    /// Returns what answers under nouns that end in this plugin's name, or nil if nothing does.
    static func route(to nouns: [Noun], kit: Kit) -> Route?

    /// What is wrong with the declaration, found when the server starts: sentences that name the plugin.
    static func problems(kit: Kit) -> [String]
}

extension Plugin {
    package static func problems(kit: Kit) -> [String] { [] }
}
