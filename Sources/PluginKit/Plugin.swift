//  What every plugin is: a name, and what answers under it.

import Gateway

/// A plugin of the server. `Sources/Plugins` has a folder for each; the build finds them there.
package protocol Plugin: Sendable {
    /// The word in the path: `users`.
    static var name: String { get }

    /// What it is for, in one sentence; nil if its schema says so.
    static var summary: String? { get }

    /// Where it differs from what its name promises to those who know Crossbar; nil if nowhere.
    static var notes: String? { get }

    /// What answers under that name, made once, when the server starts.
    static func routes(kit: Kit) -> [PluginRoute]

    /// What is wrong with the declaration, found when the server starts: sentences that name the plugin.
    static func problems(kit: Kit) -> [String]
}

extension Plugin {
    package static var summary: String? { nil }
    package static var notes: String? { nil }
    package static func problems(kit: Kit) -> [String] { [] }
}

/// A route and the path that it answers under.
package struct PluginRoute: Sendable {
    package let template: RouteTemplate
    package internal(set) var route: Route
    /// What goes in and out, for the description of the server and for its pages.
    package let content: RouteContent
    /// What a button says that does what a `PUT` without a document does here; nil if there is no such thing to do.
    package let button: String?

    package init(
        _ template: RouteTemplate,
        _ route: Route,
        _ content: RouteContent = .anything,
        button: String? = nil
    ) {
        self.template = template
        var route = route
        route.placeholders = template.placeholders
        self.route = route
        self.content = content
        self.button = button
    }
}

extension PluginRoute {
    /// The same of the master account's own documents, for its administrators: without an account in the path, which then
    /// is the caller's.
    package var ofMaster: PluginRoute {
        let account = "/accounts/{account}"
        let path = template.description
        var route = route
        route.methods = route.methods.map { ($0.method, .superduper) }
        return PluginRoute(
            RouteTemplate(path.hasPrefix(account) ? String(path.dropFirst(account.count)) : path),
            route,
            content,
            button: button
        )
    }
}

/// What goes in and out of a route. A schema is meant by its name.
package enum RouteContent: Sendable {
    case anything
    /// Rows come out, a document goes in.
    case collection(schema: String)
    case document(schema: String)
    /// An account's own settings go in; they come out under `account`, beside what holds with them.
    case settings(schema: String)
    /// Rows come out.
    case rows
    /// A value comes out that has rows in a field, a document goes in.
    case index(field: String, schema: String)
    /// The elements of an array go in and out, in a field.
    case elements(field: String, schema: String)
    /// One link is in the path; the left document comes out.
    case link(schema: String)
    /// The ids of all links go in, the left document comes out.
    case links(schema: String, field: String)
    /// A file of one of these media types goes in and out; a change answers with the document that it belongs to.
    case file(mediaTypes: [String], schema: String)
}
